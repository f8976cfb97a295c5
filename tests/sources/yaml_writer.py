"""Writes random YAML and notes where every value, key and comment stands."""

import json
from dataclasses import dataclass, field
from random import Random
from typing import Any

from kubelint.sources import Path, Span
from kubelint.sources.scalars import resolve_plain

PLAIN = ["a", "web-1", "true", "on", "080", "0x1F", "1.5", "~", "héllo wörld", "𝒳𝒴 🦀", "日本", "a#b", "http://x:80/y"]
PLAIN += ["2001-12-14", "$(VAR)", "-x", ":y", "?z", "=", "1:30", "a 'b' \"c\"", "x-\\y", "<none>"]
WORDS = ["a", "b # no comment", "it's", 'say "x"', "🦀: y", "- z", "tab\there", "é", "\\n", "{{ .x }}", "#"]


@dataclass
class Entry:
    """What stands at a path: its span, its key's span, its value; `alone` where the text there can be read alone."""

    span: Span
    value: Any
    key: Span | None = None
    style: str = "plain"
    alone: bool = True


@dataclass
class Written:
    """A document: its text, its value, what is at each path, its comments."""

    text: str = ""
    value: Any = None
    entries: dict[Path, Entry] = field(default_factory=dict)
    comments: list[tuple[int, str]] = field(default_factory=list)
    unique_anchors: bool = True


