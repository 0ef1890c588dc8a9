from dataclasses import replace
from datetime import UTC, datetime

import pytest

from local.cloud import Cloud
from pages import in_small_pages
from photo_sync.errors import SettingsError
from photo_sync.ledger import Ledger
from photo_sync.settings import PHOTOS, RECEIPTS, Settings
from photo_sync.standing import WAITING, find, standings
from photo_sync.storage import Photos
from photo_sync.sync import PhotoSync
from photo_sync.wiring import connect
from pictures import plain

ADA, GRACE, HEDY, TIM = (f"users/{who}@contoso.com.jpg" for who in ("ada", "grace", "hedy", "tim"))


@pytest.fixture
def job(machine: Cloud) -> PhotoSync:
    """Ada's photo is synced, Grace's is new, Hedy's file is gone and Tim has another picture since; two on a page."""
    made = connect(Settings.from_env(machine.settings))
    for name in (ADA, GRACE, HEDY, TIM):
        machine.blobs.get_blob_client(PHOTOS, name).upload_blob(plain())
        if name != GRACE:
            made.sync(name)
    machine.blobs.get_blob_client(PHOTOS, HEDY).delete_blob()
    machine.blobs.get_blob_client(PHOTOS, TIM).upload_blob(plain("blue"), overwrite=True)
    photos, receipts = (in_small_pages(machine, name) for name in (PHOTOS, RECEIPTS))
    return replace(made, photos=Photos(photos, 1_000_000), ledger=Ledger(receipts))


def test_here_they_are_listed_in_several_segments(job: PhotoSync) -> None:
    assert len(job.photos.segment("", "")[0]) == len(job.ledger.segment("", "", 9)[0]) == 2


def test_pictures_and_receipts_are_told_side_by_side(job: PhotoSync) -> None:
    found = {each.name: (each.upload is not None, each.line is not None, each.outcome) for each in standings(job)}
    assert found == {
        ADA: (True, True, "synced"),
        GRACE: (True, False, WAITING),
        HEDY: (False, True, "synced"),
        TIM: (True, True, WAITING),
    }


def test_only_names_with_a_prefix_are_listed(job: PhotoSync) -> None:
    assert [each.name for each in standings(job, "users/g")] == [GRACE]


def test_what_waits_stands_so_since_it_was_uploaded(job: PhotoSync) -> None:
    ada, grace, _, tim = standings(job)
    assert (ada.since, ada.reason) == (ada.own and ada.own.written, "")
    for each in (grace, tim):
        assert (each.since, each.own) == (each.upload and each.upload.uploaded, None)
        assert each.reason == "The app has not told yet what became of it."
    assert ada.since is not None
    assert abs((datetime.now(UTC) - ada.since).total_seconds()) < 60


def test_what_the_app_has_not_seen_is_so_since_it_was_uploaded(job: PhotoSync) -> None:
    _, grace, _, tim = found = list(standings(job))
    assert [each.unseen_since for each in found] == [
        *(None, grace.upload and grace.upload.uploaded, None, tim.upload and tim.upload.uploaded),
    ]


def test_what_is_tried_again_has_its_newest_upload_looked_at(job: PhotoSync) -> None:
    *_, tim = standings(job)
    assert tim.line is not None
    for outcome, is_seen in (("retrying", True), ("failed", False)):
        assert (replace(tim, line=replace(tim.line, outcome=outcome)).unseen_since is None) is is_seen


def test_photos_are_found_by_their_names_and_the_others_are_told(job: PhotoSync) -> None:
    found, unknown = find(
        job, [ADA, "users/ada@contoso.com", f"photos/{TIM}", "users/ad", "users/alan@contoso.com.jpg"]
    )
    assert [each.name for each in found] == [ADA, TIM]
    assert unknown == ["users/ad", "users/alan@contoso.com.jpg"]


def test_a_name_without_an_extension_means_all_files_of_it(job: PhotoSync, machine: Cloud) -> None:
    machine.blobs.get_blob_client(PHOTOS, "users/ada@contoso.com.png").upload_blob(plain(format_="PNG"))
    found, _ = find(job, ["users/ada@contoso.com"])
    assert [each.name for each in found] == [ADA, "users/ada@contoso.com.png"]


@pytest.mark.parametrize("name", ["", " ", "/", "photos/"])
def test_an_empty_name_is_wrong_use(job: PhotoSync, name: str) -> None:
    with pytest.raises(SettingsError, match=f"“{name}” names no photo"):
        find(job, [name])


def test_only_a_picture_s_extension_may_be_left_out(machine: Cloud, job: PhotoSync) -> None:
    machine.blobs.get_blob_client(PHOTOS, "users/alan@contoso.com").upload_blob(b"")
    for name, found in (("users/alan@contoso", []), ("users/alan@contoso.com", ["users/alan@contoso.com"])):
        assert [each.name for each in find(job, [name])[0]] == found
