"""What is typed in a terminal session that a document shows: prompts and output are left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from kubelint.manifests.shell.advice import advises_against

_PROMPT = re.compile(
    r"\s*(?:\([\w.-]+\)\s*)?(?:(?:[\w.-]+@[\w.-]+(?:[:\s]\s?[\w./~-]*)?|\[[^\]\n]{1,60}\]|[~/][\w./~-]*)?\s?(?:\$|❯|➜)"
    r"|[\w.-]+@[\w.-]+(?::[\w./~-]*)?\s?[#%])\s+(?=\S)"
)
_ROOT = re.compile(r"\s*#\s+(?=(?:kubectl|helm|k3s|etcdctl|systemctl|talosctl|kubeadm|rke2|crictl|ctr|docker)\s)")
_MORE = re.compile(r"\s*>\s?")
_BEHIND = re.compile(r"\s#+\s*([^'\"#]*)$")
_HEREDOC = re.compile(r"<<-?\s*(['\"]?)(\w+)\1")


class Line(NamedTuple):
    """A line of text and where it starts in the file."""

    text: str
    at: int


class Portion(NamedTuple):
    """Lines of a block, and whether a comment above them says not to run them."""

    lines: list[Line]
    against: bool


def typed(lines: list[Line], session: bool) -> list[Line]:
    """The lines of a block that are typed: all, or those after prompts where there are prompts."""
    prompts = [_prompt(line, session) for line in lines]
    return list(_after_prompts(lines, prompts)) if any(prompts) else lines


def has_prompts(lines: list[Line], session: bool) -> bool:
    """Whether some line shows a prompt."""
    return any(_prompt(line, session) for line in lines)


def _prompt(line: Line, session: bool) -> int:
    match = _PROMPT.match(line.text) or (_ROOT.match(line.text) if session else None)
    return match.end() if match else 0


def _after_prompts(lines: list[Line], prompts: list[int]) -> Iterator[Line]:
    goes_on, delimiter = False, ""
    for line, prompt in zip(lines, prompts, strict=True):
        if delimiter or (goes_on and not prompt):
            skipped = _MORE.match(line.text) if not delimiter else None
            shown = _from(line, skipped.end() if skipped else 0)
            delimiter = "" if line.text.strip() == delimiter else delimiter
        elif prompt:
            shown = _from(line, prompt)
            heredoc = _HEREDOC.search(shown.text)
            delimiter = heredoc[2] if heredoc else ""
        else:
            goes_on = False
            continue
        yield shown
        goes_on = shown.text.endswith("\\")


def _from(line: Line, start: int) -> Line:
    return Line(line.text[start:], line.at + start)


def pieces_of(lines: list[Line]) -> list[Portion]:
    """The lines as one portion; parted where a comment, above them or behind them, advises against some of them."""
    portions: list[Portion] = []
    for line, against in zip(lines, _verdicts(lines), strict=True):
        if not portions or portions[-1].against is not against:
            portions.append(Portion([], against))
        portions[-1].lines.append(line)
    return portions


def _verdicts(lines: list[Line]) -> list[bool]:
    """For each line whether a comment says not to run it: one above it, up to the next comment, or one behind it."""
    found: list[bool] = []
    against = follows = False
    for line in lines:
        comment = line.text.lstrip().startswith("#")
        if comment:
            against = advises_against(line.text) or (against and follows)
        found.append(against)
        follows = comment
        behind = None if comment else _BEHIND.search(line.text)
        if behind is not None and advises_against(behind[1]):
            found[-1] = True
            first = len(found) - 1
            while first and not found[first - 1] and lines[first - 1].text.endswith("\\"):
                first -= 1
                found[first] = True
    return found
