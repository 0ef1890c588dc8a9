import subprocess
import sys
import warnings
from io import BytesIO
from pathlib import Path

from PIL import Image

from photo_sync.imaging.chatter import silence
from pictures import noise, save

HOSTILE = """
import logging, sys
from pathlib import Path
from photo_sync.errors import Rejected
from photo_sync.photo import normalise

logging.basicConfig()
for name in sys.argv[1:]:
    try:
        normalise(Path(name).read_bytes())
    except Rejected as refusal:
        print(refusal.code)
    else:
        print("photo")
"""


def _fax(damage: int) -> bytes:
    """A fax in a TIFF, in which so many bytes were changed: libtiff has a line to say about each row."""
    data = bytearray(save(noise(400).convert("1"), "TIFF", compression="group3"))
    for at in range(2_000, 2_000 + damage):
        data[at] ^= 0x5A
    return bytes(data)


def test_decoders_print_nothing_whatever_they_have_to_say(tmp_path: Path) -> None:
    lzw = bytearray(save(noise(300), "TIFF", compression="tiff_lzw"))
    lzw[3_000:3_100] = bytes(100)
    exif = save(noise(60), "JPEG", exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + bytes(30))
    for name, data in (("fax", _fax(2_000)), ("lzw", bytes(lzw)), ("exif", exif)):
        (tmp_path / name).write_bytes(data)
    environ = {"PYTHONPATH": str(Path(__file__).parents[1])}
    command = [sys.executable, "-c", HOSTILE, *(str(tmp_path / name) for name in ("fax", "lzw", "exif"))]

    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=True)  # noqa: S603

    assert done.stderr == ""
    assert done.stdout.split()[1:] == ["damaged", "photo"]


def test_of_warnings_only_pillow_s_are_kept_back() -> None:
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        silence()
        Image.open(BytesIO(save(noise(60), "JPEG", exif=b"Exif\0\0garbage"))).getexif()
        warnings.warn("of somebody else", UserWarning, stacklevel=1)

    assert [str(warning.message) for warning in said] == ["of somebody else"]
