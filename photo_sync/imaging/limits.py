"""How much of this machine one picture may take: whatever a decoder is held to follows from these two."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of decoding one picture."""

    memory: int = 256_000_000
    """Bytes; four pictures at once fit an instance of 2,048 MB."""
    seconds: float = 10
    """Of CPU, so that a busy machine refuses nothing that an idle one takes."""
