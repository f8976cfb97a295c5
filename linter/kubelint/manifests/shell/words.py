"""From the nodes of a shell script to words: quotes taken off, and what is filled in told from what is written.

Follows the GNU Bash manual, 3.1.2 Quoting and 3.5 Shell Expansions.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from kubelint.manifests.shell.commands import Word
from kubelint.manifests.shell.passages import Passage
from kubelint.regexes import regex

if TYPE_CHECKING:
    from tree_sitter import Node

_EXPANSIONS = frozenset({"simple_expansion", "expansion", "command_substitution", "process_substitution"})
_ARITHMETIC = frozenset({"arithmetic_expansion", "brace_expression", "array"})
_ESCAPE = regex(r"\\(\n|.)", re.DOTALL)
_IN_QUOTES = frozenset('$`"\\\n')
_VARIABLE = regex(r"\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))")
_ANSI = regex(r"\\(?:([abeEfnrtv\\'\"?])|x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|([0-7]{1,3}))")
_ANSI_NAMES = dict(zip("abeEfnrtv\\'\"?", "\a\b\x1b\x1b\f\n\r\t\v\\'\"?", strict=True))
_MANY = regex(r"\*|\{[^{}\s]*(?:,|\.\.)[^{}\s]*\}")
_PLAIN = regex(r"[^\\*{]+")
_SPLITS = regex(r"[\s*]")


class Hole(NamedTuple):
    """Characters of a script that something fills in before the shell reads it; `value` where that is known."""

    start: int
    end: int
    value: str | None = None


class Piece(NamedTuple):
    """A part of a word: what it becomes (None if unknown), and the characters that it is written with."""

    text: str | None
    start: int
    end: int
    quoted: bool = False


def filled(text: str, holes: Iterable[Hole]) -> str:
    """`text`, as long as before, with a word for each hole, so that it can be read as shell text."""
    parts: list[str] = []
    at = 0
    for start, end, _ in holes:
        before = text[start - 1 : start]
        filler = "-" if before.isalnum() or before == "_" else "x"  # `$A` stays the name of a variable
        parts += (text[at:start], filler, "x" * (end - start - 1))
        at = end
    whole = "".join([*parts, text[at:]])
    return whole.replace("\\\r\n", " \\\n").replace("\r\n", " \n") if "\r" in whole else whole


class WordReader:
    """Reads the words of one script. `char` turns the parser's offsets into characters."""

    def __init__(
        self,
        passage: Passage,
        text: str,
        holes: list[Hole],
        char: Callable[[int], int],
        variable: Callable[[str, int], str | None],
    ) -> None:
        self.passage = passage
        self.text = text
        self.holes = holes
        self.char = char
        self.variable = variable
        self._starts = [hole.start for hole in holes]
        self._pieces: dict[tuple[int, int], list[Piece]] = {}

    def word(self, nodes: list[Node]) -> Word:
        """The word that stands in `nodes`, which touch each other."""
        if len(nodes) == 1 and (plain := self._plain(nodes[0])) is not None:
            return plain
        pieces = [piece for node in nodes for piece in self._of_node(node)]
        return self._word(pieces, self.char(nodes[0].start_byte), self.char(nodes[-1].end_byte))

    def all(self, nodes: list[Node]) -> list[Word]:
        """The words that stand in `nodes`; those that touch are one, on two lines too."""
        groups: list[list[Node]] = []
        for node in nodes:
            if groups and self._touch(groups[-1][-1], node):
                groups[-1].append(node)
            else:
                groups.append([node])
        return [self.word(group) for group in groups]

    def _touch(self, before: Node, after: Node) -> bool:
        if before.end_byte + 2 == after.start_byte:
            return self.text[self.char(before.end_byte) : self.char(after.start_byte)] == "\\\n"
        return before.end_byte == after.start_byte

    def _plain(self, node: Node) -> Word | None:
        """The word in `node` if nothing in it means anything to a shell: most words."""
        kind = node.type
        if kind != "word" and not (
            kind == "command_name" and node.child_count == 1 and node.children[0].type == "word"
        ):
            return None
        start, end = self.char(node.start_byte), self.char(node.end_byte)
        if _PLAIN.fullmatch(self.text, start, end) is None:
            return None
        nearest = bisect_left(self._starts, end) - 1
        if nearest >= 0 and self.holes[nearest].end > start:
            return None
        return self._word([Piece(self.text[start:end], start, end)], start, end)

    def between(self, before: Node, after: Node) -> list[Word]:
        """The words between two nodes that no node holds."""
        start, end = self.char(before.end_byte), self.char(after.start_byte)
        found = re.compile(r"[^\s\\]+").finditer(self.text, start, end)
        return [self._word([Piece(match[0], *match.span())], *match.span()) for match in found]

    def value(self, nodes: list[Node], start: int, end: int) -> Word:
        """The value of an assignment: nothing splits it, and `*` is a star."""
        word = self._word([piece for node in nodes for piece in self._of_node(node, True)], start, end)
        return word._replace(several=False)

    def document(self, body: Node, quoted: bool, tabs: bool) -> Word:
        """The text of a here-document; `tabs` at its lines' starts are taken off."""
        start, end = self.char(body.start_byte), self.char(body.end_byte)
        mode = "raw" if quoted else "double"
        word = self._word(list(self._between(body, start, end, mode)), start, end)
        text = re.sub(r"(?m)^\t+", "", word.text) if tabs and word.text else word.text
        return word._replace(text=text, several=False)

    def script(self, word: Word) -> tuple[Passage, list[Hole]] | None:
        """The text of a word that a shell reads again (`bash -c '…'`), and what is unknown in it."""
        pieces = self._pieces.get((word.start, word.end))
        if pieces is None or word.passage is not self.passage:
            return None
        return inner_script(self.passage, pieces)

    def _word(self, pieces: list[Piece], start: int, end: int) -> Word:
        self._pieces[start, end] = pieces
        known = [piece.text for piece in pieces if piece.text is not None]
        bare = "".join(_shape(piece) for piece in pieces)
        several = _MANY.search(bare) is not None or any(_may_split(piece, self.text) for piece in pieces)
        text = "".join(known) if len(known) == len(pieces) and not several else None
        return Word(text, self.passage, start, end, several)

    def _of_node(self, node: Node, quoted: bool = False) -> Iterator[Piece]:
        start, end = self.char(node.start_byte), self.char(node.end_byte)
        kind = node.type
        if kind in ("concatenation", "command_name", "translated_string"):
            for child in node.named_children:
                yield from self._of_node(child, quoted)
        elif kind == "variable_assignment":
            value = node.child_by_field_name("value")
            middle = self.char(value.start_byte) if value is not None else end
            yield from self._literal(start, middle, "raw", True)
            yield from self._of_node(value, quoted) if value is not None else ()
        elif kind == "string":
            closed = self.text[end - 1 : end] == '"' and end - start > 1
            yield from self._between(node, start + 1, end - closed, "double")
        elif kind == "raw_string":
            yield from self._literal(start + 1, end - 1, "raw", True)
        elif kind == "ansi_c_string":
            yield from self._ansi(start + 2, end - 1)
        elif kind in _EXPANSIONS:
            yield self._expansion(start, end, quoted)
        elif kind in _ARITHMETIC:
            yield Piece(None, start, end, kind == "arithmetic_expansion")
        else:
            yield from self._literal(start, end, "bare", quoted)

    def _between(self, node: Node, start: int, end: int, mode: str) -> Iterator[Piece]:
        """The text from `start` to `end`, and the expansions within it."""
        for child in node.named_children:
            if child.type in _EXPANSIONS or child.type in _ARITHMETIC:
                at = self.char(child.start_byte)
                yield from self._literal(start, at, mode, True)
                start = self.char(child.end_byte)
                yield self._expansion(at, start, True)
        yield from self._literal(start, end, mode, True)

    def _expansion(self, start: int, end: int, quoted: bool) -> Piece:
        match = _VARIABLE.fullmatch(self.text, start, end)
        value = self.variable(match[1] or match[2], start) if match else None
        if quoted and match is None and self.text[start:end] in ("$@", "${@}"):
            quoted = False
        return Piece(value, start, end, quoted and "[@]" not in self.text[start:end])

    def _literal(self, start: int, end: int, mode: str, quoted: bool) -> Iterator[Piece]:
        for index in range(bisect_left(self._starts, start), len(self.holes)):
            hole = self.holes[index]
            if hole.start >= end:
                break
            yield from self._escapes(start, hole.start, mode, quoted)
            yield Piece(hole.value, hole.start, min(hole.end, end), quoted)
            start = min(hole.end, end)
        yield from self._escapes(start, end, mode, quoted)

    def _escapes(self, start: int, end: int, mode: str, quoted: bool) -> Iterator[Piece]:
        for match in _ESCAPE.finditer(self.text, start, end) if mode != "raw" else ():
            if mode == "double" and match[1] not in _IN_QUOTES:
                continue
            if start < match.start():
                yield Piece(self.text[start : match.start()], start, match.start(), quoted)
            if match[1] != "\n":
                yield Piece(match[1], match.start(), match.end(), True)
            start = match.end()
        if start < end:
            yield Piece(self.text[start:end], start, end, quoted)

    def _ansi(self, start: int, end: int) -> Iterator[Piece]:
        for match in _ANSI.finditer(self.text, start, end):
            if start < match.start():
                yield from self._literal(start, match.start(), "raw", True)
            name, *numbers = match.groups()
            codes = [int(digits, base) for digits, base in zip(numbers, (16, 16, 8), strict=True) if digits]
            yield Piece(_ANSI_NAMES[name] if name else chr(codes[0]), match.start(), match.end(), True)
            start = match.end()
        yield from self._literal(start, end, "raw", True)


def inner_script(passage: Passage, pieces: list[Piece]) -> tuple[Passage, list[Hole]]:
    """The text that `pieces` of `passage` make, with a hole for each that is unknown."""
    texts: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    holes: list[Hole] = []
    for piece in pieces:
        text = passage.text[piece.start : piece.end] if piece.text is None else piece.text
        if piece.text is None:
            holes.append(Hole(len(starts), len(starts) + len(text)))
        straight = len(text) == piece.end - piece.start
        for index in range(len(text)):
            starts.append(piece.start + index if straight else piece.start)
            ends.append(piece.start + index + 1 if straight else piece.end)
        texts.append(text)
    return passage.inner("".join(texts), starts, ends), holes


def _shape(piece: Piece) -> str:
    if piece.text is None:
        return "\1"
    return "\0" * len(piece.text) if piece.quoted else piece.text


def _may_split(piece: Piece, text: str) -> bool:
    """Whether what is filled in may be no word or many."""
    if piece.quoted:
        return False
    if piece.text is None:
        return True
    return piece.text != text[piece.start : piece.end] and _SPLITS.search(piece.text) is not None
