import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.storage.blob import ContainerClient

from local.cloud import Cloud
from local.drop import mirror, mirroring


class Looks(threading.Event):
    """What stops the mirror: instead of waiting it takes a step before each look, and after the last one it ends."""

    def __init__(self, *steps: Callable[[], object]) -> None:
        super().__init__()
        self._steps = iter(steps)

    def wait(self, timeout: float | None = None) -> bool:
        del timeout
        step = next(self._steps, None)
        if step is None:
            return True
        step()
        return False


def nothing() -> None:
    """What happens before a look that finds all as it was."""


@pytest.fixture
def photos(machine: Cloud) -> ContainerClient:
    return machine.blobs.get_container_client("photos")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "drop" / "users").mkdir(parents=True)
    return tmp_path / "drop"


def contents(photos: ContainerClient) -> dict[str, bytes]:
    """What the container holds."""
    return {name: photos.download_blob(name).readall() for name in photos.list_blob_names()}


def writing(path: Path, data: bytes) -> Callable[[], object]:
    return lambda: path.write_bytes(data)


def test_a_new_file_becomes_a_blob(folder: Path, photos: ContainerClient) -> None:
    mirror(folder, photos, Looks(writing(folder / "users" / "ada.jpg", b"ada"), nothing))
    assert contents(photos) == {"users/ada.jpg": b"ada"}


def test_a_file_that_was_there_before_becomes_a_blob(folder: Path, photos: ContainerClient) -> None:
    (folder / "me.jpg").write_bytes(b"me")
    mirror(folder, photos, Looks(nothing, nothing))
    assert contents(photos) == {"me.jpg": b"me"}


def test_a_changed_file_is_uploaded_again(folder: Path, photos: ContainerClient) -> None:
    photo = folder / "me.jpg"
    mirror(folder, photos, Looks(writing(photo, b"first"), nothing, writing(photo, b"the second"), nothing))
    assert contents(photos) == {"me.jpg": b"the second"}


def test_a_file_that_stays_as_it_is_is_uploaded_once(folder: Path, photos: ContainerClient) -> None:
    etags: list[str] = []

    def look() -> None:
        etags.append(photos.get_blob_client("me.jpg").get_blob_properties().etag)

    mirror(folder, photos, Looks(writing(folder / "me.jpg", b"me"), nothing, look, look, look))
    assert len(set(etags)) == 1


def test_a_deleted_file_takes_its_blob_with_it(folder: Path, photos: ContainerClient) -> None:
    photo = folder / "me.jpg"
    mirror(folder, photos, Looks(writing(photo, b"me"), nothing, photo.unlink))
    assert contents(photos) == {}


def test_a_renamed_file_moves_its_blob(folder: Path, photos: ContainerClient) -> None:
    photo, other = folder / "me.jpg", folder / "users" / "ada.jpg"
    mirror(folder, photos, Looks(writing(photo, b"me"), nothing, lambda: photo.rename(other), nothing))
    assert contents(photos) == {"users/ada.jpg": b"me"}


def test_a_blob_of_which_there_never_was_a_file_is_left_alone(folder: Path, photos: ContainerClient) -> None:
    photos.upload_blob("users/grace.jpg", b"grace")
    mirror(folder, photos, Looks(writing(folder / "me.jpg", b"me"), nothing, (folder / "me.jpg").unlink))
    assert contents(photos) == {"users/grace.jpg": b"grace"}


@pytest.mark.parametrize("name", [".DS_Store", "users/.ada.jpg.swp", ".git/photo.jpg", "users/.cache/deep/photo.jpg"])
def test_what_is_hidden_is_ignored(folder: Path, photos: ContainerClient, name: str) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    mirror(folder, photos, Looks(writing(folder / name, b"hidden"), nothing))
    assert contents(photos) == {}


def test_a_file_that_still_grows_waits_until_it_is_whole(folder: Path, photos: ContainerClient) -> None:
    photo, seen = folder / "me.jpg", list[dict[str, bytes]]()

    def grow() -> None:
        seen.append(contents(photos))
        with photo.open("ab") as file:
            file.write(b"half")

    mirror(folder, photos, Looks(grow, grow, grow, nothing))
    assert seen == [{}, {}, {}]
    assert contents(photos) == {"me.jpg": b"halfhalfhalf"}


@pytest.mark.parametrize(
    "name",
    [
        "users/ada@contoso.com.jpg",
        "users/ada@contoso.com/contactFolders/AAMkAGI2TGuMAAA=/contacts/AAMkAGI2TGuNAAA=.png",
        "users/adele_fabrikam.com#EXT#@contoso.onmicrosoft.com.gif",
        "users/mary.o'neill@contoso.com.tif",
        "users/josé@contoso.com.jpg",
        "users/jose\u0301@contoso.com.jpg",
        "users/日本 太郎.jpg",
        "users/100%23 & <more>?.jpg",
        "users/no extension",
    ],
)
def test_a_blob_is_named_as_its_file_is_to_the_letter(folder: Path, photos: ContainerClient, name: str) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    mirror(folder, photos, Looks(writing(folder / name, name.encode()), nothing))
    assert contents(photos) == {name: name.encode()}


def test_a_blob_that_has_gone_already_does_not_stop_the_mirror(folder: Path, photos: ContainerClient) -> None:
    photo = folder / "me.jpg"

    def both() -> None:
        photos.delete_blob("me.jpg")
        photo.unlink()

    mirror(folder, photos, Looks(writing(photo, b"me"), nothing, both, writing(photo, b"again"), nothing))
    assert contents(photos) == {"me.jpg": b"again"}


def test_a_file_that_cannot_be_read_does_not_stop_the_mirror(folder: Path, photos: ContainerClient) -> None:
    (folder / "me.jpg").symlink_to(folder / "nowhere.jpg")
    mirror(folder, photos, Looks(writing(folder / "users" / "ada.jpg", b"ada"), nothing))
    assert contents(photos) == {"users/ada.jpg": b"ada"}


@pytest.mark.parametrize("name", [b"caf\xe9.jpg", b"a\x01b.jpg", "a\ufffeb.jpg".encode()], ids=repr)
def test_a_name_that_no_blob_can_have_does_not_stop_the_mirror(
    folder: Path, photos: ContainerClient, name: bytes
) -> None:
    (folder / os.fsdecode(name)).write_bytes(b"unnameable")
    try:
        mirror(folder, photos, Looks(writing(folder / "users" / "ada.jpg", b"ada"), nothing))
        assert contents(photos) == {"users/ada.jpg": b"ada"}
    finally:
        with suppress(ResourceNotFoundError, ValueError):
            photos.delete_blob(os.fsdecode(name))  # Azurite could not list the container ever after


def test_a_saved_file_is_a_blob_within_two_seconds_and_the_mirror_ends_when_told(
    folder: Path, photos: ContainerClient
) -> None:
    with mirroring(folder, photos):
        (folder / "me.jpg").write_bytes(b"me")
        until = time.monotonic() + 2
        while not contents(photos) and time.monotonic() < until:
            time.sleep(0.05)
        assert contents(photos) == {"me.jpg": b"me"}
