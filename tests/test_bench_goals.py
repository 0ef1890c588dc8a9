from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bench import chart
from bench.budget import Budget
from bench.cost import Cost
from bench.file import File
from bench.goals import Verdict, mean_ratio, verdicts
from bench.imports import Imports
from bench.peers import MAGICK, NAIVE, OURS, SHARP, TOOLS, VIPS
from bench.quality import Quality
from bench.result import Result, Row
from bench.table import table

BUDGET = Budget(100_000, 10, 4, 1.5, 3, 0.97, 0.955)
GOOD = Quality(psnr=52, ssim=0.998, naive_psnr=58, loss=0.05)
MISSING = (MAGICK,)


def row(name: str, ours: float, memory: float = 10, quality: Quality | None = GOOD) -> Row:
    """A JPEG for which photo-sync takes that part of naive Pillow's 100 ms."""
    file = File(name, Path("a.jpg"), "JPEG", 4032, 3024, counts=quality is not None, is_baseline=True)
    costs = {OURS: Cost(100 * ours, memory), NAIVE: Cost(100, 100), VIPS: Cost(20, 13), SHARP: Cost(25, 10)}
    return Row(file, 2_000_000, costs, quality=quality)


def result(*rows: Row) -> Result:
    """A run whose other figures are those of a good day."""
    return Result(
        {"processor": "a fast one", "system": "Linux", "python": "3.13.0"},
        {tool: None if tool in MISSING else "1.0" for tool in TOOLS},
        list(rows),
        photos=[],
        unread={},
        overheads={"2 MP": 0.2, "12 MP": 0.6},
        budgets=[BUDGET],
        imports=Imports(220, 200),
        beside={"12 MP": 9.5},
    )


RUN = result(
    row("12 MP", 0.2),
    row("12 MP, Display P3", 0.2),
    row("12 MP, progressive", 0.6),
    row("178 MP, grey", 0.1, memory=17, quality=None),
)


def verdict(run: Result, start: str) -> Verdict:
    return next(verdict for verdict in verdicts(run) if verdict.goal.name.startswith(start))


@pytest.mark.parametrize(
    ("goal", "word"),
    [
        ("CPU, JPEGs of 2 to 48 MP", "met"),
        ("CPU, 12 MP with", "NOT MET"),
        ("CPU, 48 MP", "not measured"),
        ("CPU, 12 MP, progressive", "NOT MET"),
        ("Growth of peak memory", "met"),
        ("normalise beside", "met"),
        ("Import of the app", "met"),
        ("Encodes within 100,000 bytes, mean", "met"),
        ("Encodes within 100,000 bytes, most", "met"),
        ("Part of 100,000 bytes", "met"),
        ("Corpus: PSNR", "met"),
    ],
)
def test_a_goal_is_judged_by_the_figures_alone(goal: str, word: str) -> None:
    assert verdict(RUN, goal).word == word


@pytest.mark.parametrize(
    ("ours", "word", "met"), [(0.24, "met, and the stretch", True), (0.31, "met", True), (0.3101, "NOT MET", False)]
)
def test_a_limit_itself_is_within(ours: float, word: str, *, met: bool) -> None:
    told = verdict(result(row("12 MP", ours)), "CPU, JPEGs")

    assert (told.word, told.met) == (word, met)


@pytest.mark.parametrize(
    ("goal", "quality"),
    [
        ("Corpus: PSNR", replace(GOOD, psnr=45.9)),
        ("Corpus: SSIM", replace(GOOD, ssim=0.9969)),
        ("Corpus: the JPEG's loss", replace(GOOD, loss=0.16)),
    ],
)
def test_one_bad_picture_is_enough_and_is_named(goal: str, quality: Quality) -> None:
    told = verdict(result(row("good", 0.2), row("bad", 0.2, quality=quality)), goal)

    assert told.figure is not None
    assert (told.word, told.figure.picture) == ("NOT MET", "bad")


def test_the_picture_that_takes_the_most_memory_counts() -> None:
    told = verdict(result(row("small", 0.2), row("large", 0.2, memory=36.1, quality=None)), "Growth")

    assert told.figure is not None
    assert (told.met, told.figure.picture) == (False, "large")


