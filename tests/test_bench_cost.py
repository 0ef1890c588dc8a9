import resource
from pathlib import Path

import pytest

from bench import imports, machine, peers
from bench.corpus import tiny
from bench.cost import CannotError, Cost, Effort, fresh, here
from bench.file import File
from bench.job import beside
from bench.picture import measure

ONCE = Effort(runs=0, seconds=0, rounds=1)


@pytest.fixture
def jpeg(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.jpg"
    path.write_bytes(tiny("JPEG"))
    return path


@pytest.mark.parametrize("tool", [peers.OURS, peers.NAIVE, peers.VIPS, peers.SHARP])
def test_a_tool_is_measured_in_a_process_of_its_own(tool: str, jpeg: Path) -> None:
    cost = fresh(tool, jpeg, jpeg, ONCE)

    assert cost.cpu > 0
    assert cost.memory is not None
    assert cost.memory >= 0


@pytest.mark.skipif(peers.find_magick() is None, reason="ImageMagick is not installed")
def test_no_memory_is_told_of_a_program_that_is_started_for_each_picture(jpeg: Path) -> None:
    cost = fresh(peers.MAGICK, jpeg, jpeg, ONCE)

    assert cost.cpu > 0
    assert cost.memory is None


@pytest.mark.parametrize(
    ("tool", "words"),
    [
        (peers.OURS, "not a picture"),
        (peers.NAIVE, "cannot identify image file"),
        (peers.VIPS, "unable to load from buffer"),
        (peers.SHARP, "unsupported image format"),
    ],
)
def test_what_a_tool_does_not_take_is_told_in_its_words(tool: str, words: str, jpeg: Path, tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("no picture")

    with pytest.raises(CannotError, match=words):
        fresh(tool, text, jpeg, ONCE)


def test_one_tool_that_takes_no_picture_keeps_no_other_from_it(tmp_path: Path) -> None:
    heic = tmp_path / "picture.heic"
    heic.write_bytes(tiny("HEIC"))

    row = measure(File("HEIC", heic, "HEIC", 96, 96, for_memory=True), [peers.OURS, peers.VIPS], tmp_path)

    assert (list(row.costs), list(row.refused)) == ([peers.OURS], [peers.VIPS])


def test_the_growth_is_that_of_the_picture_alone() -> None:
    cost = here(lambda data: b"x" * len(data), bytes(64_000_000), b"", ONCE, resource.RUSAGE_SELF)

    assert cost.memory == pytest.approx(64, abs=4)


def test_a_picture_is_measured_as_often_as_is_said_beside_the_warm_up() -> None:
    calls = list[bytes]()
    here(calls.append, b"picture", b"tiny", Effort(runs=3, seconds=0), resource.RUSAGE_SELF)

    assert calls == [b"tiny"] + [b"picture"] * 4


def test_of_two_rounds_the_lower_cpu_and_the_higher_peak_count() -> None:
    assert Cost(3, 10).better(Cost(2, 9)) == Cost(2, 10)
    assert Cost(3, None).better(Cost(2, None)) == Cost(2, None)


def test_no_tool_is_left_out_of_the_versions() -> None:
    versions = machine.versions()

    assert tuple(versions) == peers.TOOLS
    assert versions[peers.SHARP] is not None


@pytest.mark.parametrize("answer", ["exit 1", "echo 'Converts FAT volumes to NTFS.'"])
def test_another_program_called_convert_is_not_imagemagick(
    answer: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "convert"
    program.write_text(f"#!/bin/sh\n{answer}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert peers.find_magick.__wrapped__() is None


def test_imports_are_compared_by_turns() -> None:
    told = imports.measure(runs=1)

    assert told.ratio == told.app / told.packages
    assert min(told.app, told.packages) > 0


def test_the_job_beside_the_photo_ends_with_a_receipt() -> None:
    assert beside(tiny("JPEG"), runs=2) > 0
