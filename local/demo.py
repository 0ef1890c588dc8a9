"""All of it on one machine: pictures dropped into a folder become photos in an emulated Microsoft 365.

`python -m local.demo` mirrors the folder drop/ until Ctrl-C; with `--once` it ends by itself and leaves it alone.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from local.cloud import Cloud, cloud
from local.directory import contoso
from local.drop import mirroring
from local.expectation import mistake
from local.queue_listener import FAILED
from local.samples import Sample, samples
from photo_sync.ledger import Ledger
from photo_sync.receipts import Receipt
from photo_sync.settings import PHOTOS, RECEIPTS

_PATIENCE_SECONDS = 90
_SIGNS = {
    "synced": ("green", "✓"),
    "unchanged": ("green", "✓"),
    "retrying": ("yellow", "…"),
    "rejected": ("yellow", "✗"),
    "failed": ("red", "✗"),
}
_out = Console(highlight=False) if sys.stdout.isatty() else Console(highlight=False, width=140)


def main() -> None:
    """Run the demo; with `--once`, its status is 0 only if every sample became what it must."""
    dropped, once = samples(), "--once" in sys.argv[1:]
    try:
        with tempfile.TemporaryDirectory() as passing, cloud(contoso()) as machine, host(machine) as log:
            folder = Path(passing if once else "drop")
            drop(dropped, folder)
            with mirroring(folder, machine.blobs.get_container_client(PHOTOS)):
                receipts = await_receipts(machine, dropped)
                show(dropped, receipts)
                if once:
                    sys.exit(verify(machine, dropped, receipts, log))
                invite(machine, folder)
                watch(machine, log)
    except KeyboardInterrupt:
        _out.print("The demo has ended.")


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


def drop(dropped: list[Sample], folder: Path) -> None:
    """Put the samples into the folder, over nobody's own files."""
    for sample in dropped:
        path = folder / sample.name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.write_bytes(sample.data)


def await_receipts(machine: Cloud, dropped: list[Sample]) -> dict[str, Receipt]:
    """Wait until each sample has its receipt, or patience ends; returns those that came, by name."""
    ledger = Ledger(machine.blobs.get_container_client(RECEIPTS))
    found: dict[str, Receipt] = {}
    until = time.monotonic() + _PATIENCE_SECONDS
    while len(found) < len(dropped) and time.monotonic() < until:
        time.sleep(0.2)
        for sample in dropped:
            receipt = None if sample.name in found else ledger.read(sample.name).receipt
            if receipt is not None and (receipt.is_final or receipt.code == sample.code):
                found[sample.name] = receipt
    return found


def show(dropped: list[Sample], receipts: dict[str, Receipt]) -> None:
    """Print what became of each sample."""
    table = Table(title="What became of each file", title_justify="left")
    for heading in ("file", "what it is", "outcome", "its photo, or why it was refused"):
        table.add_column(heading, overflow="fold")
    for sample in dropped:
        receipt = receipts.get(sample.name)
        table.add_row(escape(sample.name), sample.what, _outcome(receipt), escape(_told(receipt)))
    _out.print(table)


def verify(machine: Cloud, dropped: list[Sample], receipts: dict[str, Receipt], log: Path) -> int:
    """Say which samples did not become what they must, and what the local host said; returns their number."""
    mistakes = {sample.name: mistake(machine, sample, receipts.get(sample.name)) for sample in dropped}
    wrong = {name: told for name, told in mistakes.items() if told is not None}
    for name, told in wrong.items():
        _out.print(f"[red]Not as it must be:[/] {escape(name)}: {escape(told)}")
    if wrong:
        _out.print(f"[red]The local host said:[/]\n{escape(log.read_text('utf-8'))}")
    _out.print(f"{len(dropped) - len(wrong)} of {len(dropped)} files became what they had to.")
    return len(wrong)


def invite(machine: Cloud, folder: Path) -> None:
    """Say where to look, and how to drop more."""
    _out.print(f"\nThe tenant's directory: [bold]{machine.graph.root}/[/]")
    _out.print(f"Save a picture as [bold]{folder}/users/tim@contoso.com.jpg[/] and see it there, or upload it:\n")
    _out.print(f"  export REQUESTS_CA_BUNDLE={machine.storage.certificate}", soft_wrap=True)
    _out.print(f"  export AZURE_STORAGE_CONNECTION_STRING='{machine.storage.connection_string}'", soft_wrap=True)
    _out.print("  az storage blob upload --container-name photos --name users/hedy@contoso.com.jpg --file portrait.jpg")
    _out.print("\nCtrl-C ends the demo. From now on, each receipt as it is written:\n")


def watch(machine: Cloud, log: Path) -> None:
    """Print each receipt that is written from now on, and each try that failed, until Ctrl-C."""
    host_said = log.read_text("utf-8")
    container = machine.blobs.get_container_client(RECEIPTS)
    ledger = Ledger(container)
    known = {blob.name: blob.etag for blob in container.list_blobs()}
    while True:
        time.sleep(0.5)
        now = {blob.name: blob.etag for blob in container.list_blobs()}
        for name in sorted(name for name, etag in now.items() if known.get(name) != etag):
            receipt = ledger.read(name).receipt
            if receipt is not None and not receipt.is_claim:
                _out.print(f"{_outcome(receipt)} {escape(name)}: {escape(_told(receipt))}")
        known, before, host_said = now, len(host_said), log.read_text("utf-8")
        for line in host_said[before:].splitlines():
            if FAILED in line:
                _out.print(f"[red]✗[/] {escape(line)}")


def _outcome(receipt: Receipt | None) -> str:
    if receipt is None:
        return "[red]nothing[/]"
    colour, sign = _SIGNS[receipt.outcome]
    return f"[{colour}]{sign} {receipt.outcome}[/]"


def _told(receipt: Receipt | None) -> str:
    if receipt is None:
        return f"There was no receipt after {_PATIENCE_SECONDS} seconds."
    source = f"{receipt.source_format} {receipt.source_width} x {receipt.source_height}"
    return receipt.reason or (
        f"{source} became JPEG {receipt.photo_width} x {receipt.photo_height}, {receipt.photo_bytes:,} bytes"
    )


if __name__ == "__main__":
    main()
