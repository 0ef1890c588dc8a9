// Ends this process when its standard input closes: whoever started it is gone then, however it went.
process.stdin.on("end", () => process.exit(0)).resume();
