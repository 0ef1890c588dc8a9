from io import StringIO

import pytest
from rich.text import Text

from photo_sync.cli.terminal import Terminal, table

HOSTILE = "\x1b[2J\u202e\x9b"


@pytest.mark.parametrize("printed", [HOSTILE, Text(HOSTILE), table(("",), [[HOSTILE]])])
def test_nothing_that_is_printed_can_move_the_cursor_or_turn_the_line_around(printed: object) -> None:
    terminal = Terminal(file=StringIO(), markup=False, highlight=False)
    with terminal.capture() as told:
        terminal.print(printed)
    assert told.get().split() == ["\\x1b[2J\\u202e\\x9b"]


def test_our_own_colours_and_lines_stay() -> None:
    terminal = Terminal(file=StringIO(), force_terminal=True, color_system="standard", markup=False, highlight=False)
    with terminal.capture() as told:
        terminal.print(Text("failed\nand so on", "red"))
    assert told.get() == "\x1b[31mfailed\x1b[0m\n\x1b[31mand so on\x1b[0m\n"