@pytest.mark.parametrize(
    ("goal", "budget"),
    [
        ("Encodes within 100,000 bytes, mean", replace(BUDGET, encodes=1.81)),
        ("Encodes within 100,000 bytes, most", replace(BUDGET, most_encodes=5)),
        ("Part of 100,000 bytes", replace(BUDGET, least_fill=0.949)),
    ],
)
def test_the_usual_budget_counts_and_no_tighter_one(goal: str, budget: Budget) -> None:
    tight = replace(budget, max_bytes=60_000)

    assert verdict(replace(RUN, budgets=[tight, budget]), goal).met is False
    assert verdict(replace(RUN, budgets=[tight, BUDGET]), goal).met is True
    assert verdict(replace(RUN, budgets=[tight]), goal).met is None


def test_how_full_a_photo_is_counts_only_where_the_bytes_bind() -> None:
    free = replace(BUDGET, bound=0, mean_fill=1, least_fill=1)

    assert verdict(replace(RUN, budgets=[free]), "Part of 100,000 bytes").met is None


def test_own_photos_have_goals_of_their_own() -> None:
    run = replace(RUN, photos=[row("mine", 0.5)])

    assert verdict(run, "CPU, own JPEGs").met is False
    assert not any("wn photos" in told.goal.name for told in verdicts(RUN))


def test_a_mean_is_over_all_or_none() -> None:
    good, bad = row("one", 0.2), replace(row("two", 0.8), costs={OURS: Cost(80, 1), NAIVE: Cost(100, 1)})

    assert mean_ratio([good, bad]) == pytest.approx(0.4)
    assert mean_ratio([good, bad], SHARP) is None


def test_a_verdict_tells_its_figure_for_a_program_too() -> None:
    assert verdict(RUN, "CPU, 12 MP with").told() == {
        "goal": "CPU, 12 MP with a colour profile",
        "at most": 0.19,
        "stretch": None,
        "is": 0.2,
        "verdict": "NOT MET",
    }


def test_the_table_has_every_picture_every_tool_and_every_goal() -> None:
    text = table(RUN)

    assert all(told in text for told in (*TOOLS, *(one.file.name for one in RUN.rows)))
    assert all(told.goal.name in text for told in verdicts(RUN))
    assert "20.0 (0.200)" in text
    assert "NOT MET" in text


def test_a_missing_tool_is_told() -> None:
    text = table(RUN)

    assert "ImageMagick: NOT INSTALLED" in text
    assert text.count("not installed") == 3 + 4  # for each picture in the table of CPU, and in that of memory


def test_a_tool_whose_memory_is_not_known_has_its_cpu_alone() -> None:
    one = row("12 MP", 0.2)
    run = result(replace(one, costs=one.costs | {MAGICK: Cost(30, None)}))

    cpu, memory, _ = (line for line in table(run).splitlines() if line.startswith("12 MP"))

    assert (cpu.split()[-2:], memory.split()[-1]) == (["30.0", "(0.300)"], "-")
    assert MAGICK in chart.cpu(run)["12 MP"]
    assert MAGICK not in chart.memory(run)["12 MP"]


def test_a_picture_that_a_tool_does_not_take_is_told_with_the_reason() -> None:
    heic = replace(row("HEIC", 0.9), costs={OURS: Cost(90, 1), NAIVE: Cost(100, 1)}, refused={SHARP: "no HEVC"})

    text = table(result(heic))

    assert "sharp takes no “HEIC”: no HEVC" in text
    assert "takes none" in text


def test_files_that_were_not_read_are_told() -> None:
    assert "notes.txt (not-a-picture)" in table(replace(RUN, unread={"notes.txt": "not-a-picture"}))


def test_the_chart_has_its_size_a_light_ground_and_the_colour_of_each_tool(tmp_path: Path) -> None:
    chart.draw(RUN, tmp_path / "chart.png")

    with Image.open(tmp_path / "chart.png") as image:
        pixels = np.asarray(image.convert("RGB"))
    assert (pixels.shape[1], pixels.shape[0]) == chart.SIZE
    assert tuple(pixels[0, 0]) == (255, 255, 255)
    assert (pixels == (0x0F, 0x6C, 0xBD)).all(axis=2).sum() > 5_000
    assert (pixels == (0x4E, 0x9F, 0x50)).all(axis=2).sum() > 5_000


def test_the_chart_shows_what_was_measured_and_no_more() -> None:
    assert chart.cpu(RUN)["12 MP"] == {OURS: 0.2, VIPS: 0.2, SHARP: 0.25}
    assert chart.memory(RUN)["178 MP, grey"][OURS] == 17
    assert "48 MP" not in chart.cpu(RUN)
