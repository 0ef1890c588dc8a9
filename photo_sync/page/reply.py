"""What the page's requests are answered with, and the headers that every answer has."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

HEADERS: Final = {
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer to a request: status, media type, body, and headers beside `HEADERS` or in their place.

    Text is in UTF-8; the worker adds that to the media type.
    """

    status: int
    media_type: str
    body: bytes = field(repr=False)
    own_headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, told: object, status: int = 200, headers: Mapping[str, str] | None = None) -> "Reply":
        """Return an answer in JSON."""
        body = json.dumps(told, ensure_ascii=False).encode(errors="backslashreplace")
        return cls(status, "application/json", body, headers or {})

    @property
    def headers(self) -> dict[str, str]:
        """All headers but the media type."""
        return {**HEADERS, **self.own_headers}


class Declined(Exception):
    """A request that does not get what it asks for: the status, and a sentence for whoever looks at the page.

    `rest` is how many seconds to wait before the same request may do better; None where it will not.
    """

    def __init__(self, status: int, sentence: str, rest: int | None = None) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence
        self.rest = rest

    def reply(self) -> Reply:
        """Return the answer in JSON."""
        return Reply.of({"error": self.sentence}, self.status, {"Retry-After": str(self.rest)} if self.rest else {})

    def in_words(self) -> Reply:
        """Return the answer as somebody sees it who has opened an address in a browser."""
        return Reply(self.status, "text/plain", self.sentence.encode())
