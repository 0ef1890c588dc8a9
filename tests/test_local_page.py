"""The emulator's page, in a real browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from local.graph import GraphEmulator
from photo_sync.graph import Graph
from photo_sync.target import Target
from pictures import plain


def put(graph: Graph, upn: str = "ada@contoso.com", edge: int = 64) -> None:
    graph.put_photo(Target.parse(f"users/{upn}.jpg"), plain(width=edge, height=edge))


@pytest.fixture
def page(browser: Browser, emulator: GraphEmulator) -> Iterator[Page]:
    """The emulator's page, open; a test that makes it complain fails."""
    complaints: list[str] = []
    with browser.new_page() as opened:
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        opened.on("console", lambda message: complaints.append(message.text))
        opened.goto(f"{emulator.root}/")
        yield opened
    assert complaints == []


def test_the_page_shows_everybody(page: Page, emulator: GraphEmulator) -> None:
    page.get_by_text("Mary Somerville").wait_for()
    assert sorted(page.locator(".name").all_inner_texts()) == sorted(entry.name for entry in emulator.directory)


def test_a_hostile_name_is_text_on_the_page(page: Page, emulator: GraphEmulator, graph: Graph) -> None:
    name = """<img src=x onerror="executed = 1"> "><script>executed = 2</script>"""
    eve = emulator.directory.add_user("eve@contoso.com", name, detail=name)
    page.locator(".name", has_text=name).wait_for(timeout=2000)
    put(graph, "eve@contoso.com")
    page.get_by_alt_text(f"Photo of {name}").wait_for(timeout=2000)
    assert page.locator("main img").count() == len([eve])
    assert page.locator("main script").count() == 0
    assert page.evaluate("typeof executed") == "undefined"


def test_a_photo_appears_on_the_open_page_within_two_seconds(page: Page, graph: Graph) -> None:
    page.get_by_text("Ada Lovelace", exact=True).wait_for()
    page.evaluate("notReloaded = true")
    put(graph, edge=72)
    page.wait_for_function(
        "document.querySelector('[alt=\"Photo of Ada Lovelace\"]')?.naturalWidth === 72", timeout=2000
    )
    assert page.evaluate("notReloaded") is True


def test_a_photo_that_is_deleted_goes_from_the_page(page: Page, emulator: GraphEmulator, graph: Graph) -> None:
    put(graph)
    page.get_by_alt_text("Photo of Ada Lovelace").wait_for(timeout=2000)
    emulator.directory.known_user("ada@contoso.com").delete()
    page.get_by_alt_text("Photo of Ada Lovelace").wait_for(state="detached", timeout=2000)
    assert page.get_by_text("AL", exact=True).is_visible()


def test_the_page_needs_nothing_from_anywhere_else(page: Page, emulator: GraphEmulator) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.reload()
    page.get_by_text("Mary Somerville").wait_for()
    assert {url for url in asked if not url.startswith((emulator.root, "data:"))} == set()
