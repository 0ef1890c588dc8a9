from collections.abc import Iterator

import pytest
from azure.storage.blob import ContainerClient

from local.cloud import Cloud
from pages import in_small_pages
from photo_sync.listing import Cursor, Page, blob_pages
from photo_sync.settings import PHOTOS

NAMES = [f"users/{who}@contoso.com.jpg" for who in ("ada", "alan", "grace", "katherine", "linus")]


@pytest.fixture
def container(machine: Cloud) -> ContainerClient:
    """Five photos, listed two by two."""
    for name in reversed(NAMES):
        machine.blobs.get_blob_client(PHOTOS, name).upload_blob(b"picture", metadata={"who": "somebody"})
    return in_small_pages(machine, PHOTOS)


def names(container: ContainerClient, token: str = "") -> list[tuple[str, list[str]]]:
    return [(page, [blob.name for blob in blobs]) for page, blobs in blob_pages(container, token, [])]


# Pages


def test_a_listing_comes_in_pages_in_the_order_of_names(container: ContainerClient) -> None:
    assert [page for _, page in names(container)] == [NAMES[:2], NAMES[2:4], NAMES[4:]]


def test_the_first_page_s_token_is_empty_and_no_other_s_is(container: ContainerClient) -> None:
    tokens = [token for token, _ in names(container)]
    assert tokens[0] == ""
    assert len(set(tokens)) == 3


def test_a_listing_goes_on_from_any_page_by_its_token(container: ContainerClient) -> None:
    pages = names(container)
    for index, (token, _) in enumerate(pages):
        assert names(container, token) == pages[index:]


def test_a_listing_that_is_gone_on_with_knows_what_was_added_meanwhile(
    machine: Cloud, container: ContainerClient
) -> None:
    token = names(container)[2][0]
    machine.blobs.get_blob_client(PHOTOS, "users/zoë@contoso.com.jpg").upload_blob(b"picture")
    assert names(container, token)[-1][1] == [NAMES[4], "users/zoë@contoso.com.jpg"]


def test_an_empty_container_has_nothing_on_its_pages(machine: Cloud) -> None:
    container = machine.blobs.get_container_client(PHOTOS)
    assert [blob for _, page in blob_pages(container, "", []) for blob in page] == []


@pytest.mark.parametrize(("include", "metadata"), [(["metadata"], {"who": "somebody"}), ([], None)])
def test_a_listing_holds_the_metadata_where_they_are_asked_for(
    container: ContainerClient, include: list[str], metadata: dict[str, str] | None
) -> None:
    assert [blob.metadata or None for _, page in blob_pages(container, "", include) for blob in page] == [metadata] * 5


# Cursors


def places(cursor: Cursor[str]) -> list[tuple[str, str | None]]:
    """Every place of a cursor, the one behind the last item too."""
    found = [(cursor.token, cursor.item)]
    while cursor.item is not None:
        cursor.advance()
        found.append((cursor.token, cursor.item))
    return found


@pytest.mark.parametrize(
    ("pages", "expected"),
    [
        ([], [("", None)]),
        ([("", [])], [("", None)]),
        ([("", ["a"])], [("", "a"), ("", None)]),
        ([("", ["a", "b"]), ("2", ["c"])], [("", "a"), ("", "b"), ("2", "c"), ("2", None)]),
        ([("", []), ("1", ["a"]), ("2", []), ("3", ["b"])], [("1", "a"), ("3", "b"), ("3", None)]),
        ([("7", ["a"]), ("8", [])], [("7", "a"), ("7", None)]),
    ],
)
def test_a_cursor_goes_from_item_to_item_and_knows_the_page_of_each(
    pages: list[Page[str]], expected: list[tuple[str, str | None]]
) -> None:
    assert places(Cursor(pages)) == expected


def test_a_cursor_stays_behind_the_last_item() -> None:
    cursor = Cursor([("7", ["a"])])
    for _ in range(3):
        cursor.advance()
    assert (cursor.token, cursor.item) == ("7", None)


def test_a_page_is_asked_for_when_its_first_item_is() -> None:
    asked = list[int]()

    def pages() -> Iterator[Page[str]]:
        for number in range(3):
            asked.append(number)
            yield str(number), ["a", "b"]

    cursor = Cursor(pages())
    cursor.advance()
    assert asked == [0]
    cursor.advance()
    assert asked == [0, 1]
