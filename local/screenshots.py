"""Pictures of the status page in its three main states, for the documents and for whoever wants to look at it.

`python -m local.screenshots FOLDER` runs the demo's cloud, drops the demo's files in two heaps, and writes
status-empty.png, status-fine.png and status-hand.png.
"""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from local.cloud import Cloud, cloud
from local.demo import await_receipts, host, page_address
from local.directory import contoso
from local.samples import Sample, samples
from photo_sync.settings import PHOTOS

_WIDTH = 1100
_COLOURS = 255
_LOADED = """() => {
  const faces = [...document.querySelectorAll("#faces li")].filter((each) => each.checkVisibility());
  return document.querySelector("#health:not([hidden])") && faces.every((each) => each.querySelector("img"));
}"""


def take(machine: Cloud, browser: Browser, folder: Path) -> list[Path]:
    """Take the three pictures in a cloud in which nothing was dropped yet; returns where they are."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"status-{state}.png" for state in ("empty", "fine", "hand")]
    good, bad = (
        [sample for sample in samples() if (sample.outcome == "synced") is is_good] for is_good in (True, False)
    )
    with host(machine) as log, browser.new_page(viewport={"width": _WIDTH, "height": 600}) as page:
        page.goto(page_address(log))
        for path, dropped in zip(paths, ([], good, bad), strict=True):
            _drop(machine, dropped)
            page.reload()
            page.wait_for_function(_LOADED)
            page.screenshot(path=path, full_page=True, animations="disabled")
    return paths


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run this machine's Chromium or Chrome without a window, inside the block."""
    found = shutil.which("chromium") or shutil.which("google-chrome")
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=found, args=["--no-sandbox"]) as it,
    ):
        yield it


def main() -> None:
    """Take them into the folder that is named, else into build/."""
    with cloud(contoso()) as machine, chromium() as browser:
        for path in take(machine, browser, Path(sys.argv[1] if len(sys.argv) > 1 else "build")):
            _reduce(path)


def _drop(machine: Cloud, dropped: list[Sample]) -> None:
    container = machine.blobs.get_container_client(PHOTOS)
    for sample in dropped:
        container.upload_blob(sample.name, sample.data)
    if len(await_receipts(machine, dropped)) < len(dropped):
        raise RuntimeError("Some files have no receipt yet.")


def _reduce(path: Path) -> None:
    """Leave it few colours, so that it is small."""
    with Image.open(path) as image:
        reduced = image.convert("RGB").quantize(_COLOURS, kmeans=1, dither=Image.Dither.NONE)
    reduced.save(path, optimize=True)


if __name__ == "__main__":
    main()
