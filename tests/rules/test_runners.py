"""Rules about runners: what the fixtures do not show."""

import pytest
from linting import lint_texts

from kubelint.checks import Applicability, Severity
from kubelint.config.model import RuleSetting

OMIT, UNSERVED, STRING = "runner-labels-omit-self-hosted", "unserved-runs-on", "runs-on-string-list"
WORKFLOW = ".github/workflows/build.yaml"


def deployment(labels=None, extra=""):
    return f"""
apiVersion: actions.summerwind.dev/v1alpha1
kind: RunnerDeployment
metadata: {{name: kiln, namespace: ci}}
spec:
  template:
    spec:
      organization: millrace-works
      {f"labels: {labels}" if labels else ""}
      {extra}
"""


def scale_set(name="millpond", labels=None):
    return f"""
apiVersion: actions.github.com/v1alpha1
kind: AutoscalingRunnerSet
metadata: {{name: "{name}", namespace: arc-runners}}
spec:
  githubConfigUrl: https://github.com/millrace-works
  {f"runnerScaleSetLabels: {labels}" if labels else ""}
"""


def findings(rule, runners, *runs_on, workflow=WORKFLOW, **settings):
    jobs = "".join(f"  job{i}: {{runs-on: {asked}, steps: [run: make]}}\n" for i, asked in enumerate(runs_on))
    files = {"runners.yaml": runners, workflow: f"on: push\njobs:\n{jobs}"}
    report = lint_texts(files, select=(rule,), **settings)
    assert not report.crashed
    return report.findings


def test_any_label_is_remarked_on_where_all_runners_are_here():
    assert findings(UNSERVED, deployment(), "foundry") == []
    settings = {UNSERVED: RuleSetting(options={"arc_only": True})}
    (found,) = findings(UNSERVED, deployment(), "foundry", rules=settings)
    assert found.severity is Severity.INFO


def test_an_error_only_for_a_slip_without_self_hosted():
    (slip,) = findings(UNSERVED, deployment("[self-hosted, furnace]"), "furnce")
    (likeness,) = findings(UNSERVED, deployment("[self-hosted, furnace-amd64]"), "furnace-runner")
    (asks_self,) = findings(UNSERVED, deployment("[self-hosted, furnace]"), "[self-hosted, furnce]")
    assert [found.severity for found in (slip, likeness, asks_self)] == [
        Severity.ERROR,
        Severity.WARNING,
        Severity.WARNING,
    ]
    assert "did you mean `furnace`?" in slip.note


@pytest.mark.parametrize(
    ("runners", "note"),
    [
        (deployment("[kiln]"), "the runner of the stock image adds the label"),
        (deployment("[kiln]", "image: registry.example/ci/runner:1"), "of your own may not add it"),
        (
            deployment("[kiln]", 'env: [{name: ACTIONS_RUNNER_INPUT_NO-DEFAULT-LABELS, value: "true"}]'),
            "--no-default-labels",
        ),
        (scale_set(labels="[kiln]"), "`millpond`, `kiln` and nothing else"),
    ],
)
def test_the_note_says_what_really_happens(runners, note):
    (found,) = findings(OMIT, runners, "[self-hosted, kiln]")
    assert note in found.note and found.severity is Severity.WARNING


def test_every_waiting_job_is_counted_and_some_are_shown():
    (found,) = findings(OMIT, deployment("[kiln]"), *["[self-hosted, kiln]"] * 6, "ubuntu-latest", "[self-hosted, x]")
    assert "which 6 jobs ask for" in found.message
    assert len(found.related) == 4


def test_the_fix_is_safe_where_it_changes_nothing_else():
    (legacy,) = findings(OMIT, deployment("[kiln]"), "[self-hosted, kiln]")
    (scaled,) = findings(OMIT, scale_set(labels="[kiln]"), "[self-hosted, kiln]")
    (unnamed,) = findings(OMIT, scale_set(), "[self-hosted, millpond]")
    assert [fix.applicability for fix in legacy.fixes] == [Applicability.SAFE]
    assert [fix.applicability for fix in scaled.fixes] == [Applicability.UNSAFE]
    assert unnamed.fixes == ()


def test_one_repository_says_nothing_about_another():
    assert findings(UNSERVED, deployment("[furnace]"), "furnce", workflow=f"other/{WORKFLOW}") == []


@pytest.mark.parametrize(
    ("asked", "fixed"),
    [("self-hosted, linux", "[self-hosted, linux]"), ("'self-hosted linux,x64'", "[self-hosted, linux, x64]")],
)
def test_the_list_that_is_meant(asked, fixed):
    (found,) = findings(STRING, deployment(), f'"{asked}"' if "'" not in asked else asked)
    (fix,) = found.fixes
    assert [edit.text for edit in fix.edits] == [fixed]


def test_a_set_whose_name_is_a_template_is_not_quoted():
    (found,) = findings(OMIT, scale_set("mill-${CLUSTER}"), "[self-hosted, mill-utility]")
    assert "ask for the set's name" in found.help_text
