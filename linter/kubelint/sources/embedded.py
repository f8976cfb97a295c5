"""YAML inside a string of YAML (`valuesContent: |`, ConfigMap data): where each character of the string stands in the file."""

from kubelint.sources.nodes import Node, Style, compose_documents
from kubelint.sources.text import Span

_ESCAPE_LENGTH = {"x": 4, "u": 6, "U": 10}


def compose_embedded(text: str, scalar: Node, document: int) -> Node | None:
    """The root node of the `document`th document inside `scalar`, its spans in the coordinates of the outer `text`.

    None where the scalar holds no such document.
    """
    if scalar.text is None:
        return None
    offsets = align(text[scalar.span.start : scalar.span.end], scalar.style, scalar.text)
    for index, root in enumerate(compose_documents(scalar.text)):
        if index == document:
            return _moved(root, [scalar.span.start + offset for offset in offsets], {})
    return None


def _moved(node: Node, offsets: list[int], done: dict[int, Node]) -> Node:
    if id(node) in done:
        return done[id(node)]
    moved = Node(_outer(node.span, offsets), node.style, node.text)
    done[id(node)] = moved
    if node.items is not None:
        moved.items = [_moved(item, offsets, done) for item in node.items]
    if node.pairs is not None:
        moved.pairs = [
            type(pair)(_moved(pair.key, offsets, done), pair.name, _moved(pair.value, offsets, done), pair.merges)
            for pair in node.pairs
        ]
    return moved


def _outer(span: Span, offsets: list[int]) -> Span:
    last = len(offsets) - 1
    start = offsets[min(span.start, last)]
    if span.end <= span.start:
        return Span(start, start)
    return Span(start, offsets[min(span.end - 1, last)] + 1)


def align(source: str, style: Style, value: str) -> list[int]:
    """For each character of `value`, and for its end, the offset in `source` where it is written.

    `source` is the scalar as it stands in the file, quotes or block header included.
    """
    offsets = _align_block(source, value) if style in ("literal", "folded") else _align_flow(source, style, value)
    end = min(offsets[-1] + 1, len(source)) if offsets else len(source)
    return [*offsets, *[end] * (len(value) + 1 - len(offsets))]


def _align_block(source: str, value: str) -> list[int]:
    lines = source.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    indent = _indent(lines[1:], value)
    offsets: list[int] = []
    row, column = 1, indent
    for character in value:
        while row < len(lines) - 1 and column >= len(lines[row].rstrip("\r\n")) and character not in "\n ":
            row, column = row + 1, indent
        if row >= len(lines):
            break
        body = len(lines[row].rstrip("\r\n"))
        if column < body and (character != "\n"):
            offsets.append(starts[row] + column)
            column += 1
        else:
            offsets.append(starts[row] + min(body, len(lines[row])))
            row, column = row + 1, indent
    return offsets


def _indent(lines: list[str], value: str) -> int:
    """How far the block is indented: its first line with content, less what of that indentation is content."""
    written = next((line for line in lines if line.strip()), "")
    content = next((line for line in value.splitlines() if line.strip()), "")
    return (len(written) - len(written.lstrip(" "))) - (len(content) - len(content.lstrip(" ")))


def _align_flow(source: str, style: Style, value: str) -> list[int]:
    offsets: list[int] = []
    at = 1 if style in ("single", "double") else 0
    while len(offsets) < len(value) and at < len(source):
        if _folds(source, at):
            end = at
            while end < len(source) and source[end].isspace():
                end += 1
            breaks = source[at:end].replace("\r\n", "\n").count("\n")
            offsets += [at] * max(1, breaks - 1)
            at = end
        elif style == "double" and source[at] == "\\":
            following = source[at + 1 : at + 2]
            if following in ("\n", "\r"):
                at += 2
                while at < len(source) and source[at].isspace():
                    at += 1
                continue
            offsets.append(at)
            at += _ESCAPE_LENGTH.get(following, 2)
        else:
            offsets.append(at)
            at += 2 if style == "single" and source[at : at + 2] == "''" else 1
    return offsets


def _folds(source: str, at: int) -> bool:
    """Whether a run of white space that crosses a line starts at `at`."""
    if not source[at].isspace():
        return False
    end = at
    while end < len(source) and source[end] in " \t":
        end += 1
    return end < len(source) and source[end] in "\r\n"
