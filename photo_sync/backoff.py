"""How long to wait before the next try: later and later, never all at once, for about a day."""

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

GIVE_UP: Final = timedelta(days=1)
"""How long a photo is tried at least before it is given up."""
TRIES: Final = 8
"""How often, at least: a day in which nothing could be tried is no reason."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """Waits of `first` seconds at most after the first try, then twice as long each time, never over `longest`."""

    first: float
    longest: float

    def delay(self, attempts: int, chance: float) -> float:
        """Return the seconds to wait after so many tries; `chance`, from 0 to 1, says where between 0 and the most.

        Full jitter: it spreads tries best (AWS Architecture Blog, "Exponential Backoff And Jitter"). At least a second.
        """
        most = min(self.longest, math.ldexp(self.first, min(max(attempts, 1) - 1, 30)))
        return max(1.0, chance * most)


QUICKLY: Final = Backoff(first=4, longest=3600)
"""For what usually is over in seconds: a fault of the service, a lost connection."""
SLOWLY: Final = Backoff(first=600, longest=3600)
"""For what takes people or Microsoft 365 a while: somebody who is not there yet, a permission to be granted."""
