"""What a change to a tree touched: the files that differ from an earlier state, and the lines in them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from functools import partial
from itertools import pairwise

from kubelint.sources.discovery import SUFFIXES
from kubelint.sources.documents import SourceFile
from kubelint.sources.reading import read_bytes, text_of
from kubelint.sources.text import SourceText, Span
from kubelint.sources.text_files import TextFile, TextKind, text_kind

_MOST_PAIRS = 40_000
_START = Span(0, 0)


class Changes:
    """How a tree differs from an earlier state of it.

    `earlier` holds what each file that differs held then, by its path: None for a file that is new, or that was no
    text; a file that is gone is among them. `base` says what state that was.
    """

    def __init__(self, earlier: Mapping[str, bytes | None], base: str = "") -> None:
        self.base = base
        self._earlier = dict(earlier)
        self._lines: dict[str, frozenset[int]] = {}

    def __contains__(self, path: object) -> bool:
        return path in self._earlier

    def including(self, earlier: Mapping[str, bytes]) -> Changes:
        """These changes, and further ones of files that held `earlier` before them."""
        return Changes({**earlier, **self._earlier}, self.base)

    def sources(self) -> Iterator[SourceFile]:
        """The YAML and JSON files that differ, as they were."""
        for path, data in sorted(self._earlier.items()):
            if data is not None and _text_kind(path) is None:
                yield read_bytes(path, data)

    def texts(self) -> Iterator[TextFile]:
        """The other files that differ, as they were."""
        for path, data in sorted(self._earlier.items()):
            kind = _text_kind(path)
            if data is not None and kind is not None:
                yield TextFile(path, kind, partial(text_of, path, data))

    def touch(self, source: SourceText, span: Span) -> bool:
        """Whether `span` of a file lies on lines that the change touched; the empty span at its start is all of it."""
        if source.path not in self._earlier:
            return False
        if span == _START or self._earlier[source.path] is None:
            return True
        if source.path not in self._lines:
            self._lines[source.path] = self._touched(source)
        lines = source.lines
        last = lines.position(max(span.start, span.end - 1)).line
        return not self._lines[source.path].isdisjoint(range(lines.position(span.start).line, last + 1))

    def _touched(self, source: SourceText) -> frozenset[int]:
        then = text_of(source.path, self._earlier[source.path] or b"")
        return frozenset(touched_lines(_lines(then), _lines(source)))


def _text_kind(path: str) -> TextKind | None:
    """What text a file holds; None where it is read as YAML or JSON."""
    return None if path.endswith(SUFFIXES) else text_kind(path)


def _lines(source: SourceText) -> list[str]:
    return [source.lines.line(number) for number in range(1, len(source.lines) + 1)]


def touched_lines(old: Sequence[str], new: Sequence[str]) -> Iterator[int]:
    """The numbers of the lines of `new`, from 1, that are not in `old`, and of those beside which lines are missing.

    Where many lines changed in one place, all of that place counts: matching them up would take too long.
    """
    for start, end in _blocks(old, new):
        if start == end:  # lines are gone here: what stood around them says something else now
            start, end = max(0, start - 1), min(len(new), end + 1)
        yield from range(start + 1, end + 1)


def _blocks(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Where `new` is not `old`, as half-open ranges; they are empty where lines are only missing."""
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    anchors = _anchors(old[head : len(old) - tail], new[head : len(new) - tail])
    corners = [(head, head), *((one + head, other + head) for one, other in anchors)]
    corners.append((len(old) - tail, len(new) - tail))
    for (old_start, start), (old_end, end) in pairwise(corners):
        for first, last in _differences(old[old_start:old_end], new[start:end]):
            yield first + start, last + start


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many lines two texts start with alike."""
    differing = (index for index, (here, there) in enumerate(zip(one, other, strict=False)) if here != there)
    return next(differing, min(len(one), len(other)))


def _anchors(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Pairs of lines that stand once in either text, in the same order in both."""
    places = _once(new)
    pairs = [(index, places[line]) for line, index in _once(old).items() if line in places]
    ends: list[int] = []
    chain: list[tuple[int, int | None]] = []  # each pair's index, and that of the pair before it in the longest run
    tops: list[int] = []
    for number, (_, place) in enumerate(pairs):
        at = bisect_left(ends, place)
        chain.append((number, tops[at - 1] if at else None))
        ends[at : at + 1] = [place]
        tops[at : at + 1] = [number]
    found: list[tuple[int, int]] = []
    here = tops[-1] if tops else None
    while here is not None:
        found.append(pairs[here])
        here = chain[here][1]
    return found[::-1]


def _once(lines: Sequence[str]) -> dict[str, int]:
    """The lines that stand once, with their index, in order."""
    found: dict[str, int] = {}
    again = set()
    for index, line in enumerate(lines):
        if found.setdefault(line, index) != index:
            again.add(line)
    return {line: index for line, index in found.items() if line not in again}


def _differences(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int, int]]:
    if len(old) * len(new) > _MOST_PAIRS:
        yield 0, len(new)
        return
    for tag, _, _, start, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            yield start, end
