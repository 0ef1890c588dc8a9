"""The site of docs/: it builds without a warning, leads nowhere that is not there, and loads nothing from elsewhere."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import unquote, urldefrag, urlsplit

import pytest
from playwright.sync_api import Browser

from documents import ROOT

SITE = ROOT / "build" / "site"
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "zensical.toml").read_text("utf-8"))["project"]
BUILD = ["-m", "zensical", "build", "--clean", "--strict"]
LOADED = {"src", "srcset", "poster", "data", "action"}


class Places(HTMLParser):
    """Where a page leads, what it loads, and which places in it can be led to."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.ids: set[str] = set()
        self.feed(page.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id":
                self.ids.add(value or "")
            elif name == "href":
                (self.links if tag in {"a", "area"} else self.loads).append(value or "")
            elif name in LOADED:
                self.loads.append(value or "")


GRAVE = {"error", "warning"}  # the browser remarks on focus, too, when a link has a place in it


@pytest.fixture(scope="module")
def build() -> subprocess.CompletedProcess[str]:
    """What building it says, as `make docs` builds it."""
    return subprocess.run([sys.executable, *BUILD], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603


@pytest.fixture(scope="module")
def pages(build: subprocess.CompletedProcess[str]) -> dict[Path, Places]:
    """Each page that was built."""
    assert build.returncode == 0, build.stderr
    return {path: Places(path) for path in sorted(SITE.rglob("*.html")) if path.name != "404.html"}


@pytest.fixture
def address(pages: dict[Path, Places]) -> Iterator[str]:
    """The site, served."""
    assert pages
    handler = partial(Quiet, directory=str(SITE))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class Quiet(SimpleHTTPRequestHandler):
    """One that logs nothing."""

    def log_message(self, *_args: object) -> None:
        pass


def entries(nav: list[Any]) -> list[str]:
    """The pages that the navigation leads to."""
    found: list[str] = []
    for entry in nav:
        for leads in entry.values():
            found += entries(leads) if isinstance(leads, list) else [leads]
    return found


def test_it_builds_without_a_warning(build: subprocess.CompletedProcess[str]) -> None:
    assert (build.returncode, build.stderr.strip()) == (0, "No issues found")


def test_make_renews_the_pages_and_builds_as_it_is_tested() -> None:
    (recipe,) = re.findall(r"^docs: .*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert recipe == f"\t$(BIN)/python -m docs\n\t$(BIN)/python {' '.join(BUILD)}\n"


def test_the_navigation_leads_to_every_page_once() -> None:
    documents = sorted(path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md"))
    assert sorted(entries(PROJECT["nav"])) == documents


def test_every_link_leads_to_something(pages: dict[Path, Places]) -> None:
    for page, places in pages.items():
        for link in (link for link in [*places.links, *places.loads] if not urlsplit(link).scheme):
            name, place = urldefrag(link)
            there = (page.parent / unquote(name)).resolve() if name else page
            assert there.is_file(), f"{page.name} leads to {link}"
            assert there.is_relative_to(SITE), f"{page.name} leads out of the site, to {link}"
            assert not place or there not in pages or unquote(place) in pages[there].ids, f"{page.name}: {link}"


def test_nothing_is_loaded_from_elsewhere(pages: dict[Path, Places]) -> None:
    assert [load for places in pages.values() for load in places.loads if re.match(r"(https?:)?//", load)] == []
    sheets = [path.read_text("utf-8") for path in SITE.rglob("*.css")]
    assert [found for sheet in sheets for found in re.findall(r"""url\(["']?(?:https?:)?//|@import""", sheet)] == []


def test_it_is_no_more_than_pages_and_what_they_show(pages: dict[Path, Places]) -> None:
    assert pages
    kinds = {path.suffix for path in SITE.rglob("*") if path.is_file()} - {""}
    assert kinds == {".html", ".css", ".js", ".json", ".xml", ".png", ".svg"}


def test_a_reason_is_found_by_its_code(browser: Browser, address: str) -> None:
    asked: list[str] = []
    complaints: list[str] = []
    with browser.new_page() as page:
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.append(message.text) if message.type in GRAVE else None)
        page.goto(f"{address}/index.html")
        page.get_by_role("button", name="Search").click()
        page.get_by_role("combobox").or_(page.get_by_role("textbox")).first.fill("no-mailbox")
        page.locator("a[href*='troubleshooting.html']", has_text="no-mailbox").first.click()
        page.wait_for_url("**/troubleshooting.html*")
    assert complaints == []
    assert {urlsplit(url).netloc for url in asked if not url.startswith(("blob:", "data:"))} == {
        urlsplit(address).netloc
    }
