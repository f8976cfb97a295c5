"""Comments with their spans. PyYAML drops them; suppressions live in them.

A comment is a `#` at the start of a line or after white space that is not inside a scalar. The scalars' places come from the
event stream; a block scalar's header line may end in a comment of its own.
"""

import re
from dataclasses import dataclass

import yaml
from yaml.events import ScalarEvent, StreamEndEvent

from kubelint.sources.events import open_events
from kubelint.sources.text import Span

_COMMENT = re.compile(r"(?:^|(?<=[\s]))#[^\r\n]*", re.MULTILINE)


@dataclass(frozen=True)
class Comment:
    """A comment from its `#` to the end of its line. `alone` where nothing but space stands before it on the line."""

    span: Span
    text: str
    alone: bool


def find_comments(text: str, *, pure: bool = False) -> list[Comment]:
    """All comments of the YAML stream `text`, in order. Up to where the text stops being YAML; none for JSON."""
    scalars = _scalar_spans(text, pure)
    comments: list[Comment] = []
    for match in _COMMENT.finditer(text):
        start = match.start()
        while scalars and scalars[-1].end <= start:
            scalars.pop()
        if scalars and scalars[-1].start <= start:
            continue
        line_start = max(text.rfind("\n", 0, start), text.rfind("\r", 0, start)) + 1
        comments.append(Comment(Span(*match.span()), match.group(), not text[line_start:start].strip()))
    return comments


def _scalar_spans(text: str, pure: bool) -> list[Span]:
    """The spans of all scalars that may hold a `#`, last one first."""
    spans: list[Span] = []
    source = open_events(text, pure=pure)
    try:
        event = source.get_event()
        while event.__class__ is not StreamEndEvent:
            if event.__class__ is ScalarEvent and event.style:
                spans.append(_content_span(text, event))
            event = source.get_event()
    except yaml.YAMLError:
        pass
    finally:
        source.dispose()
    return spans[::-1]


def _content_span(text: str, event: ScalarEvent) -> Span:
    start, end = event.start_mark.index, event.end_mark.index
    if event.style in "|>":
        header = text.find("\n", start, end)
        return Span(header if header >= 0 else end, end)
    return Span(start, end)