class Writer:
    """Writes one random document; the same seed gives the same one."""

    def __init__(self, seed: int, flow_only: bool = False, comments: bool = True) -> None:
        self.random = Random(seed)
        self.flow_only = flow_only
        self.newline = "\n" if flow_only else self.random.choice(["\n", "\n", "\r\n"])
        self.with_comments = comments and not flow_only
        self.out = Written()
        self.at = 0
        self.parts: list[str] = []
        self.named: set[str] = set()
        self.keeps = False  # a block scalar that keeps the blank lines after it has just ended
        self.anchors: dict[str, Any] = {}

    def document(self) -> Written:
        """Write a document."""
        self.comment_lines(0)
        if not self.flow_only and self.chance(0.2):
            self.write("---")
            self.end_line()
        if self.flow_only:
            self.out.value = self.flow((), None, 2)
        else:
            self.out.value = self.block((), 0, 3, None)
        self.out.text = "".join(self.parts)
        return self.out

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def write(self, text: str) -> int:
        start = self.at
        self.keeps &= not text.strip()
        self.parts.append(text)
        self.at += len(text)
        return start

    def note(self, path: Path, start: int, value: Any, key: Span | None, style: str, alone: bool = True) -> None:
        self.out.entries[path] = Entry(Span(start, self.at), value, key, style, alone)

    def end_line(self) -> None:
        if self.with_comments and self.chance(0.15):
            after_dash = "".join(self.parts[-2:]).rstrip()[-1:] in ("-", "|", ">", "+")  # libyaml or PyYAML want none
            self.write(self.random.choice([" ", "  ", " " if after_dash else "\t"]))
            self.comment()
        self.write(self.newline)

    def comment(self) -> None:
        text = "#" + self.random.choice([" plain", "", "!x", " 'quote", ' "', " 🦀 # twice", " a: b"])
        self.out.comments.append((self.write(text), text))

    def comment_lines(self, indent: int) -> None:
        while self.with_comments and self.chance(0.1):
            if self.chance(0.3) and not self.keeps:
                self.write(self.newline)
                continue
            self.write(" " * self.random.choice([0, indent]))
            self.comment()
            self.write(self.newline)

    def anchor(self) -> str | None:
        """Begin an anchor, sometimes; the caller says what it stands for."""
        if not self.chance(0.12):
            return None
        name = f"a{self.random.randrange(4)}"
        self.out.unique_anchors &= name not in self.named
        self.named.add(name)
        self.anchors.pop(name, None)
        self.write(f"&{name}")
        return name

    def alias(self, path: Path, key: Span | None) -> tuple[bool, Any]:
        names = sorted(self.anchors)
        if not names or not self.chance(0.15):
            return False, None
        name = self.random.choice(names)
        start = self.write(f"*{name}")
        self.note(path, start, self.anchors[name], key, "alias", alone=False)
        return True, self.anchors[name]

    def key(self, taken: set[str]) -> tuple[str, Span]:
        name = self.random.choice(["a", "b c", "é", "🦀", "on", "80", "x.y/z", "it's", 'q"', "#k"])
        while name in taken:
            name += "1"
        taken.add(name)
        quoted = json.dumps(name, ensure_ascii=self.chance(0.5) and name.isascii())
        single = "'" + name.replace("'", "''") + "'"
        text = self.random.choice([quoted, single] if name[0] == "#" else [name, name, quoted, single])
        start = self.write(text)
        return name, Span(start, self.at)

    # block style

    def block(self, path: Path, indent: int, depth: int, key: Span | None) -> Any:
        """A value whose first character comes where the line stands; ends with a line break."""
        kind = self.random.choice(["map", "map", "seq", "scalar"]) if depth else "scalar"
        if kind == "scalar":
            return self.value_line(path, indent, 0, key)
        return self.collection(path, indent, depth, key, kind)

    def collection(self, path: Path, indent: int, depth: int, key: Span | None, kind: str) -> Any:
        start, before = self.at, len(self.out.entries)
        value: Any = {} if kind == "map" else []
        taken: set[str] = set()
        end = start
        for index in range(self.random.randint(1, 4)):
            if index:
                self.comment_lines(indent)
                self.write(" " * indent)
            if kind == "map":
                name, span = self.key(taken)
                self.write(":")
                value[name] = self.value_line((*path, name), indent, depth - 1, span)
                end = max(span.end, self.out.entries[(*path, name)].span.end)
            else:
                self.write("-")
                value.append(self.value_line((*path, index), indent, depth - 1, None, in_sequence=True))
                end = self.out.entries[(*path, index)].span.end
        entry = Entry(Span(start, end), value, key, "block", not self.uses_alias(path, before))
        self.out.entries[path] = entry
        return value

    def uses_alias(self, path: Path, before: int) -> bool:
        entries = self.out.entries
        return any(not entries[p].alone for p in entries if p[: len(path)] == path and p != path)

    def value_line(self, path: Path, indent: int, depth: int, key: Span | None, in_sequence: bool = False) -> Any:
        """What follows `key:` or `-` on its line, to the end of the line or of the block below it."""
        lead = bool(self.parts) and self.parts[-1][-1:] in (":", "-")
        space = " " if lead else ""
        if depth and self.chance(0.5):
            return self.nested(path, indent, depth, key, in_sequence)
        if lead and self.chance(0.05):
            self.note(path, self.at, None, key, "plain")
            self.end_line()
            return None
        self.write(space)
        found, value = self.alias(path, key)
        if found:
            self.end_line()
            return value
        name = self.anchor()
        if name:
            self.write(" ")
        value = self.scalar_line(path, indent, key) if self.chance(0.7) else self.flow_line(path, key)
        if name:
            self.anchors.setdefault(name, value)  # unless given again inside
        return value

    def nested(self, path: Path, indent: int, depth: int, key: Span | None, in_sequence: bool) -> Any:
        name = None
        kind = self.random.choice(["map", "seq"])
        inner = indent + self.random.choice([1, 2, 4])
        if in_sequence and self.chance(0.6):
            inner = indent + 2
            self.write(" ")
        else:
            if self.chance(0.15):
                self.write(" ")
                name = self.anchor()
            self.end_line()
            self.comment_lines(inner)
            if kind == "seq" and not in_sequence and self.chance(0.5):
                inner = indent
            self.write(" " * inner)
        value = self.collection(path, inner, depth, key, kind)
        if name:
            self.anchors.setdefault(name, value)  # unless given again inside
        return value

    def flow_line(self, path: Path, key: Span | None) -> Any:
        kind = self.random.choice(["map", "seq"])
        value = self.flow_collection(path, key, kind, 2)
        self.end_line()
        return value

    def scalar_line(self, path: Path, indent: int, key: Span | None) -> Any:
        style = self.random.choice(["plain", "plain", "single", "double", "literal", "folded", "lines"])
        if style in ("literal", "folded"):
            return self.block_scalar(path, indent, key, style)
        if style == "lines":
            return self.broken_line(path, indent, key)
        value = self.inline(path, key, style)
        self.end_line()
        return value

    def broken_line(self, path: Path, indent: int, key: Span | None) -> str:
        """A plain or double-quoted scalar over several lines."""
        quote = self.random.choice(["", '"'])
        words = [self.random.choice(["one", "two é", "🦀"]) for _ in range(self.random.randint(2, 3))]
        pad = self.newline + " " * (indent + 2)
        start = self.write(quote + pad.join(words) + quote)
        value = " ".join(words)
        self.note(path, start, value, key, "double" if quote else "plain")
        self.end_line()
        return value

    def block_scalar(self, path: Path, indent: int, key: Span | None, style: str) -> str:
        lines = [self.random.choice(WORDS) for _ in range(self.random.randint(1, 3))]
        chomp = self.random.choice(["", "-", "+"])
        start = self.write(("|" if style == "literal" else ">") + chomp)
        self.end_line()
        pad = " " * (indent + self.random.choice([1, 2, 3]))
        for number, line in enumerate(lines):
            self.write(pad + line)
            if number == len(lines) - 1:
                value = ("\n" if style == "literal" else " ").join(lines)
                value += "" if chomp == "-" else "\n"
                self.note(path, start, value, key, style)
            self.write(self.newline)
        self.keeps = chomp == "+"
        return value

    # flow style

    def flow(self, path: Path, key: Span | None, depth: int) -> Any:
        found, value = self.alias(path, key)
        if found:
            return value
        name = self.anchor()
        if name:
            self.write(" ")
        kind = self.random.choice(["map", "seq", "scalar"]) if depth else "scalar"
        if kind == "scalar":
            value = self.inline(path, key, self.random.choice(["flow-plain", "single", "double"]))
        else:
            value = self.flow_collection(path, key, kind, depth)
        if name:
            self.anchors.setdefault(name, value)  # unless given again inside
        return value

    def flow_collection(self, path: Path, key: Span | None, kind: str, depth: int) -> Any:
        before = len(self.out.entries)
        start = self.write("{" if kind == "map" else "[")
        value: Any = {} if kind == "map" else []
        taken: set[str] = set()
        for index in range(self.random.randint(0, 3)):
            if index:
                self.write(self.random.choice([", ", " ,  "]))
            elif self.chance(0.3) or kind == "map":
                self.write(" ")  # `{{` would be a template
            if kind == "map":
                name, span = self.key(taken)
                self.write(": ")
                value[name] = self.flow((*path, name), span, depth - 1)
            else:
                value.append(self.flow((*path, index), None, depth - 1))
            if self.out.entries[(*path, name if kind == "map" else index)].style == "alias":
                self.write(" ")
        self.write(self.random.choice(["", " "]) + ("}" if kind == "map" else "]"))
        self.note(path, start, value, key, "flow", not self.uses_alias(path, before))
        return value

    def inline(self, path: Path, key: Span | None, style: str) -> Any:
        if style == "plain":
            text = self.random.choice(PLAIN)
            value: Any = resolve_plain(text)
        elif style == "flow-plain":
            text = self.random.choice([text for text in PLAIN if not set(text) & set(",[]{}?:")])
            value, style = resolve_plain(text), "plain"
        else:
            value = self.random.choice([*WORDS, *PLAIN, "", "a\\tb", "x # y"])
            single = "'" + value.replace("'", "''") + "'"
            text = single if style == "single" else self.double(value)
        start = self.write(text)
        self.note(path, start, value, key, style)
        return value

    def double(self, value: str) -> str:
        if not value.isascii() or self.chance(0.5):
            return json.dumps(value, ensure_ascii=False)
        return '"' + "".join(f"\\x{ord(c):02x}" if self.chance(0.2) else json.dumps(c)[1:-1] for c in value) + '"'
