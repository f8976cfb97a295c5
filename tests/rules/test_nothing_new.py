"""Fixes bring up no findings of other rules, but those that the mended thing was hiding."""

import pytest
from linting import FIXTURES, REGISTRY, TODAY, copied

from kubelint.checks import Applicability, EngineRule, SuppressionRule
from kubelint.cli.workspace import Request, Workspace
from kubelint.engine.fixing.fixer import Fixer, replaced
from kubelint.engine.linter import Linter

EVERY = tuple(entry.meta.id for entry in REGISTRY)
FIXABLE = [
    entry
    for entry in REGISTRY
    if entry.meta.fixable and not issubclass(entry.rule, EngineRule) and not issubclass(entry.rule, SuppressionRule)
]
UNCOVERED = {
    "dns-single-replica": {"dns-replicas-not-spread", "dns-without-disruption-budget"},  # nothing to spread before
    "etcd-snapshots-disabled": {"etcd-snapshots-local-only"},  # no snapshots that could be elsewhere
    "longhorn-node-not-decommissioned": {"unknown-node-reference"},  # the next step, once its replicas are gone
    "removed-longhorn-setting": {"backup-never-scheduled", "backup-secret-in-wrong-namespace"},  # nothing read them
    "runs-on-string-list": {"runner-labels-omit-self-hosted"},  # nobody asked for one of the labels
    "unknown-reloader-annotation": {"reloader-not-installed"},  # the annotation meant nothing
    "unknown-scale-set-value": {"runner-labels-omit-self-hosted"},  # the list of labels was no such list
}


def places(report):
    """What is found, and in which file, however often."""
    return {(finding.meta.id, finding.place.path) for finding in report.findings}


@pytest.mark.parametrize("entry", FIXABLE, ids=lambda entry: entry.meta.id)
def test_its_fixes_bring_up_nothing_new(entry, tmp_path):
    root = copied(FIXTURES / "rules" / entry.meta.id / "bad", tmp_path)
    (root / ".git").mkdir(exist_ok=True)
    workspace = Workspace(Request((str(root),), root=str(root)), REGISTRY)
    own = Linter(REGISTRY, workspace.settings._replace(select=(entry.meta.id,)), TODAY)
    every = Linter(REGISTRY, workspace.settings._replace(select=EVERY), TODAY)
    given = workspace.read()
    changed = Fixer(own.run, frozenset(Applicability)).run(given).changed
    after = every.run(replaced(given, {path: file.text for path, (_, file) in changed.items()}))
    assert changed and not after.crashed
    assert {rule for rule, _ in places(after) - places(every.run(given))} <= UNCOVERED.get(entry.meta.id, set())
