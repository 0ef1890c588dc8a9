from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser

from local.cloud import Cloud
from local.screenshots import take

BUILD = Path(__file__).parents[1] / "build"


@pytest.mark.usefixtures("machine")
def test_the_pages_three_states_are_taken_whole(shared_machine: Cloud, browser: Browser) -> None:
    sizes = {}
    for path in take(shared_machine, browser, BUILD):
        with Image.open(path) as image:
            sizes[path.name] = image.size
    assert {width for width, _ in sizes.values()} == {1100}
    empty, fine, hand = (sizes[f"status-{state}.png"][1] for state in ("empty", "fine", "hand"))
    assert empty < fine < hand
