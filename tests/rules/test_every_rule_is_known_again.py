"""What holds for every rule: a baseline knows its findings again when the files are written another way."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml
from linting import FIXTURES, REGISTRY, contents, copied, lint_tree

from kubelint.checks import EngineRule, SuppressionRule
from kubelint.engine.baseline import dumped, entries_of, entry_of, loaded, match
from kubelint.engine.report import ReportedFinding

RULES = [entry.meta.id for entry in REGISTRY if not issubclass(entry.rule, EngineRule | SuppressionRule)]
NOTE = "# a comment\n\n"
"""In this order: the comment ends a block of text, to which the empty line might belong."""


def written_anew(text: str, random: Random) -> str:
    """The same data with documents and the keys of every mapping in another order, and a comment and an empty line
    before each key.
    """
    documents = list(yaml.compose_all(text, yaml.SafeLoader))[::-1]
    if "*" not in text or not any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text)):
        for mapping in mappings(documents):
            if len({key.value for key, _ in mapping.value}) == len(mapping.value):  # of equal keys the last counts
                random.shuffle(mapping.value)
    text = yaml.serialize_all(documents, explicit_start=True, allow_unicode=True, width=10_000)
    noted = {key.start_mark.line for mapping in mappings(yaml.compose_all(text)) for key, _ in mapping.value}
    lines = text.splitlines(keepends=True)
    return "".join(NOTE * (number in noted) + line for number, line in enumerate(lines))


def mappings(documents: Iterable[Any]) -> list[yaml.MappingNode]:
    """Every mapping in the documents, once."""
    left, found = list(documents), {}
    while left:
        node = left.pop()
        if isinstance(node, yaml.CollectionNode) and id(node) not in found:
            found[id(node)] = node
            left += [each for item in node.value for each in (item if isinstance(item, tuple) else (item,))]
    return [node for node in found.values() if isinstance(node, yaml.MappingNode)]


def edit(root: Path, seed: int) -> None:
    """Write the YAML files below `root` anew, but the configuration, and what is no YAML in truth."""
    for name, content in contents(root).items():
        if name.endswith((".yaml", ".yml")) and name != "kubelint.yaml":
            with suppress(yaml.YAMLError, UnicodeDecodeError):
                (root / name).write_text(written_anew(content.decode(), Random(f"{seed} {name}")), encoding="utf-8")


def findings(root: Path, name: str) -> list[ReportedFinding]:
    """All that the rule finds below `root`, whatever has changed."""
    report = lint_tree(root, select=(name,))
    assert not report.crashed
    return [*report.untouched, *report.findings]


@pytest.mark.parametrize("name", RULES)
def test_what_is_written_another_way_is_known(name: str, tmp_path: Path) -> None:
    copied(FIXTURES / "rules" / name / "bad", tmp_path)
    before = findings(tmp_path, name)
    entries = loaded(dumped(entries_of(before)))
    edit(tmp_path, 1)
    after = findings(tmp_path, name)
    result = match(entries, after, contents(tmp_path))
    assert (result.new, result.left) == ([], [])
    assert len(result.known) == len(before) > 0
    for left_out in before:  # whichever of them is new, nothing that was known hides it
        known = entries_of(finding for finding in before if finding is not left_out)
        [new] = match(known, after, contents(tmp_path)).new
        assert entry_of(new)[1:5] == entry_of(left_out)[1:5]


def moved(root: Path) -> None:
    """Give the manifests below `root` names that put them in another order; nothing else names these files."""
    named = "\n".join(text.decode(errors="replace") for text in contents(root).values())
    for number, name in enumerate(reversed(contents(root))):
        path = root / name
        if path.suffix in (".yaml", ".yml") and path.name not in named and b"\nkind: " in path.read_bytes():
            path.rename(path.with_name(f"z{number:04}-{path.name}"))


ABOUT_NAMES = ["unencrypted-sops-file"]
"""The rules that go by the name of the file: under another one there is nothing to find."""


@pytest.mark.parametrize("name", [name for name in RULES if name not in ABOUT_NAMES])
def test_what_lies_in_another_file_of_the_folder_is_known(name: str, tmp_path: Path) -> None:
    copied(FIXTURES / "rules" / name / "bad", tmp_path)
    before = findings(tmp_path, name)
    moved(tmp_path)
    result = match(entries_of(before), findings(tmp_path, name), contents(tmp_path))
    assert (result.new, result.left) == ([], [])
