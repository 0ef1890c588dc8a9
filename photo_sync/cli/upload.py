"""`photo-sync upload`: a folder goes up, after a look at what will come of it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from photo_sync.cli.deployment import Deployment, deployment
from photo_sync.cli.naming import Map, Rename, missing, name_by, names_of, read_list, without_list
from photo_sync.cli.terminal import AsJson, Yes, ask, counted, err, progress
from photo_sync.cli.terminal import files as in_words

if TYPE_CHECKING:
    from photo_sync.folder.files import File
    from photo_sync.folder.judge import NameOf
    from photo_sync.folder.plan import Plan
    from photo_sync.folder.plan import Rename as Renamed
    from photo_sync.folder.upload import Sent
    from photo_sync.ledger import Line

_TIMEOUT: Final = 30.0  # minutes


def upload(
    folder: Annotated[
        Path,
        typer.Argument(metavar="FOLDER", exists=True, file_okay=False, help="The folder that holds users/ and so on."),
    ],
    rename: Rename = "",
    name_list: Map = None,
    matched_only: Annotated[bool, typer.Option("--matched-only", help="Leave out what will be refused.")] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until every file is settled, and report.")] = False,
    timeout: Annotated[float, typer.Option(metavar="MINUTES", help="How long --wait waits.", min=0)] = _TIMEOUT,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Upload a folder, after a look at what will come of it.

    What will be refused is said first, with what each file should be called; then you are asked. What is there already
    is not sent again: an upload that was interrupted goes on when it is run again. What was refused under another name
    is taken away. With --json, one line for each file when all is done, and one for each that was taken away.

    Example: photo-sync upload . --yes --wait

    Example: photo-sync upload portraits --rename 'users/{stem}@contoso.com'
    """
    from photo_sync.cli.upload_report import question, show_plan
    from photo_sync.folder.files import files, misplaced

    names = read_list(name_list, rename)
    name_of, its, own = name_by(rename, names), deployment(), without_list(files([folder], folder), name_list)
    planned = _plan(its, own, name_of, matched_only=matched_only)
    if not as_json:
        show_plan(planned)
    for told in filter(None, (misplaced(folder), missing(names, own))):
        err.print(told)
    if not planned.is_idle:
        ask(question(planned), yes=yes)
    raise typer.Exit(0 if _carry_out(its, planned, timeout if wait else None, as_json=as_json) else 1)


def _plan(its: Deployment, own: "list[File]", name_of: "NameOf", *, matched_only: bool) -> "Plan":
    """Look at what is there, then at the files, and decide what is done with each."""
    from photo_sync.folder.judge import judge
    from photo_sync.folder.parallel import MAKERS, in_parallel
    from photo_sync.folder.plan import plan
    from photo_sync.folder.survey import Survey
    from photo_sync.standing import standings

    survey = Survey.of(standings(its.job), set(names_of(own, name_of)))
    judged = in_parallel(lambda file: judge(file, its.settings, name_of, is_settled=survey.is_settled), own, MAKERS)
    verdicts = (each.verdict for each in counted("Looking at the files", judged, len(own)))
    return plan(verdicts, survey, matched_only=matched_only)


def _carry_out(its: Deployment, planned: "Plan", minutes: float | None, *, as_json: bool) -> bool:
    """Do what is planned, wait for so many minutes where that is asked, and tell; says whether all is well.

    Where storage stops it, what was done is told all the same; then it raises `AzureError`.
    """
    from azure.core.exceptions import AzureError

    from photo_sync.cli.upload_report import tell
    from photo_sync.folder.result import results
    from photo_sync.folder.upload import clear

    sent: list[Sent] = []
    cleared: list[Renamed] = []
    lines: dict[str, Line] | None = None
    try:
        _send(its, planned, sent)
        there = {one.step.verdict.name for one in sent if one.etag}
        renamed = (rename for rename in planned.renames if rename.new in there)
        cleared.extend(clear(renamed, its.drop, its.job.retries))
        lines = None if minutes is None else _settle(its, sent, minutes)
    except AzureError:
        tell(list(results(planned, sent, None)), cleared, as_json=as_json)
        raise
    came = list(results(planned, sent, lines))
    tell(came, cleared, as_json=as_json)
    return all(result.is_well for result in came)


def _send(its: Deployment, planned: "Plan", sent: "list[Sent]") -> None:
    """Send what is to be sent, and note each; what was kept counts as sent."""
    from photo_sync.folder.plan import Action
    from photo_sync.folder.upload import Sent, upload

    sent += [Sent(step, step.etag) for step in planned.steps if step.action == Action.KEEP]
    kept, count = len(sent), len(planned.uploads)
    try:
        for one in counted("Uploading", upload(planned, its.drop), count):
            sent.append(one)
    except KeyboardInterrupt:
        up = sum(bool(one.etag) for one in sent) - kept
        err.print(f"Stopped: {up:,} of {in_words(count)} are up. Run the same command again to go on.")
        raise


def _settle(its: Deployment, sent: "list[Sent]", minutes: float) -> "dict[str, Line]":
    """Wait until what was sent is settled; returns what the receipts say then."""
    from photo_sync.folder.settling import settle

    uploaded = {one.step.verdict.name: one.etag for one in sent if one.etag}
    lines: dict[str, Line] = {}
    with progress("Waiting for the receipts", len(uploaded)) as told:
        for lines in settle(its.job.ledger, its.job.photos, uploaded, minutes * 60):
            told(sum(line.is_final for line in lines.values()))
    return lines
