import base64

import pytest
from azure.storage.blob import ContainerClient

from local.cloud import Cloud
from photo_sync.bookmark import Bookmark, Place
from photo_sync.settings import RECEIPTS

NOWHERE = Place()


@pytest.fixture
def container(machine: Cloud) -> ContainerClient:
    return machine.blobs.get_container_client(RECEIPTS)


@pytest.fixture
def bookmark(container: ContainerClient) -> Bookmark:
    return Bookmark(container)


@pytest.mark.parametrize(
    "place",
    [
        Place("2!92!MDAwMDI4IXVzZXJz", "2!76!MDAwMDE2IXVzZXJz"),
        Place("2!92!MDAwMDI4IXVzZXJz", ""),
        Place("", "2!76!MDAwMDE2IXVzZXJz"),
        Place("users/josé 🙂@contoso.com.jpg", "\r\nusers: ,;=%25"),
        Place("x" * 1_000, "y" * 1_000),
    ],
)
def test_a_place_is_taken_as_it_was_put(bookmark: Bookmark, place: Place) -> None:
    bookmark.put(place)
    assert bookmark.take() == place


def test_before_the_first_place_it_is_the_beginning(bookmark: Bookmark) -> None:
    assert bookmark.take() == NOWHERE


def test_a_place_is_taken_only_once(bookmark: Bookmark) -> None:
    bookmark.put(Place("a", "b"))
    bookmark.take()
    assert bookmark.take() == NOWHERE


def test_a_place_replaces_the_one_before(bookmark: Bookmark) -> None:
    bookmark.put(Place("a", "b"))
    bookmark.put(Place("c", "d"))
    assert bookmark.take() == Place("c", "d")


def test_what_else_stands_in_the_metadata_stays(container: ContainerClient, bookmark: Bookmark) -> None:
    container.set_container_metadata({"costcentre": "4711"})
    bookmark.put(Place("a", "b"))
    assert (container.get_container_properties().metadata or {})["costcentre"] == "4711"
    bookmark.take()
    assert container.get_container_properties().metadata == {"costcentre": "4711"}


@pytest.mark.parametrize("damaged", ["a", "no base64", base64.b64encode(b"\xff\xfe").decode()])
def test_a_damaged_place_is_the_beginning(container: ContainerClient, bookmark: Bookmark, damaged: str) -> None:
    bookmark.put(Place("a", "b"))
    metadata = container.get_container_properties().metadata or {}
    container.set_container_metadata(metadata | {"reconcile_photos": damaged})
    assert bookmark.take() == NOWHERE
    assert bookmark.take() == NOWHERE


def test_a_place_for_which_there_is_no_room_is_not_put(container: ContainerClient, bookmark: Bookmark) -> None:
    container.set_container_metadata({"costcentre": "4711"})
    bookmark.put(Place("x" * 3_000, "y" * 3_000))
    assert container.get_container_properties().metadata == {"costcentre": "4711"}
    assert bookmark.take() == NOWHERE
