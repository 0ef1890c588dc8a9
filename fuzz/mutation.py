"""Damage as files come by it and as people do it on purpose: to bits, to numbers, to whole pieces of a picture."""

from collections.abc import Callable
from random import Random
from typing import Final

from fuzz.pieces import repaired, split

MAX_BYTES: Final = 65_536

_NUMBERS: Final = (0, 1, 2, 3, 7, 8, 15, 16, 100, 255, 256, 4_096, 16_384, 32_767, 32_768, 65_535, 65_536, 2**31 - 1)
_NEAR: Final = 512  # bytes from either end, where most headers and directories are


def mutate(data: bytes, other: bytes, chance: Random) -> bytes:
    """Return a picture with one to four kinds of damage; `other` is one that parts may come from."""
    for _ in range(chance.choice((1, 1, 1, 2, 2, 4))):
        data = chance.choice(_DAMAGES)(data, other, chance)
    data = data[:MAX_BYTES]
    return repaired(data) if chance.random() < 0.9 else data


def _flip(data: bytes, _: bytes, chance: Random) -> bytes:
    """Some bits the other way round."""
    changed = bytearray(data)
    for _time in range(min(len(data), chance.choice((1, 1, 2, 8)))):
        changed[_place(data, chance)] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _number(data: bytes, _: bytes, chance: Random) -> bytes:
    """Another number in place of 8 to 64 bits: one that is at the edge of something, or any."""
    width = chance.choice((1, 2, 2, 4, 4, 8))
    number = chance.choice((*_NUMBERS, -1, -2, 1 << (8 * width - 1), chance.getrandbits(8 * width)))
    at = _place(data, chance)
    return (
        data[:at] + (number % (1 << 8 * width)).to_bytes(width, chance.choice(("big", "little"))) + data[at + width :]
    )


def _cut_off(data: bytes, _: bytes, chance: Random) -> bytes:
    return data[: chance.randint(0, len(data))]


def _lose(data: bytes, _: bytes, chance: Random) -> bytes:
    begin, end = _span(data, chance)
    return data[:begin] + data[end:]


def _repeat(data: bytes, _: bytes, chance: Random) -> bytes:
    begin, end = _span(data, chance)
    return data[:begin] + data[begin:end] * chance.choice((2, 2, 3, 50)) + data[end:]


def _splice(data: bytes, other: bytes, chance: Random) -> bytes:
    """A span of the other picture in place of one of this."""
    (begin, end), (first, last) = _span(data, chance), _span(other, chance)
    return data[:begin] + other[first:last] + data[end:]


def _piece_lost(data: bytes, _: bytes, chance: Random) -> bytes:
    pieces = split(data)
    at = chance.randint(0, len(pieces))
    return b"".join(pieces[:at] + pieces[at + 1 :])


def _piece_repeated(data: bytes, _: bytes, chance: Random) -> bytes:
    pieces = split(data)
    at = chance.randint(0, len(pieces))
    return b"".join(pieces[:at] + pieces[at : at + 1] * chance.choice((2, 2, 3, 100)) + pieces[at + 1 :])


def _piece_shortened(data: bytes, _: bytes, chance: Random) -> bytes:
    pieces = split(data)
    at = chance.randint(0, len(pieces))
    return b"".join(pieces[:at] + [_cut_off(piece, b"", chance) for piece in pieces[at : at + 1]] + pieces[at + 1 :])


def _piece_moved(data: bytes, other: bytes, chance: Random) -> bytes:
    """A piece of this picture, or of the other one, at another place."""
    pieces = split(data)
    moved = chance.choice([*pieces, *split(other), b""])
    pieces.insert(chance.randint(0, len(pieces)), moved)
    return b"".join(pieces)


def _place(data: bytes, chance: Random) -> int:
    """Any place, more often one near the beginning or the end."""
    most = max(0, len(data) - 1)
    near = chance.randint(0, min(most, _NEAR))
    return chance.choice((chance.randint(0, most), near, most - near))


def _span(data: bytes, chance: Random) -> tuple[int, int]:
    begin = chance.randint(0, len(data))
    return begin, min(len(data), begin + chance.choice((1, 2, 4, 16, 64, 1_024)))


_DAMAGES: Final[tuple[Callable[[bytes, bytes, Random], bytes], ...]] = (
    *(_flip, _flip, _number, _number, _number, _cut_off, _lose, _repeat, _splice),
    *(_piece_lost, _piece_repeated, _piece_shortened, _piece_moved),
)
