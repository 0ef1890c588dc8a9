"""What `photo-sync upload` says: before it, what will come of each file, and after it, what came of it."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from rich.text import Text

from photo_sync.cli.terminal import STYLES, Cell, files, out, print_json, print_table, table, when
from photo_sync.folder.plan import Action, Plan, Rename, Step
from photo_sync.folder.result import KEPT, LEFT_OUT, OUTCOMES, UPLOADED, Result
from photo_sync.folder.verdict import Verdict
from photo_sync.spelling import shown

_MOST_ROWS: Final = 50


def show_plan(plan: Plan) -> None:
    """Print which files will not work as they are and what each should be called, what goes, and the counts."""
    odd = [step for step in plan.steps if not step.verdict.is_accepted or step.verdict.warning]
    _print_rows(("file", "", "why", "call it"), [_odd(step) for step in odd])
    replaced = [step for step in plan.steps if step.action == Action.REPLACE]
    rows = [(shown(step.verdict.file), when(step.uploaded)) for step in replaced]
    _print_rows(("file", "replaces the picture of"), rows)
    _print_rows(("refused as", "now called"), [(shown(rename.old), shown(rename.new)) for rename in plan.renames])
    new, other, kept, left = (plan.count(action) for action in Action)
    told = f"{new:,} new, {_replacing(other)}, {kept:,} there already, {left:,} left out."
    out.print(f"{files(len(plan.steps))}: {told}")


def question(plan: Plan) -> str:
    """Return what is asked before anything is done."""
    bad = sum(not step.verdict.is_accepted for step in plan.uploads)
    steps = [f"upload {files(len(plan.uploads))}"] if plan.uploads else []
    steps += [f"delete {files(len(plan.renames))} of the old name"] if plan.renames else []
    asked = " and ".join(steps)
    other = plan.count(Action.REPLACE)
    told = f" {_replacing(other)}." if other else ""
    told += f" {bad:,} will be refused, with a receipt that says why." if bad else ""
    return f"{asked[:1].upper()}{asked[1:]}?{told}"


def tell(results: Sequence[Result], cleared: Sequence[Rename], *, as_json: bool) -> None:
    """Print which files have not ended well, where that is known, and the counts.

    As JSON it is a line for each file, and for each old name that was cleared.
    """
    if as_json:
        for result in results:
            _print_json(result)
        for rename in cleared:
            print_json({"file": "", "name": rename.old, "action": "delete", "renamed_to": rename.new})
        return
    bad = [result for result in results if not result.is_well and result.outcome not in {LEFT_OUT, UPLOADED, KEPT}]
    _print_rows(("file", "", "why", "call it"), [_bad(result) for result in bad])
    counts = Counter(result.outcome for result in results)
    told = ", ".join(f"{counts[outcome]:,} {outcome}" for outcome in OUTCOMES if counts[outcome])
    hint = " `photo-sync status` tells what becomes of them." if counts[UPLOADED] or counts[KEPT] else ""
    out.print(f"{files(len(results))}: {told or 'none'}.{hint}")


def _replacing(count: int) -> str:
    """So many, in words."""
    return f"{count:,} {'replaces' if count == 1 else 'replace'} another picture"


def _print_json(result: Result) -> None:
    verdict = result.step.verdict
    print_json(
        {
            "file": verdict.file,
            "name": verdict.name,
            "target": verdict.target,
            "action": result.step.action,
            "outcome": result.outcome,
            "code": result.code,
            "reason": result.reason,
            "suggestion": verdict.suggestion,
            "warning": verdict.warning,
            "due": result.due,
        }
    )


def _print_rows(headings: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
    if rows:
        print_table(table(headings, rows[:_MOST_ROWS]))
    if more := rows[_MOST_ROWS:]:
        out.print(f"… and {len(more):,} more: `photo-sync check` lists all, and so does --json here.")


def _odd(step: Step) -> Sequence[Cell]:
    """A row for a file that will not work as it is, or may not be meant so."""
    verdict = step.verdict
    if verdict.is_accepted:
        return shown(verdict.file), Text("look twice", "yellow"), verdict.warning, shown(verdict.suggestion)
    fate = "left out" if step.action == Action.LEAVE else "refused"
    return shown(verdict.file), Text(fate, STYLES["rejected"]), _why(verdict), shown(verdict.suggestion)


def _why(verdict: Verdict) -> str:
    return f"{verdict.reason} Besides: {verdict.besides}" if verdict.besides else verdict.reason


def _bad(result: Result) -> Sequence[Cell]:
    """A row for a file that was not synced."""
    due = f" The next try is at {when(result.due)}." if result.due else ""
    style = STYLES.get(result.outcome, "red")
    verdict = result.step.verdict
    return shown(verdict.file), Text(result.outcome, style), f"{result.reason}{due}", shown(verdict.suggestion)
