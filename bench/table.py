"""A run as people read it: what each picture took, how close it came, and which goals are met."""

from collections.abc import Iterable
from typing import Final

from bench.cost import Cost
from bench.goals import mean_ratio, verdicts
from bench.peers import NAIVE, OURS, TOOLS
from bench.result import Result, Row

_NAME: Final = 30  # letters
_COLUMN: Final = 16


def table(result: Result) -> str:
    """Return all of it as text."""
    parts = [_head(result), *_pictures(result.rows, "")]
    if result.photos:
        parts += _pictures(result.photos, "own photos: ")
    if result.unread:
        parts.append("Not read: " + ", ".join(f"{name} ({code})" for name, code in result.unread.items()))
    return "\n\n".join([*parts, _others(result), _goals(result)])


def _head(result: Result) -> str:
    """The machine, and each tool's version or that it is missing."""
    machine = "{processor}, {system}, Python {python}, one core".format_map(result.machine)
    tools = (f"{tool}: {version or 'NOT INSTALLED, so it is not in the figures'}" for tool, version in _tools(result))
    return "\n".join([machine, *tools])


def _tools(result: Result) -> Iterable[tuple[str, str | None]]:
    return ((tool, result.versions.get(tool)) for tool in TOOLS)


def _pictures(rows: list[Row], label: str) -> list[str]:
    timed = [row for row in rows if row.quality]
    cpu = [_line(f"{label}CPU, ms (ratio)", TOOLS), *(_line(row.file.name, _cpu(row)) for row in timed)]
    cpu.append(_line("JPEGs, geometric mean", (_part(mean_ratio(timed, tool)) for tool in TOOLS)))
    memory = [_line(f"{label}memory, MB", TOOLS), *(_line(row.file.name, _memory(row)) for row in rows)]
    told = ("PSNR, dB", "SSIM", "naive's PSNR", "JPEG's loss, dB", "million pixels", "bytes")
    quality = [_line(f"{label}quality", told), *(_line(row.file.name, _quality(row)) for row in timed)]
    refused = [f"{tool} takes no “{row.file.name}”: {why}" for row in rows for tool, why in row.refused.items()]
    return ["\n".join(lines) for lines in (cpu, memory, quality, refused) if lines]


def _line(name: str, cells: Iterable[str]) -> str:
    return f"{name[: _NAME - 1]:<{_NAME}}" + "".join(f"{cell:>{_COLUMN}}" for cell in cells)


def _cpu(row: Row) -> Iterable[str]:
    for tool in TOOLS:
        cost = row.costs.get(tool)
        yield f"{cost.cpu:,.1f} ({_part(row.ratio(tool))})" if cost else _missing(row, tool)


def _memory(row: Row) -> Iterable[str]:
    for tool in TOOLS:
        cost = row.costs.get(tool)
        yield _megabytes(cost) if cost else _missing(row, tool)


def _megabytes(cost: Cost) -> str:
    return "-" if cost.memory is None else f"{cost.memory:,.1f}"


def _missing(row: Row, tool: str) -> str:
    return "takes none" if tool in row.refused else "not installed"


def _part(ratio: float | None) -> str:
    return "-" if ratio is None else f"{ratio:.3f}"


def _quality(row: Row) -> Iterable[str]:
    if quality := row.quality:
        yield from (f"{quality.psnr:.1f}", f"{quality.ssim:.4f}", f"{quality.naive_psnr:.1f}", f"{quality.loss:.3f}")
    yield from (f"{row.file.width * row.file.height / 1e6:.1f}", f"{row.bytes:,}")


def _others(result: Result) -> str:
    budgets = [
        f"Within {budget.max_bytes:,} bytes: {budget.encodes:.2f} encodes in the mean, {budget.most_encodes} at most; "
        f"{budget.bound} of {budget.pictures} photos did not fit at once, and fill {budget.mean_fill:.3f} of it, "
        f"{budget.least_fill:.3f} at least."
        for budget in result.budgets
    ]
    overheads = ", ".join(f"{value:.2f} ({name})" for name, value in result.overheads.items())
    beside = ", ".join(f"{value:.1f} ({name})" for name, value in result.beside.items())
    return "\n".join(
        [
            *budgets,
            f"{OURS}'s normalise beside the bare calls of Pillow, ms: {overheads}.",
            f"Import: {result.imports.app:.0f} ms of CPU, of which {result.imports.packages:.0f} ms are the packages'.",
            f"The job beside normalise, without network and Graph, ms: {beside}.",
        ]
    )


def _goals(result: Result) -> str:
    lines = [f"{'goal (CPU against ' + NAIVE + ')':<62}{'is':>9}{'limit':>12}{'stretch':>9}  verdict"]
    for verdict in verdicts(result):
        goal, figure = verdict.goal, verdict.figure
        limit = f"{'>=' if goal.least else '<='} {goal.limit:g}"
        stretch = "" if goal.stretch is None else f"{goal.stretch:g}"
        value = "-" if figure is None else f"{figure.value:.4g}"
        place = f" ({figure.picture})" if figure and figure.picture else ""
        lines.append(f"{goal.name:<62}{value:>9}{limit:>12}{stretch:>9}  {verdict.word}{place}")
    return "\n".join(lines)
