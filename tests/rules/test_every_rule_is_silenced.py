"""What holds for every rule: `--add-ignores` silences what it finds, or says why not, and changes nothing else."""

from pathlib import Path

import pytest
from linting import FIXTURES, REGISTRY, TODAY, contents, copied
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from kubelint.checks import ChangeRule, EngineRule, SuppressionRule
from kubelint.cli.ignoring import add_ignores
from kubelint.cli.workspace import Request, Workspace
from kubelint.engine.linter import Linter

RULES = [entry.meta.id for entry in REGISTRY if not issubclass(entry.rule, EngineRule | SuppressionRule | ChangeRule)]
SUPPRESSIONS = tuple(entry.meta.id for entry in REGISTRY if issubclass(entry.rule, SuppressionRule))


def ignored(root: Path, rule: str):
    """What `--add-ignores` comes to in a tree, once that is written."""
    workspace = Workspace(Request((str(root),), root=str(root)), REGISTRY)
    settings = workspace.settings._replace(select=(rule, *SUPPRESSIONS))
    linter = Linter(REGISTRY, settings, TODAY)
    outcome = add_ignores(workspace.read(), linter.run, workspace, "known since the migration")
    for path, (_, after) in outcome.changed.items():
        (root / path).write_bytes(after.text.encode(after.encoding))
    return outcome


def data(name: str, content: bytes):
    """The documents in a file as text; None where it is no YAML."""
    if not name.endswith((".yaml", ".yml")):
        return None
    try:
        return [repr(each) for each in YAML(typ="safe", pure=True).load_all(content.decode())]
    except (YAMLError, ValueError):
        return None


@pytest.mark.parametrize("rule", RULES)
def test_what_is_found_can_be_silenced(rule: str, tmp_path: Path) -> None:
    copied(FIXTURES / "rules" / rule / "bad", tmp_path)
    before = contents(tmp_path)
    outcome = ignored(tmp_path, rule)
    after = contents(tmp_path)
    refused = {(each.finding.place.path, each.finding.meta.id) for each in outcome.refused}
    assert {(each.place.path, each.meta.id) for each in outcome.report.findings} <= refused
    assert not {each.meta.id for each in outcome.report.findings} & {*SUPPRESSIONS}
    assert outcome.fixed + len(outcome.report.findings) > 0
    for name in before:
        assert data(name, after[name]) == data(name, before[name])
    assert not ignored(tmp_path, rule).changed
