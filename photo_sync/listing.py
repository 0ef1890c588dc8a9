"""Containers listed page by page, in the order of names, so that a long listing can be left and gone on with."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Generic, TypeVar, cast

from azure.storage.blob import BlobProperties, ContainerClient

if TYPE_CHECKING:
    from azure.core.paging import PageIterator

T = TypeVar("T")

Page = tuple[str, list[T]]
"""The token that a page is had under, empty for the first one, and what stands on it."""


def blob_pages(
    container: ContainerClient, token: str, include: list[str], prefix: str = ""
) -> Iterator[Page[BlobProperties]]:
    """Yield the pages of a container's listing from one on, each as large as storage gives (5,000 blobs).

    With a prefix, only the names that begin with it are listed.
    """
    listing = container.list_blobs(name_starts_with=prefix or None, include=include)
    pages = cast("PageIterator[BlobProperties]", listing.by_page(token or None))
    for page in pages:
        yield token, list(page)
        token = pages.continuation_token or ""


class Cursor(Generic[T]):
    """A place in a listing: the item there, and the token of the page it stands on."""

    def __init__(self, pages: Iterable[Page[T]]) -> None:
        """Begin at the first item."""
        self._items = ((token, item) for token, items in pages for item in items)
        self.token = ""
        self.item: T | None = None
        self.advance()

    def advance(self) -> None:
        """Go to the next item; `item` is None behind the last."""
        token, self.item = next(self._items, (self.token, None))
        self.token = token
