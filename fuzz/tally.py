"""What a run of the fuzzer has tried and found, counted."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from fuzz.rules import PHOTO, Outcome


@dataclass(slots=True)
class Tally:
    """The counts of one process, or of several: inputs, photos, rejections and findings, and the costliest input."""

    inputs: int = 0
    photos: int = 0
    rejected: dict[str, int] = field(default_factory=dict)
    slowest_seconds: float = 0
    """Of CPU, for one input."""
    greatest_growth_mb: float = 0
    """Of memory, with one input."""
    findings: dict[str, str] = field(default_factory=dict)
    """Each kind, and the file with an input that shows it."""

    @classmethod
    def read(cls, path: Path) -> "Tally":
        """Read one that was written; an empty one where there is none."""
        return cls(**json.loads(path.read_text("utf-8"))) if path.exists() else cls()

    def write(self, path: Path) -> None:
        """Write it in one go: whoever writes may be killed meanwhile."""
        new = path.with_suffix(".new")
        new.write_text(json.dumps(asdict(self)), "utf-8")
        new.replace(path)

    def count(self, outcome: Outcome) -> None:
        """Count what became of an input."""
        if outcome.code == PHOTO:
            self.photos += 1
        else:
            self.rejected[outcome.code] = self.rejected.get(outcome.code, 0) + 1
        self.slowest_seconds = max(self.slowest_seconds, outcome.cost.seconds)
        self.greatest_growth_mb = max(self.greatest_growth_mb, outcome.cost.growth / 1e6)

    def add(self, other: "Tally") -> None:
        """Add what another process counted."""
        self.inputs += other.inputs
        self.photos += other.photos
        for code, count in other.rejected.items():
            self.rejected[code] = self.rejected.get(code, 0) + count
        self.slowest_seconds = max(self.slowest_seconds, other.slowest_seconds)
        self.greatest_growth_mb = max(self.greatest_growth_mb, other.greatest_growth_mb)
        self.findings |= other.findings
