"""Real repositories: every alert is read, and what is found there is true."""

from collections import Counter

import pytest
from linting import REGISTRY, SHARED, needs_corpus

from kubelint.cli.workspace import Request, Workspace
from kubelint.cluster.promql import Query
from kubelint.engine.linter import Linter
from kubelint.manifests import Document, Project

CORPUS = sorted(path for path in (SHARED / "corpus").glob("*") if path.is_dir())
FOUND = {
    "billimek__k8s-gitops": {"watchdog-undelivered": 1, "alert-matcher-typo": 1},
    "blackjid__home-ops": {"longhorn-alert-never-fires": 2, "value-in-alert-labels": 1},
    "damacus__home-ops": {"value-in-alert-labels": 1},
    "prometheus-operator__kube-prometheus": {"alert-without-duration": 1},
    "ricsanfre__pi-cluster": {"alert-without-duration": 1},
}
OTHER_LANGUAGES = {"blackjid__home-ops": 2}
DEFAULT = tuple(entry.meta.id for entry in REGISTRY.matching("alerts") if entry.meta.default)


def workspace(root, **settings):
    workspace = Workspace(Request((str(root),), root=str(root)), REGISTRY)
    return workspace.read(), workspace.settings._replace(**settings)


@needs_corpus
@pytest.mark.parametrize("root", CORPUS, ids=lambda path: path.name)
def test_every_expression_is_read(root):
    given, _ = workspace(root)
    project = Project(Document(document) for file in given.files for document in file.documents)
    rules = [rule for group in project.alert_groups for rule in group.rules]
    unread = [rule for rule in rules if not isinstance(rule.syntax, Query)]
    assert len(unread) == OTHER_LANGUAGES.get(root.name, 0)
    assert {rule.group.language for rule in unread} <= {"logql"}
    rules += [rule for group in project.grafana_groups for rule in group.rules]
    assert all(rule.promql for group in project.grafana_groups for rule in group.rules)
    for rule in rules:
        assert rule.promql is None or all(rule.promql.place(selector) for selector in rule.promql.selectors)


@needs_corpus
@pytest.mark.parametrize("root", CORPUS, ids=lambda path: path.name)
def test_what_is_found_is_true(root):
    given, settings = workspace(root, select=DEFAULT)
    report = Linter(REGISTRY, settings).run(given)
    assert not report.crashed
    assert Counter(finding.meta.id for finding in report.findings) == FOUND.get(root.name, {})
