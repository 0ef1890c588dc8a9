// Measures sharp for cost.py, in the same way: sharp.mjs EDGE QUALITY FILE TINY RUNS SECONDS prints
// {"cpu": milliseconds, "memory": megabytes}; without a file it prints its version and that of its libvips.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(new URL("../local/package.json", import.meta.url));
const sharp = require("sharp");

const MOST_RUNS = 25;
const [edge, quality, file, tiny, runs, seconds] = process.argv.slice(2);

sharp.concurrency(1);
sharp.cache(false);

function make(data) {
  return sharp(data)
    .autoOrient()
    .resize(Number(edge), Number(edge), { fit: "cover" })
    .flatten({ background: "white" })
    .jpeg({ quality: Number(quality), chromaSubsampling: "4:2:0", optimiseCoding: false })
    .toBuffer();
}

function forgetPeak() {
  try {
    writeFileSync("/proc/self/clear_refs", "5");
  } catch {
    // Only Linux forgets.
  }
}

function peakMegabytes() {
  try {
    return (Number(/VmHWM:\s*(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))[1]) * 1024) / 1e6;
  } catch {
    return (process.resourceUsage().maxRSS * 1024) / 1e6;
  }
}

async function milliseconds(data) {
  const begun = process.cpuUsage();
  await make(data);
  const { user, system } = process.cpuUsage(begun);
  return (user + system) / 1000;
}

async function measure(leastRuns, mostMilliseconds) {
  const data = readFileSync(file);
  await make(readFileSync(tiny));
  forgetPeak();
  const before = peakMegabytes();
  const warm = await milliseconds(data);
  const memory = peakMegabytes() - before;
  const runs = [];
  let sum = 0;
  while (runs.length < leastRuns || (sum < mostMilliseconds && runs.length < MOST_RUNS)) {
    runs.push(await milliseconds(data));
    sum += runs.at(-1);
  }
  runs.sort((one, other) => one - other);
  return { cpu: runs.length ? runs[Math.floor(runs.length / 2)] : warm, memory };
}

if (file) console.log(JSON.stringify(await measure(Number(runs), Number(seconds) * 1000)));
else console.log(`${sharp.versions.sharp} (libvips ${sharp.versions.vips})`);
