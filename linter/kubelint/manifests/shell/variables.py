"""Variables of a script that certainly have one literal value where they are used."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node, Query

    from kubelint.manifests.shell.words import WordReader

_QUERY = """
(variable_assignment) @assignment
(for_statement variable: (variable_name) @loop)
(command name: (command_name) @command)
(declaration_command) @declaration
(unset_command) @unset
"""
_SETTERS = frozenset({"read", "mapfile", "readarray", "getopts", "printf", "let", "local", "unset"})
_ANYTHING = frozenset({"source", ".", "eval"})
_DECLARATIONS = frozenset({"export", "readonly", "declare", "typeset"})
_CHANGED = re.compile(
    r"\$\{(\w+):?=|\b([A-Za-z_]\w*)(?:\+\+|--)|(?:\+\+|--)([A-Za-z_]\w*)|\(\(\s*([A-Za-z_]\w*)\s*\W?="
)
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*")


@cache
def _query() -> Query:
    import tree_sitter_bash
    from tree_sitter import Language, Query

    return Query(Language(tree_sitter_bash.language()), _QUERY)


class Variables:
    """Variables that are assigned once, literally, at the top of a script; and those that it starts with (`env`)."""

    def __init__(self, root: Node, env: Mapping[str, str]) -> None:
        self.words: WordReader | None = None
        self._root = root
        self._env = env
        self._read = False
        self._spoiled: set[str] = set()
        self._opaque = False
        self._assigned: set[str] = set()
        self._known: dict[str, tuple[int, str]] = {}

    def value(self, name: str, at: int) -> str | None:
        """The value of `name` at the character `at` of the script; None where it may have another."""
        if not self._read:
            self._read = True
            self._scan()
        if self._opaque or name in self._spoiled:
            return None
        if name in self._assigned:
            end, value = self._known.get(name, (at, None))
            return value if end < at else None
        return self._env.get(name)

    def _scan(self) -> None:
        from tree_sitter import QueryCursor

        assert self.words is not None
        found = QueryCursor(_query()).captures(self._root)
        self._spoil(found)
        nodes = sorted(found.get("assignment", []), key=lambda node: node.start_byte)
        nodes = [node for node in nodes if node.parent is None or node.parent.type != "command"]
        names = [_name(node) for node in nodes]
        self._assigned = set(names)
        times = Counter(names)
        for node, name in zip(nodes, names, strict=True):
            if times[name] == 1 and _is_top(node):
                self._keep(node, name)

    def _keep(self, node: Node, name: str) -> None:
        assert self.words is not None
        value = node.child_by_field_name("value")
        end = self.words.char(node.end_byte)
        if any(child.type == "+=" for child in node.children) or (value is not None and value.type == "array"):
            return
        start = self.words.char(value.start_byte) if value is not None else end
        text = self.words.value([value] if value is not None else [], start, end).text
        if text is not None:
            self._known[name] = (end, text)

    def _spoil(self, found: dict[str, list[Node]]) -> None:
        """Note the names that something else may set."""
        assert self.words is not None
        self._spoiled.update(_text(node) for node in found.get("loop", []))
        for name in found.get("command", []):
            command = name.parent
            if _text(name) in _ANYTHING:
                self._opaque = True
            elif command is not None and _text(name) in _SETTERS:
                self._spoiled.update(_IDENTIFIER.findall(_text(command)))
        for node in (*found.get("declaration", []), *found.get("unset", [])):
            if not node.children or node.children[0].type not in _DECLARATIONS:
                self._spoiled.update(_IDENTIFIER.findall(_text(node)))
        for groups in _CHANGED.findall(self.words.text):
            self._spoiled.update(group for group in groups if group)


def _is_top(node: Node) -> bool:
    """Whether an assignment stands where it is always done."""
    parent = node.parent
    if parent is not None and parent.type == "variable_assignments":
        parent = parent.parent
    elif parent is not None and parent.type == "declaration_command":
        keyword = parent.children[0].type
        flags = any(child.type == "word" and _text(child).startswith("-") for child in parent.children)
        parent = parent.parent if keyword in _DECLARATIONS and not flags else None
    return parent is not None and parent.type == "program"


def _name(node: Node) -> str:
    name = node.child_by_field_name("name")
    return _IDENTIFIER.findall(_text(name))[0] if name is not None and _IDENTIFIER.search(_text(name)) else ""


def _text(node: Node) -> str:
    return (node.text or b"").decode(errors="replace")
