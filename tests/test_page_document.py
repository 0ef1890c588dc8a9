"""The page as it is sent: what a browser may run and load of it, and nothing else."""

import base64
import hashlib
import re
from pathlib import Path

from photo_sync.page.document import document

SOURCES = Path(__file__).parents[1] / "photo_sync" / "page"
HTML = document().body.decode()


def policy() -> dict[str, list[str]]:
    """The Content-Security-Policy, by directive."""
    rows = [row.split() for row in document().headers["Content-Security-Policy"].split(";")]
    return {name: values for name, *values in rows}


def pieces(tag: str) -> list[str]:
    return re.findall(f"<{tag}>(.*?)</{tag}>", HTML, re.DOTALL)


def hashes(tag: str) -> list[str]:
    digests = [hashlib.sha256(piece.encode()).digest() for piece in pieces(tag)]
    return [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests]


def test_the_browser_runs_the_pages_own_scripts_and_styles_alone() -> None:
    assert policy()["script-src"] == hashes("script")
    assert policy()["style-src"] == hashes("style")


def test_nothing_is_loaded_from_elsewhere_or_framed_or_sent_anywhere() -> None:
    rest = {name: values for name, values in policy().items() if name not in {"script-src", "style-src"}}
    assert rest == {
        "default-src": ["'none'"],
        "img-src": ["blob:", "data:"],
        "connect-src": ["'self'"],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
        "frame-ancestors": ["'none'"],
        "require-trusted-types-for": ["'script'"],
        "trusted-types": ["'none'"],
    }


def test_every_script_and_style_that_there_is_stands_in_the_page() -> None:
    sources = {path.read_text("utf-8") for path in SOURCES.iterdir() if path.suffix in {".js", ".css"}}
    assert {*pieces("script"), *pieces("style")} == sources


def test_no_source_ends_the_element_that_it_stands_in() -> None:
    for piece in (*pieces("script"), *pieces("style")):
        assert not re.search(r"</(script|style)|<!--", piece, re.IGNORECASE)


def test_the_page_names_no_address_of_anybody_else() -> None:
    assert set(re.findall(r"https?://[^\s'\"]*", HTML)) == {"http://www.w3.org/2000/svg"}


def test_no_script_makes_markup_of_a_text_or_keeps_anything_in_the_browser() -> None:
    words = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|Function\(|DOMParser|Storage|cookie"
    assert [piece for piece in pieces("script") if re.search(words, piece)] == []


def test_the_answer_is_not_kept_and_says_what_it_is() -> None:
    headers = document().headers
    assert document().media_type == "text/html"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"


def test_without_scripts_the_page_says_what_to_do() -> None:
    (told,) = re.findall("<noscript>(.*?)</noscript>", HTML)
    assert "photo-sync status" in told
