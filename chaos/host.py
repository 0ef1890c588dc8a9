"""The local host as the chaos run wants it: without Event Grid, and quick to take over what a dead one left behind."""

import json
import logging
import os
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from local.host import host, load_app
from photo_sync.settings import Settings
from photo_sync.wiring import connect, once

CLAIM = timedelta(seconds=15)
"""How long a dead run keeps its photo: minutes in Azure, seconds here. Nothing that was sent takes longer to happen."""

_VISIBILITY_SECONDS = 10


def main() -> None:
    """Run the app of the current folder until standard input closes, or until it is killed."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stdout)
    logging.getLogger("azure").setLevel(logging.WARNING)
    app = load_app(Path.cwd())
    job = once(lambda: replace(connect(Settings.from_env(os.environ)), claim=CLAIM))
    vars(sys.modules["function_app"])["job"] = job
    with host(app, json.loads(Path("host.json").read_text("utf-8")), visibility=_VISIBILITY_SECONDS):
        sys.stdin.read()


if __name__ == "__main__":
    main()
