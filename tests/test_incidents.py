"""The failures that kubelint grew out of: each `before` is reported, each `after` is silent."""

import pytest
from linting import FIXTURES, copied, lint_tree

from kubelint.checks import Severity

INCIDENTS = sorted((FIXTURES / "incidents").iterdir())


def reported(folder, target):
    number = int(folder.parent.name.split("-")[0])
    report = lint_tree(copied(folder, target))
    about = [finding for finding in report.findings if finding.meta.incident == number]
    assert not report.crashed
    return report, about


@pytest.mark.parametrize("incident", INCIDENTS, ids=lambda folder: folder.name)
def test_before_is_reported(incident, tmp_path):
    _, about = reported(incident / "before", tmp_path)
    assert any(finding.severity is not Severity.INFO for finding in about)


@pytest.mark.parametrize("incident", INCIDENTS, ids=lambda folder: folder.name)
def test_after_is_silent(incident, tmp_path):
    report, about = reported(incident / "after", tmp_path)
    assert [finding.message for finding in about] == []
    assert [finding.message for finding in report.findings if finding.severity is not Severity.INFO] == []
