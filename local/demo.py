"""All of it on one machine: pictures dropped into a folder become photos in an emulated Microsoft 365.

`python -m local.demo` mirrors the folder drop/ until Ctrl-C; with `--once` it ends by itself and leaves it alone.
"""

import os
import re
import shlex
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
from local.expectation import PATIENCE_SECONDS, mistake, page_mistake, removal_mistake
from local.queue_listener import FAILED
from local.samples import Sample, samples
from photo_sync.ledger import Ledger
from photo_sync.receipts import Receipt
from photo_sync.settings import PHOTOS, RECEIPTS

_SIGNS = {
    "synced": ("green", "✓"),
    "unchanged": ("green", "✓"),
    "retrying": ("yellow", "…"),
    "rejected": ("yellow", "✗"),
    "failed": ("red", "✗"),
    "removed": ("cyan", "✓"),
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
                    sys.exit(verify(machine, folder, dropped, receipts, log))
                invite(machine, folder, log)
                watch(machine, log)
    except KeyboardInterrupt:
        _out.print("The demo has ended.")


@contextmanager
def host(machine: Cloud) -> Iterator[Path]:
    """Run the local host inside the block, as a process with nothing but the app's settings; yields its log."""
    environ = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | machine.settings
    environ["SYNC_DELETES"] = "true"
    command = [sys.executable, "-m", "local.host"]
    with (
        tempfile.TemporaryDirectory() as folder,
        (log := Path(folder) / "host.log").open("wb") as output,
        subprocess.Popen(  # noqa: S603 - the command is ours
            command, env=environ, stdin=subprocess.PIPE, stdout=output, stderr=output, start_new_session=True
        ),
    ):
        yield log


def page_address(log: Path) -> str:
    """Return where the status page is, key and all, as the local host has told; raises `RuntimeError` if it has not."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not (told := re.search(r"^status_page is at (\S+)$", log.read_text("utf-8"), re.MULTILINE)):
        if time.monotonic() > until:
            raise RuntimeError(f"The local host is not up:\n{log.read_text('utf-8')}")
        time.sleep(0.1)
    return told[1]


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
    until = time.monotonic() + PATIENCE_SECONDS
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


def verify(machine: Cloud, folder: Path, dropped: list[Sample], receipts: dict[str, Receipt], log: Path) -> int:
    """Say which samples did not become what they must, and what the local host said; returns their number."""
    mistakes = {sample.name: mistake(machine, sample, receipts.get(sample.name)) for sample in dropped}
    mistakes["the status page"] = page_mistake(page_address(log), receipts)
    mistakes["a file that is deleted"] = removal_mistake(machine, folder / dropped[0].name)
    wrong = {name: told for name, told in mistakes.items() if told is not None}
    for name, told in wrong.items():
        _out.print(f"[red]Not as it must be:[/] {escape(name)}: {escape(told)}")
    if wrong:
        _out.print(f"[red]The local host said:[/]\n{escape(log.read_text('utf-8'))}")
    right, all_ = len(mistakes) - len(wrong), len(mistakes)
    _out.print(f"{right} of {all_} are as they must be: {len(dropped)} files, the status page, and one file's removal.")
    return len(wrong)


def invite(machine: Cloud, folder: Path, log: Path) -> None:
    """Say where to look, and how to drop more."""
    _out.print(f"\nWhat became of each file: [bold]{page_address(log)}[/]", soft_wrap=True)
    _out.print(f"The tenant's directory: [bold]{machine.graph.root}/[/]")
    _out.print(
        f"Save a picture as [bold]{folder}/users/tim@contoso.com.jpg[/] and see it there; delete it, and it goes."
    )
    _out.print("In another terminal, the command line and the Azure CLI find this demo:\n")
    _out.print(f"  set -a; . {environment_file(machine)}; set +a; export PATH=$PWD/.venv/bin:$PATH", soft_wrap=True)
    _out.print("  photo-sync status")
    _out.print("  az storage blob upload --container-name photos --name users/hedy@contoso.com.jpg --file portrait.jpg")
    _out.print("\nCtrl-C ends the demo. From now on, each receipt as it is written:\n")


def environment_file(machine: Cloud) -> Path:
    """Write down, for a shell, what the command line and the Azure CLI have to know of this demo."""
    told = machine.settings | {"AZURE_STORAGE_CONNECTION_STRING": machine.storage.connection_string}
    file = Path("build/demo.env")
    file.parent.mkdir(exist_ok=True)
    file.write_text("".join(f"{name}={shlex.quote(value)}\n" for name, value in told.items()), "utf-8")
    return file


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
        return f"There was no receipt after {PATIENCE_SECONDS} seconds."
    source = f"{receipt.source_format} {receipt.source_width} x {receipt.source_height}"
    if receipt.outcome == "removed":
        return receipt.reason or "The photo is gone, too."
    return receipt.reason or (
        f"{source} became JPEG {receipt.photo_width} x {receipt.photo_height}, {receipt.photo_bytes:,} bytes"
    )


if __name__ == "__main__":
    main()
