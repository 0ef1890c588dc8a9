from io import BytesIO

import pytest
from PIL import Image, ImageColor

from local.cloud import MAILBOX
from local.samples import Sample, samples
from photo_sync.errors import Rejected, TryLater
from photo_sync.graph import Graph
from photo_sync.imaging.formats import detect
from photo_sync.photo import Photo, normalise
from photo_sync.recipe import Recipe
from photo_sync.target import Target
from pictures import segments

DROPPED = samples()
SAMPLES = {sample.name: sample for sample in DROPPED}
SYNCED = [name for name, sample in SAMPLES.items() if sample.outcome == "synced"]
SIDEWAYS = "users/linus@contoso.com.jpg"
WITH_GPS = "users/josé@contoso.com.jpg"


def target_of(sample: Sample) -> Target:
    return Target.parse(sample.name, contacts_mailbox=MAILBOX).for_managed_identity()


def photo_of(name: str) -> Photo:
    sample = SAMPLES[name]
    return normalise(sample.data, Recipe().of(target_of(sample).kind))


def what_becomes_of(sample: Sample, graph: Graph) -> tuple[str, str]:
    """The outcome and the reason's code, found without storage and without a host."""
    try:
        graph.put_photo(target_of(sample), photo_of(sample.name).jpeg)
    except Rejected as refusal:
        return "rejected", refusal.code
    except TryLater as fault:
        return "retrying", fault.code
    return "synced", ""


@pytest.mark.parametrize("sample", SAMPLES.values(), ids=lambda sample: sample.what)
def test_what_becomes_of_a_sample_is_what_it_says(graph: Graph, sample: Sample) -> None:
    assert what_becomes_of(sample, graph) == (sample.outcome, sample.code)


def test_no_two_samples_have_the_same_name() -> None:
    assert len({name.lower() for name in SAMPLES}) == len(DROPPED)


def test_no_two_samples_are_of_the_same_person() -> None:
    assert len({target_of(SAMPLES[name]).photo_path for name in SYNCED}) == len(SYNCED)


def test_every_kind_that_an_app_can_reach_is_shown() -> None:
    assert {target_of(SAMPLES[name]).kind for name in SYNCED} == {"users", "groups", "teams", "contacts"}


def test_the_formats_that_people_upload_are_shown() -> None:
    formats = {detect(SAMPLES[name].data).name for name in SYNCED}
    assert formats == {"JPEG", "PNG", "WebP", "HEIC", "TIFF", "GIF"}


def test_a_refusal_is_shown_for_the_name_the_picture_the_person_and_the_sign_in() -> None:
    codes = {sample.code for sample in SAMPLES.values() if sample.outcome != "synced"}
    assert {"unknown-kind", "wrong-format", "too-small", "no-such-target", "needs-sign-in"} <= codes


def near(pixel: object, colour: str) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(seen - drawn) <= 24 for seen, drawn in zip(pixel, ImageColor.getrgb(colour), strict=True))


@pytest.mark.parametrize("name", SYNCED)
def test_a_photo_is_upright_and_in_the_colours_that_its_sample_tells(name: str) -> None:
    sample = SAMPLES[name]
    with Image.open(BytesIO(photo_of(name).jpeg)) as photo:
        right, foot = photo.width - 8, photo.height - 8
        assert near(photo.getpixel((8, 8)), sample.top)
        assert near(photo.getpixel((right, 8)), sample.top)
        assert near(photo.getpixel((photo.width // 2, foot)), sample.foot)


def test_the_sideways_sample_lies_on_its_side() -> None:
    with Image.open(BytesIO(SAMPLES[SIDEWAYS].data)) as image:
        assert image.getexif()[0x0112] == 6
        assert image.width > image.height


def test_the_sample_with_gps_data_loses_it() -> None:
    with Image.open(BytesIO(SAMPLES[WITH_GPS].data)) as image:
        place = image.getexif().get_ifd(0x8825)
    assert (place[1], place[3]) == ("N", "E")
    jpeg = photo_of(WITH_GPS).jpeg
    assert b"Exif" not in jpeg
    assert set(segments(jpeg)) <= {"SOI", "APP0", "DQT", "SOF0", "SOF2", "DHT", "SOS", "EOI"}
