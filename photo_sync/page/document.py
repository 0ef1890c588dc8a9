"""The page as one HTML document: its styles and scripts stand in it, and the browser is told to run no others."""

import base64
import functools
import hashlib
import re
from importlib.resources import files
from typing import Final

from photo_sync.page.reply import Reply

_STYLE: Final = re.compile(r'<link rel="stylesheet" href="([a-z]+\.css)">')
_SCRIPT: Final = re.compile(r'<script src="([a-z]+\.js)"></script>')


@functools.cache
def document() -> Reply:
    """Return the document, with a Content-Security-Policy that names the hash of each style and script in it."""
    html, styles = _inline(_source("page.html"), _STYLE, "style")
    html, scripts = _inline(html, _SCRIPT, "script")
    headers = {
        "Content-Security-Policy": _policy(styles, scripts),
        "Cross-Origin-Opener-Policy": "same-origin",
        "X-Frame-Options": "DENY",
    }
    return Reply(200, "text/html", html.encode(), headers)


def _inline(html: str, reference: re.Pattern[str], tag: str) -> tuple[str, list[str]]:
    """Put the files that are referred to into the document; returns it, and their hashes."""
    sources = [_source(name) for name in reference.findall(html)]
    pieces = iter(sources)
    return reference.sub(lambda _: f"<{tag}>{next(pieces)}</{tag}>", html), [_hash(source) for source in sources]


def _policy(styles: list[str], scripts: list[str]) -> str:
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src {' '.join(scripts)}",
            f"style-src {' '.join(styles)}",
            "img-src blob: data:",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        ]
    )


def _hash(source: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}'"


def _source(name: str) -> str:
    return files("photo_sync.page").joinpath(name).read_text("utf-8").replace("\r\n", "\n")
