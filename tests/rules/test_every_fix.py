"""What holds for every rule with fixes: they can be made, what they mend is mended, and nothing else changes."""

import pytest
from linting import FIXTURES, REGISTRY, TODAY, copied

from kubelint.checks import Applicability, EngineRule, SuppressionRule
from kubelint.cli.workspace import Request, Workspace
from kubelint.engine.fixing.fixer import Fixer
from kubelint.engine.linter import Linter

ALL = frozenset({Applicability.SAFE, Applicability.UNSAFE})
FIXABLE = [entry for entry in REGISTRY if entry.meta.fixable and not issubclass(entry.rule, EngineRule)]
SHARED_BY_ALIASES = {"unknown-arch-value": {"aliases.yaml"}}
"""Where the value is an anchor's that others use: no fix may change those."""


def fixed(entry, root):
    """What fixing the tree comes to; the tree says so, too, from then on."""
    (root / ".git").mkdir(exist_ok=True)
    workspace = Workspace(Request((str(root),), root=str(root)), REGISTRY)
    select = () if issubclass(entry.rule, SuppressionRule) else (entry.meta.id,)
    linter = Linter(REGISTRY, workspace.settings._replace(select=select), TODAY)
    outcome = Fixer(linter.run, ALL).run(workspace.read())
    for path, (_, after) in outcome.changed.items():
        (root / path).write_text(after.text, encoding="utf-8", newline="")
    return outcome


@pytest.mark.parametrize("entry", FIXABLE, ids=lambda entry: entry.meta.id)
def test_its_fixes_mend_what_it_finds(entry, tmp_path):
    root = copied(FIXTURES / "rules" / entry.meta.id / "bad", tmp_path)
    outcome = fixed(entry, root)
    assert outcome.fixed and outcome.changed
    assert {each.finding.place.path for each in outcome.refused} == SHARED_BY_ALIASES.get(entry.meta.id, set())
    left = [f for f in outcome.report.findings if f.meta.id == entry.meta.id and f.fixes and f.fixes[0].edits]
    assert {finding.place.path for finding in left} == SHARED_BY_ALIASES.get(entry.meta.id, set())
    for before, after in outcome.changed.values():
        kept = [comment.text.rstrip() for comment in before.comments if "kubelint:" not in comment.text]
        assert not set(kept) - {comment.text.rstrip() for comment in after.comments}
        assert after.text.endswith("\n") == before.text.endswith("\n")
    again = fixed(entry, root)
    assert (again.fixed, again.changed) == (0, {})
