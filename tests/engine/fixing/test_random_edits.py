"""Random edits of random documents in random styles: each is refused, or ruamel.yaml reads what was intended, all
comments stand, and no line is different that the edit is not about. What was intended is worked out here, on the data.
"""

import copy
import io
import json
import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from kubelint.engine.fixing.changes import CannotEdit, changed
from kubelint.engine.fixing.edits import changes_of
from kubelint.engine.fixing.independent import NotAsMeant, check
from kubelint.manifests.field import Edit
from kubelint.sources import Inside, read_documents

WORDS = [
    "web",
    "a b",
    "it's",
    'say "x"',
    "yes",
    "1e3",
    "0644",
    "-",
    "x: y",
    "x #y",
    "é𝄞",
    "שלום",
    "C:\\x",
    "",
    "~",
    "{{ x }}",
]
PLAIN = {"web", "a b", "it's", "é𝄞", "C:\\x"}


class Writer:
    """Writes data as YAML in one of many styles; each key and each comment is there once."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.step = chance.choice([2, 2, 4])
        self.dashes = chance.choice([0, 2])
        self.gap = chance.choice([1, 1, 3])
        self.quoted_keys = chance.random() < 0.2
        self.quotes = chance.choice(["plain", "single", "double"])
        self.comments: list[str] = []
        self.keys = 0

    def odds(self, number: float) -> bool:
        return self.chance.random() < number

    def data(self, depth: int = 3):
        if not depth or self.odds(0.35):
            return self.chance.choice([*WORDS, 1, 2.5, True, None])
        if self.odds(0.35):
            return [self.data(depth - 1) for _ in range(self.chance.randrange(4))]
        return self.mapping(depth)

    def mapping(self, depth: int, least: int = 0) -> dict:
        return {self.key(): self.data(depth - 1) for _ in range(self.chance.randrange(least, 4))}

    def key(self) -> str:
        self.keys += 1
        return f"k{self.keys}"

    def comment(self, odds: float = 0.15) -> str:
        if not self.odds(odds):
            return self.chance.choice(["", "", "", " "])
        self.comments.append(f"# c{len(self.comments)}.")
        return " " * self.chance.randrange(1, 3) + self.comments[-1]

    def scalar(self, value) -> str:
        if value is None:
            return self.chance.choice(["null", "~"])
        if not isinstance(value, str):
            return json.dumps(value)
        if self.quotes == "single":
            return "'" + value.replace("'", "''") + "'"
        return value if self.quotes == "plain" and value in PLAIN else json.dumps(value, ensure_ascii=False)

    def name(self, key: str) -> str:
        return f'"{key}"' if self.quoted_keys else key

    def flow(self, value) -> str:
        if isinstance(value, dict):
            return "{" + ", ".join(f"{self.name(key)}: {self.flow(item)}" for key, item in value.items()) + "}"
        if isinstance(value, list):
            return "[" + ", ".join(map(self.flow, value)) + "]"
        return self.scalar(value)

    def block(self, value, indent: int) -> list[str]:
        pad, lines = " " * indent, list[str]()
        for key, item in value.items() if isinstance(value, dict) else ((None, item) for item in value):
            if lines and self.odds(0.1):
                lines.append("")
            if lines and (above := self.comment(0.1)).strip():
                lines.append(pad + above.strip())
            lines += self.item(item, indent) if key is None else self.member(key, item, indent)
        return lines

    def member(self, key: str, value, indent: int) -> list[str]:
        start = " " * indent + self.name(key) + ":"
        if value is None and self.odds(0.5):
            return [start + self.comment()]
        if not isinstance(value, dict | list) or not value or self.odds(0.25):
            return [*f"{start} {self.flow(value)}{self.comment()}".splitlines()]
        below = indent + (self.dashes if isinstance(value, list) else self.step)
        return [start + self.comment(), *self.block(value, below)]

    def item(self, value, indent: int) -> list[str]:
        start = " " * indent + "-" + " " * self.gap
        if not isinstance(value, dict | list) or not value or self.odds(0.25):
            return [f"{start}{self.flow(value)}{self.comment()}"]
        first, *rest = self.block(value, indent + 1 + self.gap)
        return [start + first.lstrip(), *rest]


class Case:
    """A document, some edits of it, and the data that they should make of it."""

    def __init__(self, chance: random.Random) -> None:
        self.writer = writer = Writer(chance)
        self.data = {writer.key(): writer.data() for _ in range(chance.randrange(1, 5))}
        lines = writer.block(self.data, 0)
        self.embedded = chance.random() < 0.3
        if self.embedded:
            pad = " " * chance.choice([2, 4])
            lines = [
                "outer: |" + chance.choice(["", "-"]),
                *(pad + line if line else line for line in lines),
                "last: 1",
            ]
        if chance.random() < 0.2:
            lines = ["---", *lines, "..."]
        ending = chance.choice(["\n", "\n", "\r\n"])
        self.text = ending.join(lines) + ("" if chance.random() < 0.2 else ending)
        self.wanted = copy.deepcopy(self.data)
        count = chance.randrange(1, 3)
        self.edits = [
            edit for top in chance.sample(sorted(self.data), min(count, len(self.data))) for edit in self.edit(top)
        ]

    def edit(self, top: str) -> list[Edit]:
        """Edits at or below one key of the document, made in `wanted`, too."""
        writer, chance = self.writer, self.writer.chance
        *way, last = path = (top, *chance.choice(list(paths(self.data[top]))))
        holder = self.wanted
        for step in way:
            holder = holder[step]
        old, value = holder[last], writer.data(2)
        text = json.dumps(value, ensure_ascii=False)
        actions = ["replace", "delete", *(["rename"] if isinstance(last, str) else [])]
        actions += ["insert"] * 3 if isinstance(old, dict) else ["append"] * 3 if isinstance(old, list) else []
        action = chance.choice(actions)
        if action == "delete":
            del holder[last]
            return [self.made(path, "delete")]
        if action == "rename":
            key = writer.key()
            holder[key] = holder.pop(last)
            return [self.made(path, "delete"), self.made(tuple(way), "insert", json.dumps(old), key)]
        if action == "insert":
            old[key := writer.key()] = value
            return [self.made(path, "insert", text, key)]
        if action == "append":
            old.append(value)
        else:
            holder[last] = value
        return [self.made(path, action, text)]

    def made(self, path: tuple, action, text: str = "", key: str = "") -> Edit:
        return Edit("a.yaml", 0, ("outer", Inside(0), *path) if self.embedded else path, action, text, key)


def paths(value, path=()):
    yield path
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, member in members:
        yield from paths(member, (*path, step))


def loaded(text: str, embedded: bool):
    (data,) = YAML(typ="safe", pure=True).load_all(io.StringIO(text, newline=""))
    return loaded(data["outer"], False) if embedded else data


def touchable(source, edits) -> set[int]:
    """The lines that may be different afterwards: those of what is replaced or taken out, and the one where a
    collection begins that is left empty or was; of one that grows the last, where it is in flow style.
    """
    found: set[int] = set()
    for edit in edits:
        place = source.documents[0].locate(edit.path)
        start, end = place.node.span
        lines = range(first_line(source.text, start, edit.path), source.text.count("\n", 0, end) + 1)
        if edit.action in ("insert", "append") and (place.node.pairs or place.node.items):
            lines = lines[-1:] if place.node.style == "flow" else range(0)
        found.update(lines)
        above = place.trail[-2] if edit.action == "delete" else place.node
        if edit.action == "delete" and len(above.pairs or above.items or ()) == 1:
            found.add(first_line(source.text, above.span.start, edit.path[:-1]))
        elif edit.action == "delete":  # the second member moves up to the dash of the first one
            members = [pair.key for pair in above.pairs] if above.pairs else above.items
            found.add(source.text.count("\n", 0, members[1].span.start))
    return found


def first_line(text: str, start: int, path) -> int:
    """The line of the key, or the dash, of what starts there."""
    before = text[:start]
    if path and isinstance(path[-1], str):
        return before.count("\n", 0, [match.start() for match in re.finditer(rf'"?{path[-1]}"?:', before)][-1])
    return before.count("\n") - before.endswith("\n")


def judge(case: Case) -> bool:
    """Whether the edits were made, and as they should be; False where they were refused."""
    assert loaded(case.text, case.embedded) == case.data, case.text
    source = read_documents("a.yaml", case.text)
    try:
        after = changed(case.text, changes_of(source, case.edits))
        check(source, after, case.edits)
    except (CannotEdit, NotAsMeant):
        return False
    shown = f"{case.edits}\n{case.text}\n-----\n{after}"
    assert json.dumps(loaded(after, case.embedded), sort_keys=True) == json.dumps(case.wanted, sort_keys=True), shown
    assert all(after.count(comment) == 1 for comment in case.writer.comments), shown
    touched = touchable(source, case.edits)
    kept = [line for number, line in enumerate(case.text.split("\n")) if number not in touched]
    left = iter(after.split("\n"))
    missing = next(
        (line for line in kept if line.strip() and not any(line.rstrip("\r") == other.rstrip("\r") for other in left)),
        None,
    )
    assert missing is None, f"{missing}\n{shown}"
    assert ("\r\n" in after) <= ("\r\n" in case.text) and after.count("\n") - after.count("\r\n") in (
        0,
        after.count("\n"),
    )
    return True


@given(st.integers(0, 1 << 40))
@settings(max_examples=400, deadline=None)
def test_an_edit_does_what_it_says_and_nothing_else(seed):
    judge(Case(random.Random(seed)))


@pytest.mark.parametrize("seed", range(3))
def test_most_edits_can_be_made(seed):
    chance = random.Random(seed)
    made = [judge(Case(chance)) for _ in range(100)]
    assert made.count(True) > 90
