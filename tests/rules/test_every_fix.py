"""What holds for every rule with fixes: they can be made, what they mend is mended, and nothing else changes."""

import re
from collections import Counter
from contextlib import suppress

import pytest
import yaml
from invented import INVENTED
from linting import FIXTURES, REGISTRY, TODAY, copied

from kubelint.checks import Applicability, EngineRule, SuppressionRule
from kubelint.cli.workspace import Request, Workspace
from kubelint.engine.fixing.diffs import diff
from kubelint.engine.fixing.fixer import Fixer
from kubelint.engine.linter import Linter

ALL = frozenset({Applicability.SAFE, Applicability.UNSAFE})
FIXABLE = [entry for entry in REGISTRY if entry.meta.fixable and not issubclass(entry.rule, EngineRule)]
SHARED_BY_ALIASES = {"unknown-arch-value": {"aliases.yaml"}}
"""Where the value is an anchor's that others use: no fix may change those."""
REWRITTEN = {"removed-longhorn-setting": {"clusters/flux-only-these/longhorn.yaml"}}
"""Where comments stand in what is written anew: such fixes are not made."""
NEXT = {
    "dns-single-replica": {"dns-replicas-not-spread", "dns-without-disruption-budget"},
    "etcd-snapshots-disabled": {"etcd-snapshots-local-only"},
    "longhorn-node-not-decommissioned": {"unknown-node-reference"},
    "removed-longhorn-setting": {"backup-never-scheduled", "backup-secret-in-wrong-namespace"},
    "runs-on-string-list": {"runner-labels-omit-self-hosted"},
    "unknown-reloader-annotation": {"reloader-not-installed"},
    "unknown-scale-set-value": {"runner-labels-omit-self-hosted"},
}
"""What can be said of what a fix made and could not before: of two replicas, of a setting that is read now."""


def linter(workspace, rule, *, every=False):
    select = ("ALL",) if every else () if issubclass(rule, SuppressionRule) else (rule.meta.id,)
    return Linter(REGISTRY, workspace.settings._replace(select=select), TODAY)


def fixed(entry, root):
    """What fixing the tree comes to; the tree says so, too, from then on."""
    (root / ".git").mkdir(exist_ok=True)
    workspace = Workspace(Request((str(root),), root=str(root)), REGISTRY)
    outcome = Fixer(linter(workspace, entry.rule).run, ALL).run(workspace.read())
    for path, (_, after) in outcome.changed.items():
        (root / path).write_text(after.text, encoding="utf-8", newline="")
    return outcome


def found_by_all(entry, root):
    """What all rules find, but where."""
    (root / ".git").mkdir(exist_ok=True)
    workspace = Workspace(Request((str(root),), root=str(root)), REGISTRY)
    report = linter(workspace, entry.rule, every=True).run(workspace.read())
    return Counter((finding.meta.id, finding.place.path, finding.message) for finding in report.findings)


def shown(outcome):
    """The diff, with the names of the credentials in it."""
    changed = sorted(outcome.changed.items())
    text = "".join(diff(path, before.text, after.text) or "" for path, (before, after) in changed)
    for name, value in sorted(INVENTED.items(), key=lambda entry: -len(entry[1]())):
        text = text.replace(value(), f"<invented:{name}>")
    return text


@pytest.mark.parametrize("entry", FIXABLE, ids=lambda entry: entry.meta.id)
def test_its_fixes_mend_what_it_finds(entry, tmp_path):
    root = copied(FIXTURES / "rules" / entry.meta.id / "bad", tmp_path)
    outcome = fixed(entry, root)
    assert outcome.fixed and outcome.changed and not outcome.unsettled
    assert {each.finding.place.path for each in outcome.refused} == SHARED_BY_ALIASES.get(entry.meta.id, set())
    left = [f for f in outcome.report.findings if f.meta.id == entry.meta.id and f.fixes and f.fixes[0].edits]
    assert {finding.place.path for finding in left} == SHARED_BY_ALIASES.get(entry.meta.id, set())
    for before, after in outcome.changed.values():
        kept = [comment.text.rstrip() for comment in before.comments if "kubelint:" not in comment.text]
        assert not Counter(kept) - Counter(comment.text.rstrip() for comment in after.comments)
        assert after.text.endswith("\n") == before.text.endswith("\n")
    again = fixed(entry, root)
    assert (again.fixed, again.changed) == (0, {})


@pytest.mark.parametrize("entry", FIXABLE, ids=lambda entry: entry.meta.id)
def test_its_fixes_change_the_lines_that_they_should(entry, tmp_path, update_fixtures):
    folder = FIXTURES / "rules" / entry.meta.id
    text = shown(fixed(entry, copied(folder / "bad", tmp_path)))
    if update_fixtures:
        (folder / "fixed.diff").write_bytes(text.encode())
    assert text == (folder / "fixed.diff").read_bytes().decode()


@pytest.mark.parametrize("entry", FIXABLE, ids=lambda entry: entry.meta.id)
def test_its_fixes_bring_up_nothing_that_was_not_wrong_before(entry, tmp_path):
    root = copied(FIXTURES / "rules" / entry.meta.id / "bad", tmp_path)
    before = found_by_all(entry, root)
    fixed(entry, root)
    new = {rule for rule, _, _ in found_by_all(entry, root) - before}
    assert new <= NEXT.get(entry.meta.id, set())


def commented(text):
    """A text with a comment at the end of each line that can have one, as far as it is YAML."""
    inside = set()
    for token in yaml.scan(text):
        if isinstance(token, yaml.ScalarToken):
            first, last = token.start_mark.line, token.end_mark.line
            inside.update(range(first + 1, last) if token.style in ("|", ">") else range(first, last))
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if line.strip() and number not in inside and "#" not in line and not line.startswith("%"):
            lines[number] = f"{line}  # note {number}."
    return "\n".join(lines)


@pytest.mark.parametrize("entry", FIXABLE, ids=lambda entry: entry.meta.id)
def test_every_comment_survives(entry, tmp_path):
    root = copied(FIXTURES / "rules" / entry.meta.id / "bad", tmp_path)
    for path in root.rglob("*.y*ml"):
        with suppress(yaml.YAMLError):
            path.write_bytes(commented(path.read_bytes().decode()).encode())
    outcome = fixed(entry, root)
    for before, after in outcome.changed.values():
        notes = [re.findall(r"# note \d+\.", file.text) for file in (before, after)]
        assert Counter(notes[0]) == Counter(notes[1])
    refused = {each.finding.place.path for each in outcome.refused}
    assert refused == {*SHARED_BY_ALIASES.get(entry.meta.id, ()), *REWRITTEN.get(entry.meta.id, ())}
