"""What decoders say beside the point stays out of the logs: hundreds of lines for a single hostile file."""

import ctypes
import functools
import logging
import warnings

from PIL import _imaging


def silence() -> None:
    """Keep Pillow's warnings and errors, and libtiff's, from being printed in the whole process; to be called at will.

    What they mean for a picture, its decoder's error or its pixels tell. Python's filters are looked through again and
    again, for whoever restores older ones: `warnings.catch_warnings` does.
    """
    warnings.filterwarnings("ignore", module=r"PIL\.")
    logging.getLogger("PIL").setLevel(logging.CRITICAL)
    _silence_libtiff()


@functools.cache
def _silence_libtiff() -> None:
    """Take away the handlers that print, where the library that Pillow brings can be reached: on Linux and macOS."""
    try:
        imaging = ctypes.CDLL(_imaging.__file__)
        imaging.TIFFSetWarningHandler(None)
        imaging.TIFFSetErrorHandler(None)
    except (AttributeError, OSError):
        return
