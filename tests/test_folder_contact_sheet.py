from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from photo_sync.folder.contact_sheet import ContactSheet, pair, part_of
from photo_sync.folder.files import SHEET, File
from photo_sync.folder.judge import judge
from photo_sync.folder.verdict import Verdict
from photo_sync.settings import Settings
from pictures import plain, quadrants, save

HOSTILE = """users/<img src=x onerror="executed=1">&"'\u202e.jpg"""


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    """A contact sheet of a good picture, one that is none, a wrong name, and a hostile one."""
    settings = Settings.from_env({}, needs_storage=False)
    (tmp_path / "users").mkdir()
    pictures = {
        "users/ada@contoso.com.jpg": save(quadrants(400, 300), "JPEG"),
        "users/tim@contoso.com.jpg": b"%PDF-1.7",
        "hedy@contoso.com.png": plain(format_="PNG"),
        HOSTILE: plain(),
    }
    with ContactSheet.written(tmp_path / "sheet.html") as written:
        verdicts = []
        for name, data in pictures.items():
            (tmp_path / name).write_bytes(data)
            judged = judge(File(tmp_path / name, tmp_path), settings)
            written.keep(pair(judged, settings.recipe.limits))
            verdicts.append(judged.verdict)
        written.finish(verdicts)
    return tmp_path / "sheet.html"


@pytest.fixture
def page(browser: Browser, sheet: Path) -> Iterator[Page]:
    """The sheet, open on a phone; a test that makes it complain fails."""
    complaints: list[str] = []
    with browser.new_page(viewport={"width": 360, "height": 740}) as opened:
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        opened.on("console", lambda message: complaints.append(message.text))
        opened.goto(sheet.as_uri())
        yield opened
    assert complaints == []


def test_a_picture_stands_before_and_after_with_its_name_and_measures(page: Page) -> None:
    ada = page.locator("figure", has_text="users/ada@contoso.com.jpg")
    before, after = ada.get_by_alt_text("Before"), ada.get_by_alt_text("After")
    size = "image => [image.naturalWidth, image.naturalHeight]"
    assert (before.evaluate(size), after.evaluate(size)) == ([176, 132], [176, 176])
    expect(ada).to_contain_text("JPEG 400 x 300 becomes JPEG 300 x 300")


def test_what_is_refused_says_why_and_what_to_call_it(page: Page) -> None:
    tim, hedy = (page.locator("figure", has_text=name) for name in ("tim@contoso.com", "hedy@contoso.com"))
    expect(tim).to_contain_text("This file is a PDF document")
    expect(tim.locator("img")).to_have_count(0)
    expect(hedy).to_contain_text("Call it users/hedy@contoso.com.png")
    expect(hedy.get_by_alt_text("Before")).to_be_visible()


def test_the_counts_stand_above_and_choose_what_is_shown(page: Page) -> None:
    expect(page.locator("header p")).to_have_text("4 files: 1 accepted, 3 would be refused.")
    shown = "figures => figures.filter(figure => figure.checkVisibility()).length"
    for label, count in (("Accepted", 1), ("Refused", 3), ("All", 4)):
        page.get_by_text(label, exact=True).click()
        assert page.locator("figure").evaluate_all(shown) == count


def test_a_hostile_name_is_text_on_the_sheet(page: Page) -> None:
    expect(page.locator("figure", has_text='<img src=x onerror="executed=1">')).to_have_count(1)
    assert page.evaluate("typeof executed") == "undefined"


def test_the_sheet_fits_a_phone_and_needs_nothing_from_anywhere_else(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.partition(":")[0]))
    page.reload()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert [scheme for scheme in asked if scheme != "data"] == ["file"]


def test_the_sheet_allows_no_script_and_nothing_to_be_loaded(sheet: Path) -> None:
    assert "default-src 'none'; img-src data:; style-src 'sha256-" in sheet.read_text("utf-8")


def test_the_sheet_is_known_again_and_a_thumbnail_is_small(sheet: Path) -> None:
    written = sheet.read_bytes()
    assert written.startswith(SHEET)
    assert len(written) < 40_000


def test_the_last_sheet_stays_whole_where_the_new_one_does_not_come_to_its_end(sheet: Path) -> None:
    whole = sheet.read_bytes()
    with pytest.raises(ValueError, match="zip"), ContactSheet.written(sheet) as written:
        written.finish([Verdict(file="of which there is no picture")])
    assert sheet.read_bytes() == whole
    assert not part_of(sheet).exists()
