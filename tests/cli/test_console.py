"""Which word about colours wins."""

import os
import pty
import subprocess
import sys

import pytest

from kubelint.cli.console import wants_color


class Terminal:
    def __init__(self, is_terminal):
        self.isatty = lambda: is_terminal


@pytest.mark.parametrize(
    ("choice", "terminal", "environment", "expected"),
    [
        ("auto", True, {}, True),
        ("auto", False, {}, False),
        ("auto", True, {"TERM": "dumb"}, False),
        ("auto", True, {"NO_COLOR": "1"}, False),
        ("auto", True, {"NO_COLOR": ""}, True),
        ("auto", False, {"FORCE_COLOR": "1"}, True),
        ("auto", False, {"CLICOLOR_FORCE": "1"}, True),
        ("auto", False, {"CLICOLOR_FORCE": "0"}, False),
        ("auto", False, {"GITHUB_ACTIONS": "true"}, True),
        ("auto", False, {"GITLAB_CI": "true"}, True),
        ("auto", False, {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        ("auto", True, {"TERM": ""}, True),
        ("auto", False, {"FORCE_COLOR": "", "CLICOLOR_FORCE": ""}, False),
        ("auto", False, {"FORCE_COLOR": "0"}, True),  # any value that is not empty, says force-color.org
        ("auto", True, {"FORCE_COLOR": "1", "TERM": "dumb"}, True),
        ("auto", True, {"NO_COLOR": "0"}, False),
        ("auto", False, {"NO_COLOR": "1", "CLICOLOR_FORCE": "1", "GITHUB_ACTIONS": "true"}, False),
        ("auto", False, {"GITHUB_ACTIONS": "true", "TERM": "dumb"}, True),
        ("auto", True, {"GITHUB_ACTIONS": "", "TERM": "dumb"}, False),
        ("auto", True, {"CI": "true", "TERM": "dumb"}, False),
        ("auto", False, {"CI": "true"}, False),
        ("always", False, {"NO_COLOR": "1", "TERM": "dumb"}, True),
        ("never", True, {"GITHUB_ACTIONS": "true"}, False),
        ("always", False, {"NO_COLOR": "1"}, True),
        ("never", True, {"FORCE_COLOR": "1"}, False),
    ],
)
def test_colours(choice, terminal, environment, expected):
    assert wants_color(choice, Terminal(terminal), environment) is expected


def progress_on_a_terminal(body, **environment):
    """What a terminal on stderr sees of a progress line around `body`."""
    primary, secondary = pty.openpty()
    code = f"import time\nfrom kubelint.cli.console import progress\nwith progress('reading', after=0.1):\n    {body}"
    subprocess.run(
        [sys.executable, "-c", code], stderr=secondary, env={**os.environ, "TERM": "xterm", **environment}, check=True
    )
    os.close(secondary)
    try:
        return os.read(primary, 1000).decode()
    except OSError:  # nothing was written, and nobody holds the other end any more
        return ""
    finally:
        os.close(primary)


def test_a_long_run_shows_one_line_and_takes_it_away():
    assert progress_on_a_terminal("time.sleep(0.5)") == "reading\r\x1b[K"


@pytest.mark.parametrize(("body", "environment"), [("pass", {}), ("time.sleep(0.5)", {"TERM": "dumb"})])
def test_a_short_run_or_a_dumb_terminal_shows_nothing(body, environment):
    assert progress_on_a_terminal(body, **environment) == ""
