"""Where a run leaves what it tries, counts and finds."""

import hashlib
from pathlib import Path


class Folder:
    """A folder with the input that a worker is at, its counts, what it prints, what it learns from, and findings."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.current = path / "current"
        self.tally = path / "tally.json"
        self.printed = path / "printed"
        self.log = path / "worker.log"
        self.result = path / "result.json"
        self.corpus = path / "corpus"
        self.corpus.mkdir(parents=True, exist_ok=True)

    def forget(self) -> None:
        """Take away what a worker before left of its own; its findings and what it learned stay."""
        for file in (self.current, self.tally, self.printed):
            file.unlink(missing_ok=True)

    def keep(self, kind: str, details: str, data: bytes) -> Path:
        """Keep an input that shows a finding, beside a text that says which and how to repeat it."""
        file = self.path / f"finding-{hashlib.sha256(kind.encode()).hexdigest()[:8]}"
        file.write_bytes(data)
        file.with_suffix(".txt").write_text(f"{kind}\n\nRepeat it: python -m fuzz.run {file}\n\n{details}\n", "utf-8")
        return file
