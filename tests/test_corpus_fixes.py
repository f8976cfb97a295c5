"""Fixes over real repositories and over all that rules find in their fixtures: every file can still be read, the data
are different at what was fixed and nowhere else, git takes the diff, and a second run fixes nothing.

What is different is judged here, with ruamel.yaml: not by what judges a fix before it is made.
"""

import re
import shutil
import subprocess
from collections import Counter
from difflib import SequenceMatcher
from pathlib import Path

import pytest
from linting import FIXTURES, REGISTRY, SHARED, copied, needs_corpus
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, SequenceNode

from kubelint.cli.main import run
from kubelint.engine.fixing import fixer
from kubelint.sources import Inside

CHECK = ["check", "--select", "ALL", "--unsafe-fixes", "--render", "never", "--fail-on", "never"]
REPOSITORIES = sorted(path.name for path in (SHARED / "corpus").glob("*/"))
RULES = sorted(path.name for path in (FIXTURES / "rules").iterdir() if (path / "bad").is_dir())

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is the judge")


def plain(node):
    """A node as mappings, lists, and tags with texts."""
    if isinstance(node, MappingNode):
        return {key.value if isinstance(key.value, str) else str(plain(key)): plain(value) for key, value in node.value}
    if isinstance(node, SequenceNode):
        return [plain(item) for item in node.value]
    return None if node is None or node.tag.endswith(":null") else (str(node.tag), node.value)


def documents(text):
    """The documents of a text; None where it is no YAML."""
    try:
        return [plain(node) for node in YAML(typ="safe", pure=True).compose_all(text)]
    except YAMLError:
        return None


def differences(before, after, meant, path=()):
    """The paths at which two values differ; strings that `meant`, paths, lead into are taken apart."""
    if before == after:
        return
    empty = type(after)() if isinstance(after, dict | list) and before is None else before
    steps = [other[len(path)] for other in meant if other[: len(path)] == path and len(other) > len(path)]
    inner = next(iter(steps), None)
    if isinstance(empty, dict) and isinstance(after, dict):
        for key in dict.fromkeys((*empty, *after)):
            if key in empty and key in after:
                yield from differences(empty[key], after[key], meant, (*path, key))
            else:
                yield (*path, key)
    elif isinstance(empty, list) and isinstance(after, list) and len(empty) == len(after):
        for number, (old, new) in enumerate(zip(empty, after, strict=True)):
            yield from differences(old, new, meant, (*path, number))
    elif isinstance(inner, Inside) and isinstance(before, tuple) and isinstance(after, tuple):
        then, now = documents(before[1]), documents(after[1])
        assert then is not None and now is not None and len(then) == len(now)
        for number, (old, new) in enumerate(zip(then, now, strict=True)):
            yield from differences(old, new, meant, (*path, Inside(number)))
    else:
        yield path


def is_meant(path, edits):
    """Whether an edit is about what stands at `path`, or puts something where nothing was."""
    for edit in edits:
        target = (*edit.path, edit.key) if edit.action == "insert" else edit.path
        if edit.action == "delete" and isinstance(target[-1], int):
            target = target[:-1]  # the items after it move up
        if path[: len(target)] == target or (edit.action in ("insert", "append") and target[: len(path)] == path):
            return True
    return False


def judge_data(before, after, edits):
    """Compare two texts of a YAML file."""
    then, now = documents(before), documents(after)
    assert then is not None and now is not None and len(then) == len(now)
    for number, (old, new) in enumerate(zip(then, now, strict=True)):
        own = [edit for edit in edits if edit.document == number and edit.path]
        roots = [edit for edit in edits if edit.document == number and not edit.path and not edit.characters]
        for path in differences(old, new, [edit.path for edit in own]):
            assert is_meant(path, [*own, *roots]), path


def judge_lines(before, after, edits):
    """Compare two texts: comments all stand, and few lines differ."""
    comments = [Counter(re.findall(r"(?<=[ \n])#.*", f"\n{text}")) for text in (before, after)]
    assert all("kubelint:" in gone for gone in comments[0] - comments[1])
    opcodes = SequenceMatcher(None, before.split("\n"), after.split("\n"), autojunk=False).get_opcodes()
    gone = sum(end - start for tag, start, end, _, _ in opcodes if tag != "equal")
    removed = sum(edit.action in ("delete", "replace") for edit in edits)
    assert gone <= 2 * len(edits) + 12 * removed
    assert after.endswith("\n") == before.endswith("\n")


def judge_fixing(root, tmp_path, monkeypatch, capsys):
    """Fix a tree; and the same with the diff and git."""
    edits = {}
    changes_of = fixer.changes_of

    def noted(source, those):
        edits.setdefault(source.path, []).extend(those)
        return changes_of(source, those)

    monkeypatch.setattr(fixer, "changes_of", noted)
    patched = shutil.copytree(root, tmp_path / "patched", symlinks=True)
    before = contents(root)
    run([*CHECK, "--diff", "--root", str(root), str(root)])
    said = capsys.readouterr()
    assert contents(root) == before
    assert run([*CHECK, "--fix", "--root", str(root), str(root)]) == 0, capsys.readouterr().err
    after = contents(root)
    changed = {path for path in before if before[path] != after[path]}
    assert before.keys() == after.keys() and changed <= edits.keys()
    for path in sorted(changed):
        then, now = before[path].decode(), after[path].decode()
        if path.endswith((".yaml", ".yml", ".json")):
            judge_data(then, now, edits[path])
        judge_lines(then, now, edits[path])
    judge_diff(said, patched, changed, after)
    capsys.readouterr()
    assert run([*CHECK, "--diff", "--root", str(root), str(root)]) == 0
    assert capsys.readouterr().out == ""
    return changed


def judge_diff(said, patched, changed, after):
    """What git makes of a diff is what fixing made; but of files that it leaves out, which are said."""
    hidden = set(re.findall(r"kubelint: (.*): not shown, ", said.err))
    if changed - hidden:
        subprocess.run(["git", "apply", "-"], input=said.out.encode(), cwd=patched, check=True, capture_output=True)
    now = contents(patched)
    assert {path for path in after if now[path] != after[path]} == hidden


def contents(root):
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in Path(root).rglob("*") if path.is_file()}


@needs_corpus
@needs_git
@pytest.mark.parametrize("name", REPOSITORIES or ["none"])
def test_fixing_a_repository(name, tmp_path, monkeypatch, capsys):
    root = shutil.copytree(SHARED / "corpus" / name, tmp_path / "tree", symlinks=True)
    judge_fixing(root, tmp_path, monkeypatch, capsys)


@needs_git
@pytest.mark.parametrize("name", RULES)
def test_fixing_a_fixture(name, tmp_path, monkeypatch, capsys):
    root = copied(FIXTURES / "rules" / name / "bad", tmp_path / "tree")
    changed = judge_fixing(root, tmp_path, monkeypatch, capsys)
    entry = REGISTRY.get(name)
    assert changed or (entry is not None and not entry.meta.fixable)
