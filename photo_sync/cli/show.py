"""`photo-sync show`: one photo's receipt, in words."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.text import Text

from photo_sync.cli.deployment import deployment
from photo_sync.cli.terminal import STYLES, AsJson, out, print_json, print_table, table, tell_unknown, when
from photo_sync.spelling import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from photo_sync.receipts import Receipt
    from photo_sync.standing import Standing

_MEANS: Final = {
    "synced": "Microsoft 365 has accepted it, and may show it hours later.",
    "unchanged": "Microsoft 365 had it already: the file is the same as before.",
    "rejected": "It will not work as it is.",
    "retrying": "It is tried again by itself. `photo-sync retry` has it tried at once.",
    "failed": "It was given up. When the reason is mended, `photo-sync retry` has it tried again.",
    "removed": "The file was deleted, and the photo in Microsoft 365 with it.",
    "waiting": "There is no receipt for this picture yet: it is the app's turn. `photo-sync reconcile` wakes it up.",
}


def show(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="A photo, as it is named: its extension may be left out.")
    ],
    as_json: AsJson = False,
) -> None:
    """Tell what became of a photo, why, and what to do.

    Its measures and what Microsoft Graph answered are told, too. With --json, one line for each photo of that name: the
    `picture` and the `receipt`, null where there is none.

    Example: photo-sync show users/ada@contoso.com
    """
    from photo_sync.standing import find

    job = deployment().job
    found, unknown = find(job, [name])
    for standing in found:
        receipt = job.ledger.read(standing.name).receipt
        if as_json:
            picture = asdict(standing.upload) if standing.upload else None
            print_json({"photo": standing.name, "picture": picture, "receipt": asdict(receipt) if receipt else None})
        else:
            _tell(standing, receipt)
    tell_unknown(unknown)


def _tell(standing: "Standing", receipt: "Receipt | None") -> None:
    outcome = standing.outcome
    out.print(Text.assemble(shown(standing.name), ": ", (outcome, STYLES.get(outcome, ""))))
    own = receipt if standing.own else None
    reason = own.reason if own else ""
    means = "" if outcome == "removed" and reason else _MEANS.get(outcome, "")  # then the reason says why it was left
    out.print(" ".join(filter(None, (means, reason))))
    print_table(table(("", ""), [*_of_picture(standing), *(_of_receipt(own) if own else ())]))


def _of_picture(standing: "Standing") -> "Iterator[tuple[str, str]]":
    upload = standing.upload
    yield "file", f"{upload.size:,} bytes, uploaded {when(upload.uploaded)}" if upload else "not there (any more)"


def _of_receipt(receipt: "Receipt") -> "Iterator[tuple[str, str]]":
    """What a receipt tells, line by line, without what is empty."""
    width, height = receipt.source_width, receipt.source_height
    answer = " ".join(filter(None, (str(receipt.status or ""), receipt.error_code)))
    for heading, text in (
        ("picture", f"{receipt.source_format} {width} x {height}" if receipt.source_format else ""),
        (
            "photo",
            f"JPEG {receipt.photo_width} x {receipt.photo_height}, {receipt.photo_bytes:,} bytes"
            if receipt.photo_bytes
            else "",
        ),
        ("faces", receipt.faces),
        ("warning", receipt.warning),
        ("last try", when(receipt.finished)),
        ("next try", when(receipt.due)),
        ("tries", str(receipt.attempts) if receipt.attempts else ""),
        ("code", receipt.code),
        ("Graph path", receipt.graph_path),
        ("Graph answered", answer),
        ("request-id", receipt.request_id),
        ("client-request-id", receipt.client_request_id),
    ):
        if text:
            yield heading, text
