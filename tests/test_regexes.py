"""Regular expressions that are compiled late answer as those of `re` do."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from kubelint.regexes import regex


@pytest.mark.parametrize("text", ["", "a=1", "A=1 b=22", "\N{GRINNING FACE}=3"])
def test_it_answers_as_a_compiled_one(text: str) -> None:
    late, compiled = (make(r"(?P<key>\w+)=(?P<value>\d+)", re.IGNORECASE | re.ASCII) for make in (regex, re.compile))
    for _ in range(2):
        assert [one.groupdict() for one in late.finditer(text)] == [one.groupdict() for one in compiled.finditer(text)]
        assert late.sub("-", text) == compiled.sub("-", text)
        assert (late.pattern, late.flags, late.groupindex) == (compiled.pattern, compiled.flags, compiled.groupindex)


def test_an_invalid_one_is_told_when_it_is_used() -> None:
    late = regex("(")
    with pytest.raises(re.error):
        late.search("")


def test_loading_the_command_line_compiles_none_of_ours() -> None:
    program = """
import re, sys
compile_ = re._compiler.compile
def compiled(pattern, flags=0):
    frame = sys._getframe(1)
    while frame.f_code.co_filename == re.__file__:
        frame = frame.f_back
    if "kubelint" in frame.f_globals.get("__name__", ""):
        print(frame.f_globals["__name__"], pattern)
    return compile_(pattern, flags)
re._compiler.compile = compiled
import kubelint.cli.check, kubelint.cli.workspace, kubelint.engine.linter
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout == ""
