"""Values as YAML or JSON text, in the style of the text around them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from typing import Any, NamedTuple, TypeVar

import yaml

from kubelint.engine.fixing.changes import CannotEdit
from kubelint.sources.nodes import Node, Pair
from kubelint.sources.scalars import PlainScalars, resolve_plain
from kubelint.sources.values import UnreadableYaml, build_documents

T = TypeVar("T")

_LOOKED_AT = 4000
"""Of how many nodes the style of a text is taken."""
_PLAIN_IN_FLOW = re.compile(r"-{0,2}[\w./][\w ./@+=~-]*(?::[\w./@+=~-]+)*")
"""What readers agree on between brackets: they do not on colons."""
_DASH = re.compile(r"- *(?=[^ #\r\n])")


class Style(NamedTuple):
    """How a text is written: spaces per level, spaces before the dashes of a list under a key, characters from a dash
    to its item, the quotes it prefers, whether its lists of words stand on one line, how the words in them, the keys
    and the strings of mappings are written, and whether it is JSON.
    """

    step: int = 2
    dashes: int = 2
    gap: int = 2
    quote: str = '"'
    flow_lists: bool = False
    words: str = "plain"
    keys: str = "plain"
    strings: str = "plain"
    json: bool = False

    def beside(self, pairs: Sequence[Pair]) -> Style:
        """The style of a member that comes to these: quoted where all of them are that need it not. Where that says
        nothing, the whole text does.
        """
        keys, values = [pair.key for pair in pairs], [pair.value for pair in pairs]
        return self._replace(keys=_alike(keys, self.keys), strings=_alike(values, self.strings))


def parsed(text: str) -> Any:
    """The value that the YAML `text` of an edit says. Raises CannotEdit where it is not one document."""
    try:
        (document,) = build_documents(text, PlainScalars())
    except (UnreadableYaml, ValueError):
        with suppress(ValueError):
            return json.loads(text)  # it may say a character by its surrogates, which YAML does not
        raise CannotEdit("what it should become is not YAML") from None
    return document.value


def style_of(root: Node, text: str, *, is_json: bool = False) -> Style:
    """The style of the text whose root is `root`, its spans being in `text`."""
    steps, dashes, gaps = list[int](), list[int](), list[int]()
    quotes, flows, words = list[str](), list[bool](), list[str]()
    keys, strings = set[str](), set[str]()
    for column, key_column, node in islice(_nested(root, text), _LOOKED_AT):
        keys.update(pair.key.style for pair in node.pairs or [])
        strings.update([node.style] if _is_string(node) else [])
        if node.style in ("single", "double"):
            quotes.append("'" if node.style == "single" else '"')
        elif node.style == "block" and node.pairs and column > key_column >= 0:
            steps.append(column - key_column)
        elif node.style == "block" and node.items:
            dashes += [column - key_column] if column >= key_column >= 0 else []
            gaps += [len(match.group()) for match in [_DASH.match(text, _start(node))] if match]
        if node.items and all(item.text is not None for item in node.items):
            flows.append(node.style == "flow")
            words += [item.style for item in node.items]
    all_keys = _quotes_of(keys, "plain")
    all_strings = _quotes_of(strings - {"literal", "folded"}, all_keys)
    return Style(
        step=_usual(steps, 2),
        dashes=_usual(dashes, 2),
        gap=_usual(gaps, 2),
        quote=_usual(quotes, '"'),
        flow_lists=_usual(flows, False),
        words=_usual(words, all_strings),
        keys=all_keys,
        strings=all_strings,
        json=is_json,
    )


def _is_string(node: Node) -> bool:
    return node.text is not None and (node.style != "plain" or resolve_plain(node.text) == node.text)


def _usual(found: list[T], otherwise: T) -> T:
    return max(dict.fromkeys(found), key=found.count) if found else otherwise


def _alike(nodes: Iterable[Node], otherwise: str) -> str:
    """The quotes of all strings among `nodes` that could do without."""
    styles: set[str] = {node.style for node in nodes if node.text is not None and _is_plain(node.text, flow=False)}
    return _quotes_of(styles, otherwise)


def _quotes_of(styles: set[str], otherwise: str) -> str:
    """The one style in which all are quoted; plain where they differ, and `otherwise` where there are none."""
    if len(styles) != 1:
        return "plain" if styles else otherwise
    (style,) = styles
    return style if style in ("single", "double") else "plain"


def _nested(root: Node, text: str) -> Iterator[tuple[int, int, Node]]:
    """The nodes below `root`, each with its column and that of the key it stands under (-1: under none)."""
    left: list[tuple[Node, int]] = [(root, -1)]
    while left:
        node, key_column = left.pop()
        if node.target is not None:
            continue
        yield _column(node, text), key_column, node
        left.extend((item, -1) for item in reversed(node.items or []))
        left.extend((pair.value, _column(pair.key, text)) for pair in reversed(node.pairs or []))


def _start(node: Node) -> int:
    return (node.written.span if node.written is not None else node.span).start


def _column(node: Node, text: str) -> int:
    return _start(node) - (text.rfind("\n", 0, _start(node)) + 1)


def scalar(value: Any, style: Style, *, like: str = "plain", flow: bool = False) -> str:
    """A scalar on one line. `like` is the style of the scalars beside it: their quotes are taken over."""
    if style.json or not isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if like == "double" or "\n" in value:
        return json.dumps(value, ensure_ascii=False)
    if like == "single":
        return _quoted(value, "'")
    if _is_plain(value, flow=flow):
        return value
    return _quoted(value, "'" if '"' in value and "'" not in value else style.quote)


def _quoted(value: str, quote: str) -> str:
    if quote == "'" and value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    return json.dumps(value, ensure_ascii=False)


def _is_plain(value: str, *, flow: bool) -> bool:
    """Whether the text needs no quotes, for the API server nor for YAML 1.1 or 1.2 readers."""
    if flow and not _PLAIN_IN_FLOW.fullmatch(value):
        return False
    if yaml.safe_dump(value, allow_unicode=True, width=1 << 20).removesuffix("...\n").rstrip("\n") != value:
        return False
    return resolve_plain(value) == value


def flow(value: Any, style: Style, *, like: str = "plain") -> str:
    """Any value on one line."""
    if isinstance(value, dict):
        members = [
            f"{scalar(key, style, like=style.keys, flow=True)}: {flow(member, style, like=style.strings)}"
            for key, member in value.items()
        ]
        return "{" + ", ".join(members) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(flow(item, style, like=style.words) for item in value) + "]"
    return scalar(value, style, like=like, flow=True)


def pair(key: str, value: Any, indent: int, style: Style) -> list[str]:
    """The lines of `key: value` in block style, the first one without its indentation."""
    name = scalar(key, style, like=style.keys)
    if isinstance(value, dict) and value:
        return [f"{name}:", *_indented(mapping(value, indent + style.step, style), indent + style.step)]
    if isinstance(value, list) and value and not (style.flow_lists and all(map(_is_scalar, value))):
        dashes = indent + style.dashes
        return [f"{name}:", *(line for item in value for line in _indented(dashed(item, dashes, style), dashes))]
    return [f"{name}: {flow(value, style, like=style.strings)}"]


def _is_scalar(value: Any) -> bool:
    return not isinstance(value, dict | list)


def mapping(value: dict[str, Any], indent: int, style: Style) -> list[str]:
    """The lines of a mapping in block style; all but the first one are indented."""
    lines = [line for key, member in value.items() for line in _indented(pair(key, member, indent, style), indent)]
    return [lines[0][indent:], *lines[1:]]


def dashed(value: Any, indent: int, style: Style) -> list[str]:
    """The lines of `- value` in block style, the first one without its indentation."""
    dash = "-".ljust(style.gap)
    if isinstance(value, dict) and value:
        first, *rest = mapping(value, indent + style.gap, style)
        return [f"{dash}{first}", *rest]
    return [f"{dash}{flow(value, style, like=style.words)}"]


def _indented(lines: Iterable[str], indent: int) -> Iterator[str]:
    """The lines, the first one indented as the others are already."""
    for number, line in enumerate(lines):
        yield line if number else " " * indent + line
