"""All of it on one machine: pictures dropped into a folder become photos in an emulated Microsoft 365.

`python -m local.demo` stays up until Ctrl-C; with `--once` it ends by itself.
"""

import os
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import cast

import requests
from PIL import Image, ImageColor
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from local.cloud import Cloud, cloud
from local.directory import contoso
from local.drop import mirror
from local.samples import Sample, samples
from photo_sync.receipts import Receipt, Receipts
from photo_sync.settings import PHOTOS, RECEIPTS

_DROP = Path("drop")
_PATIENCE_SECONDS = 90
_TOLERANCE = 24  # of 255: colours pass through JPEG, and once through CMYK
_out = Console(highlight=False) if sys.stdout.isatty() else Console(highlight=False, width=140)


def main() -> None:
    """Run the demo; its status is 0 only if every sample became what it must."""
    dropped = samples()
    try:
        with cloud(contoso()) as machine, host(machine) as log, dropping(machine, dropped):
            wrong = show(machine, dropped, await_receipts(machine, dropped))
            if wrong:
                _out.print(f"[red]The local host said:[/]\n{escape(log.read_text('utf-8'))}")
            if "--once" not in sys.argv[1:]:
                _out.print(f"\nThe tenant's directory: [bold]{machine.graph.root}/[/]")
                _out.print(
                    f"Save a picture as [bold]{_DROP}/users/tim@contoso.com.jpg[/] and see it there. Ctrl-C ends.\n"
                )
                watch(machine)
    except KeyboardInterrupt:
        _out.print("The demo has ended.")
    else:
        sys.exit(1 if wrong else 0)


@contextmanager
def host(machine: Cloud) -> Iterator[Path]:
    """Run the local host inside the block, as a process with nothing but the app's settings; yields its log."""
    environ = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | machine.settings
    command = [sys.executable, "-m", "local.host"]
    with (
        tempfile.TemporaryDirectory() as folder,
        (log := Path(folder) / "host.log").open("wb") as output,
        subprocess.Popen(  # noqa: S603 - the command is ours
            command, env=environ, stdin=subprocess.PIPE, stdout=output, stderr=output, start_new_session=True
        ),
    ):
        yield log


@contextmanager
def dropping(machine: Cloud, dropped: list[Sample]) -> Iterator[None]:
    """Put the samples into the folder, and mirror the folder into the container inside the block."""
    for sample in dropped:
        path = _DROP / sample.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(sample.data)
    stop = threading.Event()
    thread = threading.Thread(target=mirror, args=(_DROP, machine.blobs.get_container_client(PHOTOS), stop))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def await_receipts(machine: Cloud, dropped: list[Sample]) -> dict[str, Receipt]:
    """Wait until each sample has its receipt, or patience ends; returns those that came, by name."""
    receipts = Receipts(machine.blobs.get_container_client(RECEIPTS))
    found: dict[str, Receipt] = {}
    until = time.monotonic() + _PATIENCE_SECONDS
    while len(found) < len(dropped) and time.monotonic() < until:
        time.sleep(0.2)
        for sample in dropped:
            if sample.name not in found and (receipt := receipts.read(sample.name)) is not None:
                found[sample.name] = receipt
    return found


def watch(machine: Cloud) -> None:
    """Print each receipt that is written from now on, until Ctrl-C."""
    container = machine.blobs.get_container_client(RECEIPTS)
    receipts = Receipts(container)
    known = {blob.name: blob.etag for blob in container.list_blobs()}
    while True:
        time.sleep(0.5)
        now = {blob.name: blob.etag for blob in container.list_blobs()}
        for name in sorted(name for name, etag in now.items() if known.get(name) != etag):
            receipt = receipts.read(name)
            _out.print(f"{_outcome(receipt)} {escape(name)}: {escape(_told(receipt))}")
        known = now


def show(machine: Cloud, dropped: list[Sample], receipts: dict[str, Receipt]) -> list[str]:
    """Print what became of each sample; returns a line for each one that is not as it must be."""
    table = Table(title="What became of each file in drop/", title_justify="left", show_lines=False)
    for heading in ("file", "what it is", "outcome", "its photo, or why it was refused"):
        table.add_column(heading, overflow="fold")
    wrong = []
    for sample in dropped:
        receipt = receipts.get(sample.name)
        if (mistake := _mistake(machine, sample, receipt)) is not None:
            wrong.append(f"{sample.name}: {mistake}")
        table.add_row(escape(sample.name), sample.what, _outcome(receipt), escape(_told(receipt)))
    _out.print(table)
    for line in wrong:
        _out.print(f"[red]Not as it must be:[/] {escape(line)}")
    _out.print(f"{len(dropped) - len(wrong)} of {len(dropped)} files became what they had to.")
    return wrong


def _outcome(receipt: Receipt | None) -> str:
    if receipt is None:
        return "[red]nothing[/]"
    return f"[green]✓ {receipt.outcome}[/]" if receipt.outcome == "synced" else f"[yellow]✗ {receipt.outcome}[/]"


def _told(receipt: Receipt | None) -> str:
    if receipt is None:
        return f"There was no receipt after {_PATIENCE_SECONDS} seconds."
    source = f"{receipt.source_format} {receipt.source_width} x {receipt.source_height}"
    return receipt.reason or (
        f"{source} became JPEG {receipt.photo_width} x {receipt.photo_height}, {receipt.photo_bytes:,} bytes"
    )


def _mistake(machine: Cloud, sample: Sample, receipt: Receipt | None) -> str | None:
    """What is wrong with what became of a sample, as its receipt and Graph say; None where nothing is."""
    if receipt is None:
        return "there is no receipt"
    if (receipt.outcome, receipt.code) != (sample.outcome, sample.code):
        return f"it is {receipt.outcome} {receipt.code}, not {sample.outcome} {sample.code}"
    if sample.outcome != "synced":
        return None
    answer = requests.get(
        machine.graph.url + receipt.graph_path,
        headers={
            "Authorization": f"Bearer {machine.identity.app_token(machine.graph.root)}",
            "client-request-id": str(uuid.uuid4()),
        },
        timeout=10,
    )
    if not answer.ok or len(answer.content) != receipt.photo_bytes:
        return f"Graph does not have the photo that the receipt tells of ({answer.status_code})"
    with Image.open(BytesIO(answer.content)) as photo:
        return None if _looks_right(photo, sample) else "the photo in Graph is not the right one, or not upright"


def _looks_right(photo: Image.Image, sample: Sample) -> bool:
    """Whether the upper corners and the middle of the foot have the colours they were drawn in."""
    width, height = photo.size
    expected = {(8, 8): sample.top, (width - 8, 8): sample.top, (width // 2, height - 8): sample.foot}
    return all(
        abs(seen - drawn) <= _TOLERANCE
        for at, colour in expected.items()
        for seen, drawn in zip(cast("tuple[int, ...]", photo.getpixel(at)), ImageColor.getrgb(colour), strict=True)
    )


if __name__ == "__main__":
    main()
