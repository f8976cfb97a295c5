"""Comments with their spans. PyYAML drops them; suppressions live in them.

A comment is a `#` that is not inside a scalar, to the end of its line. The scalars' places come from the event stream;
a block scalar's header line may end in a comment of its own.
"""

from typing import Any, NamedTuple

from kubelint.regexes import regex
from kubelint.sources.events import BREAKS, content_start, read_scalars
from kubelint.sources.text import Span
from kubelint.sources.values import explain

_COMMENT = regex(f"#[^{BREAKS}]*")
_BREAK = regex(f"[{BREAKS}]")


class Comment(NamedTuple):
    """A comment from its `#` to the end of its line. `alone` where nothing but space stands before it on the line."""

    span: Span
    text: str
    alone: bool


def find_comments(text: str, *, base: int = 0, pure: bool = False) -> list[Comment]:
    """All comments of the YAML stream `text`, in order, up to where the text stops being YAML; none for JSON.

    `base` is added to every offset.
    """
    if "#" not in text:
        return []
    scalars, error = read_scalars(text, pure=pure)
    end = len(text) if error is None else explain(error, text).offset
    comments: list[Comment] = []
    at = 0
    for scalar in [_content_span(text, event) for event in scalars if "#" in event.value]:
        _collect(text, Span(at, scalar.start), base, comments)
        at = scalar.end
    _collect(text, Span(at, max(at, end)), base, comments)
    return comments


def _collect(text: str, gap: Span, base: int, comments: list[Comment]) -> None:
    """Add the comments that begin in `gap`, which holds no scalar with a `#`."""
    match = _COMMENT.search(text, gap.start)
    while match and match.start() < gap.end:
        line = _line_start(text, match.start())
        comments.append(
            Comment(Span(*match.span()).shifted(base), match.group(), not text[line : match.start()].strip())
        )
        match = _COMMENT.search(text, match.end())


def _line_start(text: str, offset: int) -> int:
    line_feed = text.rfind("\n", 0, offset)
    return max(line_feed, text.rfind("\r", line_feed + 1, offset)) + 1


def _content_span(text: str, event: Any) -> Span:
    end = event.end_mark.index
    start = content_start(text, event.start_mark.index, end)
    if event.style in ("|", ">"):
        header = _BREAK.search(text, start, end)
        return Span(header.start() if header else end, end)
    return Span(start, end)
