"""YAML inside a string of YAML (`valuesContent: |`, ConfigMap data): where each character of it stands in the file."""

from collections.abc import Callable, Sequence

from kubelint.regexes import regex
from kubelint.sources.events import BREAKS
from kubelint.sources.nodes import Node, Pair, Style, Written, compose_documents
from kubelint.sources.text import Span

Places = list[tuple[int, int]]
"""Where each character of a string is written: start and end."""

_BREAK = regex(f"\r\n|[{BREAKS}]")
_BLANKS = regex(r"[ \t]*")
_ESCAPE_LENGTH = {"x": 4, "u": 6, "U": 10}
_SURROGATE_PAIR = regex(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")


def compose_embedded(text: str, scalar: Node) -> list[Node]:
    """The root nodes of the documents inside `scalar`, a node of the file `text`, their spans in the file."""
    mover = _mover(text, scalar)
    return [] if mover is None else [mover.moved(root) for root in compose_documents(mover.text)]


def span_inside(text: str, scalar: Node, characters: Span) -> Span:
    """Where some `characters` of the value of `scalar`, a node of the file `text`, stand in the file."""
    mover = _kept_mover(text, scalar)
    if mover is None or not 0 <= characters.start <= characters.end <= len(mover.text):
        return scalar.span
    return mover.outer(characters)


_last: list[tuple[str, Node, "_Mover | None"]] = []


def _kept_mover(text: str, scalar: Node) -> "_Mover | None":
    """The mover of one string, kept: findings ask for many places in it, one after the other."""
    if not _last or _last[0][0] is not text or _last[0][1] is not scalar:
        _last[:] = [(text, scalar, _mover(text, scalar))]
    return _last[0][2]


def _mover(text: str, scalar: Node) -> "_Mover | None":
    scalar = scalar.target or scalar
    if scalar.text is None:
        return None
    every = range(len(text) + 1)
    outer = scalar.written or Written(text, scalar.span, every, every[1:])
    places = align(outer.text[outer.span.start : outer.span.end], scalar.style, scalar.text)
    return _Mover(
        scalar.text,
        [outer.starts[outer.span.start + start] for start, _ in places],
        [outer.ends[outer.span.start + end - 1] for _, end in places],
        scalar.span.start + (scalar.style in ("single", "double")),
    )


class _Mover:
    """Moves the nodes of a string to where they stand in the file; `empty` is where an empty string would stand."""

    def __init__(self, text: str, starts: Sequence[int], ends: Sequence[int], empty: int) -> None:
        self.text = text
        self.starts = starts
        self.ends = ends
        self.empty = empty
        self.done: dict[int, Node] = {}

    def moved(self, node: Node) -> Node:
        if id(node) in self.done:
            return self.done[id(node)]
        moved = Node(self.outer(node.span), node.style, node.text)
        self.done[id(node)] = moved
        moved.written = Written(self.text, node.span, self.starts, self.ends)
        if node.target is not None:
            target = moved.target = self.moved(node.target)
            moved.pairs, moved.items = target.pairs, target.items
        elif node.items is not None:
            moved.items = items = []
            for item in node.items:
                items.append(self.moved(item))
        elif node.pairs is not None:
            moved.pairs = pairs = []
            for pair in node.pairs:
                pairs.append(Pair(self.moved(pair.key), pair.name, self.moved(pair.value), pair.merges))
        return moved

    def outer(self, span: Span) -> Span:
        if span.start < span.end:
            return Span(self.starts[span.start], self.ends[span.end - 1])
        point = self.ends[span.start - 1] if span.start else self.empty
        return Span(point, point)


def align(source: str, style: Style, value: str) -> Places:
    """For each character of `value` where it is written in `source`, the scalar with its quotes or its header.

    Follows the scanning of block and flow scalars in libyaml's `scanner.c`.
    """
    if style in ("literal", "folded"):
        places = _align_block(source, style == "folded", value)
    elif style == "double":
        places = _align_flow(source, 1, len(source) - 1, _double)
    elif style == "single":
        places = _align_flow(source, 1, len(source) - 1, _single)
    else:
        places = _align_flow(source, 0, len(source), _plain)
    end = (len(source), len(source))  # line breaks that are kept after the text that is shown
    return [*places[: len(value)], *[end] * (len(value) - len(places))]


def _align_block(source: str, folded: bool, value: str) -> Places:
    lines = _lines(source)[1:]
    indent = _indent([source[start:end] for start, end, _ in lines], value)
    places: Places = []
    breaks: Places = []  # not yet written: the break that ends the last line of text, and those of blank lines
    after_blank = True
    for start, end, following in lines:
        if end - start <= indent:
            breaks.append((end, following))
            continue
        blank = source[start + indent] in " \t"
        if folded and places and not after_blank and not blank and source[breaks[0][0]] not in "\u2028\u2029":
            breaks = breaks[1:] or breaks[:1]
        places += breaks
        places += [(at, at + 1) for at in range(start + indent, end)]
        breaks, after_blank = [(end, following)], blank
    return places + breaks


def _lines(source: str) -> list[tuple[int, int, int]]:
    """For each line where it starts, where it ends and where the next one starts."""
    ends = [match.span() for match in _BREAK.finditer(source)]
    starts = [0, *(following for _, following in ends)]
    return [
        (start, end, following)
        for start, (end, following) in zip(starts, [*ends, (len(source), len(source))], strict=True)
    ]


def block_indent(source: str, value: str) -> int:
    """How far the lines of the block scalar `source`, header included, are indented; `value` is what they say."""
    return _indent([source[start:end] for start, end, _ in _lines(source)[1:]], value)


def _indent(lines: list[str], value: str) -> int:
    """How far the block is indented: its first line with content, less what of that indentation is content."""
    written = next((line for line in lines if line.strip(" ")), "")
    content = next((line for line in _BREAK.split(value) if line.strip(" ")), "")
    return (len(written) - len(written.lstrip(" "))) - (len(content) - len(content.lstrip(" ")))


def _plain(source: str, at: int) -> int:
    return 1


def _single(source: str, at: int) -> int:
    return 2 if source.startswith("''", at) else 1


def _double(source: str, at: int) -> int:
    if source[at] != "\\":
        return 1
    return 12 if _SURROGATE_PAIR.match(source, at) else _ESCAPE_LENGTH.get(source[at + 1 : at + 2], 2)


def _align_flow(source: str, at: int, end: int, width: Callable[[str, int], int]) -> Places:
    """The characters from `at` to `end`; `width` is how many of them make up the one that begins at an offset."""
    places: Places = []
    while at < end:
        after = _skip_blanks(source, at, end)
        if _BREAK.match(source, after, end):
            breaks, at = _line_breaks(source, after, end)
            places += breaks if source[breaks[0][0]] in "\u2028\u2029" else breaks[1:] or breaks
        elif after > at:
            places += [(blank, blank + 1) for blank in range(at, after)]
            at = after
        elif width is _double and source[at] == "\\" and _BREAK.match(source, at + 1, end):
            breaks, at = _line_breaks(source, at + 1, end)
            places += breaks[1:]
        else:
            length = width(source, at)
            places.append((at, at + length))
            at += length
    return places


def _line_breaks(source: str, at: int, end: int) -> tuple[Places, int]:
    """The line break at `at` and those of the blank lines after it, and where the text goes on."""
    breaks: Places = []
    while match := _BREAK.match(source, at, end):
        breaks.append(match.span())
        at = _skip_blanks(source, match.end(), end)
    return breaks, at


def _skip_blanks(source: str, at: int, end: int) -> int:
    match = _BLANKS.match(source, at, end)
    return match.end() if match else at
