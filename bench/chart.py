"""A run as one picture: how much CPU and memory each tool takes, beside naive Pillow."""

from collections.abc import Iterable
from math import inf
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
from matplotlib.figure import Figure

from bench.goals import mean_ratio
from bench.peers import MAGICK, NAIVE, OURS, SHARP, TOOLS, VIPS
from bench.result import Result, Row

SIZE: Final = (1600, 1200)
"""Pixels, to be shown at half of it."""

_DPI: Final = 200
_COLOURS: Final = {OURS: "#0f6cbd", NAIVE: "#b0b0b0", VIPS: "#e3a008", SHARP: "#4e9f50", MAGICK: "#a05195"}
_TIMED: Final = ("2 MP", "8 MP", "12 MP", "12 MP, Display P3", "12 MP, progressive", "48 MP")
_WEIGHED: Final = ("2 MP", "12 MP", "12 MP, progressive", "48 MP", "178 MP, grey")
_WIDTH: Final = 0.8  # of a group of bars, of the room it has
_HIGHEST: Final = 1.4  # of naive Pillow's CPU: what takes six times as much would make all others look alike
_STYLE: Final[dict[Any, Any]] = {
    "font.size": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 9,
}

Bars = dict[str, dict[str, float]]
"""Heights by group and by tool."""


def draw(result: Result, path: Path) -> None:
    """Write the chart as a PNG."""
    with mpl.rc_context(_STYLE):
        figure = Figure((SIZE[0] / _DPI, SIZE[1] / _DPI), dpi=_DPI, layout="constrained", facecolor="white")
        above, below = figure.subplots(2, 1)
        above.axhline(1, color=_COLOURS[NAIVE], linestyle="--", label=NAIVE)
        title = f"CPU against naive Pillow, one core (less is better; cut off above {_HIGHEST})"
        _bars(above, cpu(result), title, "{:.2f}", _HIGHEST)
        _bars(below, memory(result), "Growth of peak memory, MB (less is better; logarithmic)", "{:.0f}")
        below.set_yscale("log")
        below.yaxis.set_major_formatter("{x:g}")
        missing = [tool for tool in TOOLS if result.versions.get(tool) is None]
        figure.suptitle(f"Not installed: {', '.join(missing)}" if missing else "", fontsize=8)
        above.legend(ncols=len(TOOLS), loc="upper center", frameon=False)
        figure.savefig(path)


def cpu(result: Result) -> Bars:
    """Return the CPU of each other tool over naive Pillow's: the mean over the JPEGs, and a few of them."""
    others = [tool for tool in TOOLS if tool != NAIVE]
    means = {tool: ratio for tool in others if (ratio := mean_ratio(result.rows, tool)) is not None}
    ratios = {
        row.file.name: {tool: ratio for tool in others if (ratio := row.ratio(tool)) is not None}
        for row in _named(result.rows, _TIMED)
    }
    return {"all JPEGs, mean": means} | ratios


def memory(result: Result) -> Bars:
    """Return the megabytes by which the peak of each tool grows, for a few pictures."""
    return {row.file.name: _megabytes(row) for row in _named(result.rows, _WEIGHED)}


def _megabytes(row: Row) -> dict[str, float]:
    """Those of each tool for which they are known."""
    told = {tool: row.costs[tool].memory for tool in TOOLS if tool in row.costs}
    return {tool: memory for tool, memory in told.items() if memory is not None}


def _named(rows: Iterable[Row], names: tuple[str, ...]) -> Iterable[Row]:
    return (row for row in rows if row.file.name in names)


def _bars(axes: Any, bars: Bars, title: str, format_: str, highest: float = inf) -> None:  # noqa: ANN401 - matplotlib has no types
    tools = [tool for tool in TOOLS if any(tool in heights for heights in bars.values())]
    width = _WIDTH / max(1, len(tools))
    for number, tool in enumerate(tools):
        offset = (number - (len(tools) - 1) / 2) * width
        places = [place + offset for place, heights in enumerate(bars.values()) if tool in heights]
        heights = [heights[tool] for heights in bars.values() if tool in heights]
        drawn = axes.bar(places, [min(height, highest) for height in heights], width, label=tool, color=_COLOURS[tool])
        axes.bar_label(drawn, [format_.format(height) for height in heights], fontsize=6.5)
    axes.set_xticks(range(len(bars)), [name.replace(", ", "\n") for name in bars])
    axes.set_title(title, loc="left")
    axes.margins(y=0.2)
