"""`photo-sync retry`, `resync` and `reconcile`: photos that the app is to look at again."""

import math
import sys
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from photo_sync.cli.deployment import deployment
from photo_sync.cli.terminal import AsJson, Yes, ask, files, misused, out, print_json, tell_unknown

if TYPE_CHECKING:
    from photo_sync.reconcile import Wanted
    from photo_sync.standing import Standing
    from photo_sync.sync import PhotoSync


def retry(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="Photos, as they are named.")] = None,
    failed: Annotated[bool, typer.Option("--failed", help="All that have failed, but not too many deletes.")] = False,
    too_many_deletes: Annotated[
        bool,
        typer.Option("--too-many-deletes", help="Of files that were deleted, too many at once: delete the photos."),
    ] = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Have the app try photos again at once.

    They are sent whatever their receipts say. Of files that were deleted, too many within an hour, the photos were left
    for you to decide: --failed leaves them out. With --json, one document: `queued` has the photos, `unknown` the names
    that nothing is known of, `left_out` those photos.

    Example: photo-sync retry --failed

    Example: photo-sync retry users/ada@contoso.com
    """
    from photo_sync.folder.parallel import SENDERS, in_parallel
    from photo_sync.retries import Retry
    from photo_sync.standing import find

    if (failed or too_many_deletes) == bool(names):
        misused("Name photos, or say --failed or --too-many-deletes.")
    job = deployment().job
    found, unknown = find(job, names or [])
    left_out: list[Standing] = []
    if not names:
        others, stopped = _failed(job)
        found = [*(others if failed else []), *(stopped if too_many_deletes else [])]
        left_out = [] if too_many_deletes else stopped
        if stopped and too_many_deletes:
            ask(f"Delete the photos of {_deleted(len(stopped))}, in Microsoft 365?", yes=yes)
    orders = [Retry(each.name, force=True, remove=_is_of_deleted(each)) for each in found]
    list(in_parallel(partial(job.retries.send, after=0), orders, SENDERS))
    if as_json:
        names_left = [standing.name for standing in left_out]
        print_json({"queued": [order.photo for order in orders], "unknown": unknown, "left_out": names_left})
    else:
        out.print(f"{files(len(orders))} handed to the app, to be tried at once.")
        _tell_left_out(len(left_out))
    tell_unknown(unknown)


def _failed(job: "PhotoSync") -> "tuple[list[Standing], list[Standing]]":
    """What has failed, and apart from that, the deleted files whose photos were left because they were too many."""
    from photo_sync.receipts import Outcome
    from photo_sync.removal import TOO_MANY
    from photo_sync.standing import standings

    others: list[Standing] = []
    stopped: list[Standing] = []
    for standing in standings(job):
        if standing.outcome == Outcome.FAILED:
            (stopped if standing.own and standing.own.code == TOO_MANY else others).append(standing)
    return others, stopped


def _tell_left_out(count: int) -> None:
    if not count:
        return
    out.print(
        f"Left out: the photos of {_deleted(count)}, too many within an hour. Bring the files back; or, if that was "
        "meant, have the photos deleted: each by `photo-sync retry NAME`, or all by "
        "`photo-sync retry --too-many-deletes`."
    )


def _deleted(count: int) -> str:
    return f"{count:,} deleted file{'' if count == 1 else 's'}"


def _is_of_deleted(standing: "Standing") -> bool:
    """Whether it is the removal of a deleted file's photo that is to be tried again."""
    return standing.line is not None and not standing.line.etag and standing.upload is None


def reconcile(
    min_age: Annotated[
        int, typer.Option(metavar="MINUTES", help="Leave alone what is younger than so many minutes.", min=0)
    ] = 5,
    as_json: AsJson = False,
) -> None:
    """Have the app look at photos whose event was lost.

    It does so each hour; this does it now. With --json, one document with the numbers `compared` and `queued`.

    Example: photo-sync reconcile
    """
    from photo_sync.reconcile import is_lost

    job = deployment().job
    lost = partial(is_lost, now=job.now(), removes=job.sync_deletes, min_age=timedelta(minutes=min_age))
    _queue(job, lost, as_json=as_json)


def resync(
    force: Annotated[bool, typer.Option("--force", help="Send every photo again, whatever its receipt says.")] = False,
    as_json: AsJson = False,
) -> None:
    """Send photos again that would be made otherwise today.

    The app looks at every photo: after an update, say, or with another PHOTO_EDGE. With --json, one document with the
    numbers `compared` and `queued`.

    Example: photo-sync resync --force
    """
    from photo_sync.reconcile import everything

    _queue(deployment().job, everything, force=force, as_json=as_json)


def _queue(job: "PhotoSync", wanted: "Wanted", *, as_json: bool, force: bool = False) -> None:
    """Queue the photos that are wanted, all of them, and say how many."""
    from photo_sync.reconcile import Limits
    from photo_sync.reconcile import reconcile as compare

    tally = compare(job, wanted, force=force, limits=Limits(waiting=sys.maxsize, seconds=math.inf))
    if as_json:
        print_json({"compared": tally.compared, "queued": tally.queued})
    else:
        out.print(f"Photos compared with their receipts: {tally.compared:,}. Handed to the app: {tally.queued:,}.")
