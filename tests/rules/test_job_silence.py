"""What jobs may ask for without a word from the rules about runners; beside each, the nearest thing that is wrong."""

from textwrap import dedent

import pytest
from effort import grows_linearly
from linting import lint_texts

from kubelint.config.model import RuleSetting

UNSERVED, OMIT, STRING = "unserved-runs-on", "runner-labels-omit-self-hosted", "runs-on-string-list"
CI = ".github/workflows/ci.yaml"


def legacy(labels="", name="kiln", more=""):
    return f"""
apiVersion: actions.summerwind.dev/v1alpha1
kind: RunnerDeployment
metadata: {{name: {name}, namespace: ci}}
spec:
  replicas: 2
  template:
    spec:
      organization: millrace-works
      {f"labels: [{labels}]" if labels else ""}
      {more}
"""


def scale_set(name="mill-race", more="", url="https://github.com/millrace-works"):
    return f"""
apiVersion: actions.github.com/v1alpha1
kind: AutoscalingRunnerSet
metadata: {{name: {name}, namespace: arc-runners}}
spec:
  githubConfigUrl: {url}
  {more}
"""


def ci(runs_on, more="", on="push"):
    return f"on: {on}\njobs:\n  build:\n    runs-on: {runs_on}\n    {more}\n    steps: [run: make]\n"


def said(files, **settings):
    """The rules that say more than a remark, in order."""
    report = lint_texts(
        {name: dedent(text).lstrip() for name, text in files.items()}, select=(UNSERVED, OMIT, STRING), **settings
    )
    assert not report.crashed
    return [finding.meta.id for finding in report.findings if finding.severity != "info"]


def on_matrix(values, runs_on="${{ matrix.on }}"):
    return ci(f'"{runs_on}"', f"strategy: {{matrix: {{on: {values}}}}}")


def release_by(name):
    chart = "{repoURL: ghcr.io/a, chart: gha-runner-scale-set, targetRevision: 0.14.1}"
    return f"""
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {{name: runners, namespace: argocd}}
spec:
  goTemplate: true
  generators: [{{list: {{elements: [{{team: race}}, {{team: pond}}]}}}}]
  template:
    metadata: {{name: "{name}"}}
    spec:
      project: default
      destination: {{namespace: arc-runners, name: home}}
      source: {chart}
"""


def helmfile(name):
    return f"releases:\n  - {{name: '{name}', namespace: arc, chart: arc/gha-runner-scale-set, version: 0.14.1}}\n"


SETS, KILN = scale_set(), legacy("self-hosted, kiln")
LINES = {
    "default labels exist": (
        {"r.yaml": legacy(), CI: ci("self-hosted")},
        {"r.yaml": legacy(), CI: ci("[self-hosted, gpu]")},
    ),
    "default labels exist, system and architecture too": (
        {"r.yaml": legacy(), CI: ci("[self-hosted, linux, x64]")},
        {"r.yaml": legacy(), CI: ci("[self-hosted, linux, x86]")},
    ),
    "written labels add to the defaults": (
        {"r.yaml": legacy("self-hosted, kiln"), CI: ci("[self-hosted, linux, kiln]")},
        {"r.yaml": scale_set(more="runnerScaleSetLabels: [self-hosted, kiln]"), CI: ci("[self-hosted, linux, kiln]")},
    ),
    "a declared label that looks like a typo": (
        {"r.yaml": legacy("self-hosted, selfhosted"), CI: ci("selfhosted")},
        {"r.yaml": legacy("self-hosted"), CI: ci("selfhosted")},
    ),
    "upper and lower case": (
        {"r.yaml": KILN, CI: ci("[Self-Hosted, LINUX, Kiln]")},
        {"r.yaml": KILN, CI: ci("[Self-Hosted, LINUX, Kilns]")},
    ),
    "a list of one": (
        {"r.yaml": SETS, CI: ci("[mill-race]")},
        {"r.yaml": SETS, CI: ci("[mill-raec]")},
    ),
    "more labels than are asked for": (
        {"r.yaml": legacy("self-hosted, kiln, furnace, gpu"), CI: ci("[self-hosted, furnace]")},
        {"r.yaml": legacy("self-hosted, kiln, gpu"), CI: ci("[self-hosted, furnace]")},
    ),
    "only a group": (
        {"r.yaml": SETS, CI: ci("{group: builders}")},
        {"r.yaml": scale_set(more="runnerGroup: builders"), CI: ci("{group: builders, labels: mill-raec}")},
    ),
    "a group that is an expression": (
        {"r.yaml": SETS, CI: ci("{group: '${{ vars.GROUP }}', labels: mill-raec}")},
        {"r.yaml": SETS, CI: ci("{labels: mill-raec}")},
    ),
    "variables": (
        {"r.yaml": SETS, CI: ci("${{ vars.RUNNER }}")},
        {"r.yaml": SETS, CI: ci("${{ 'mill-raec' }}")},
    ),
    "a function": (
        {"r.yaml": SETS, CI: ci("${{ format('{0}-raec', 'mill') }}")},
        {"r.yaml": SETS, CI: ci("${{ fromJSON('[\"mill-raec\"]') }}")},
    ),
    "the repository's name": (
        {"r.yaml": SETS, CI: ci("${{ github.event.repository.name }}-raec")},
        {"r.yaml": SETS, CI: on_matrix("[mill]", "${{ matrix.on }}-raec")},
    ),
    "a matrix that is worked out": (
        {"r.yaml": SETS, CI: on_matrix("'${{ fromJSON(needs.plan.outputs.on) }}'")},
        {"r.yaml": SETS, CI: on_matrix("[mill-race, mill-raec]")},
    ),
    "a value of the matrix that is an expression": (
        {"r.yaml": SETS, CI: on_matrix("[mill-race, '${{ vars.OTHER }}']")},
        {"r.yaml": SETS, CI: on_matrix("[mill-raec, '${{ vars.OTHER }}']")},
    ),
    "a combination that is excluded": (
        {
            "r.yaml": SETS,
            CI: ci("${{ matrix.on }}", "strategy: {matrix: {on: [a-race, mill-raec], exclude: [{on: mill-raec}]}}"),
        },
        {
            "r.yaml": SETS,
            CI: ci("${{ matrix.on }}", "strategy: {matrix: {on: [a-race, mill-raec], exclude: [{on: a-race}]}}"),
        },
    ),
    "inputs that nobody here gives": (
        {"r.yaml": SETS, CI: ci("${{ inputs.on }}", on="{workflow_call: {inputs: {on: {default: mill-raec}}}}")},
        {"r.yaml": SETS, CI: ci("${{ inputs.on }}", on="{workflow_dispatch: {inputs: {on: {default: mill-raec}}}}")},
    ),
    "a call of a reusable workflow": (
        {
            "r.yaml": SETS,
            CI: "on: push\njobs:\n  a: {uses: mill/shared/.github/workflows/a.yaml@v1, with: {on: mill-raec}}",
        },
        {
            "r.yaml": SETS,
            CI: "on: push\njobs:\n  a: {uses: ./.github/workflows/a.yaml, with: {on: mill-raec}}",
            ".github/workflows/a.yaml": ci("${{ inputs.on }}", on="{workflow_call: {inputs: {on: }}}"),
        },
    ),
    "files that GitHub does not read": (
        {
            "r.yaml": SETS,
            **dict.fromkeys(
                [".github/workflows/ci.yaml.disabled.yaml.txt", ".github/workflows/old/ci.yaml", "ci/ci.yaml"],
                ci("mill-raec"),
            ),
        },
        {"r.yaml": SETS, ".github/workflows/ci.yml": ci("mill-raec")},
    ),
    "a URL of another name": (
        {"r.yaml": scale_set(url="https://github.com/elsewhere/other"), CI: ci("mill-race")},
        {"r.yaml": scale_set(url="https://github.com/elsewhere/other"), CI: ci("mill-raec")},
    ),
    "a tree without runners": (
        {"s.yaml": "{apiVersion: v1, kind: Service, metadata: {name: mill-race}}", CI: ci("[self-hosted, mill-raec]")},
        {"s.yaml": SETS, CI: ci("[self-hosted, mill-raec]")},
    ),
    "runners of another repository of the tree": (
        {"infra/.github/workflows/a.yaml": ci("ubuntu-latest"), "infra/r.yaml": SETS, f"shop/{CI}": ci("mill-raec")},
        {"infra/r.yaml": SETS, f"infra/{CI}": ci("mill-raec")},
    ),
    "labels of other teams": (
        {"r.yaml": SETS, CI: ci("foundry")},
        {"r.yaml": SETS, CI: ci("[mill-race, foundry]")},
    ),
    "runners of GitHub and of hosting companies": (
        {"r.yaml": SETS, CI: on_matrix("[ubuntu-slim, windows-2025, macos-15, depot-ubuntu-24.04, blacksmith-4vcpu]")},
        {"r.yaml": SETS, CI: on_matrix("[ubuntu-slim, mill-raec]")},
    ),
    "a runner that needs no set": (
        {"r.yaml": SETS, CI: ci("[self-hosted, macos, mill-raec]")},
        {"r.yaml": SETS, CI: ci("[self-hosted, linux, mill-raec]")},
    ),
    "labels that actionlint is told of": (
        {
            "r.yaml": SETS,
            CI: ci("mill-raec"),
            ".github/actionlint.yaml": "self-hosted-runner: {labels: ['mill-r*']}",
        },
        {
            "r.yaml": SETS,
            CI: ci("mill-raec"),
            ".github/actionlint.yaml": "self-hosted-runner: {labels: ['Mill-r*', 'mill-[^r]*']}",
        },
    ),
    "a name that an ApplicationSet fills in": (
        {"a.yaml": release_by("mill-{{ .team }}"), CI: ci("mill-raec")},
        {"a.yaml": release_by("mill-race"), CI: ci("mill-raec")},
    ),
    "a name that a helmfile fills in": (
        {"helmfile.yaml": helmfile("mill-{{ .Environment.Name }}"), CI: ci("mill-raec")},
        {"helmfile.yaml": helmfile("mill-race"), CI: ci("mill-raec")},
    ),
    "self-hosted where runners of both sorts are": (
        {"a.yaml": legacy(), "b.yaml": SETS, CI: ci("self-hosted")},
        {"b.yaml": SETS, CI: ci("self-hosted")},
    ),
    "strings of another syntax": (
        {"r.yaml": KILN, CI: ci("'runs-on=${{ github.run_id }}/runner=4cpu-linux-x64'")},
        {"r.yaml": KILN, CI: ci("self-hosted, linux")},
    ),
    "strings of unknown words": (
        {"r.yaml": KILN, CI: ci("big machine")},
        {"r.yaml": KILN, CI: ci("linux kiln")},
    ),
    "a label with a space that a runner has": (
        {"r.yaml": scale_set(more='runnerScaleSetLabels: ["linux x64"]'), CI: ci("linux x64")},
        {"r.yaml": scale_set(more="runnerScaleSetLabels: [linux, x64]"), CI: ci("linux x64")},
    ),
    "a job that is switched off": (
        {"r.yaml": SETS, CI: ci("mill-raec", "if: false")},
        {"r.yaml": SETS, CI: ci("mill-raec", "if: github.ref == 'x'")},
    ),
}


@pytest.mark.parametrize("line", LINES)
def test_silence(line):
    assert said(LINES[line][0]) == []


@pytest.mark.parametrize("line", LINES)
def test_control(line):
    assert said(LINES[line][1])


def test_labels_that_the_configuration_names():
    files = {"r.yaml": SETS, CI: ci("mill-raec")}
    known = {UNSERVED: RuleSetting(options={"known_labels": ("mill-ra*",)})}
    assert said(files) == [UNSERVED]
    assert said(files, rules=known) == []


def test_a_set_that_no_job_asks_for_is_a_remark_at_most():
    assert said({"r.yaml": SETS, CI: ci("ubuntu-latest")}) == []


ODD = [
    "",
    "~",
    "3",
    "2.5",
    "true",
    "[]",
    "[~]",
    "[[mill-raec], x]",
    "[[[[]]]]",
    "{}",
    "{group: }",
    "{group: [a], labels: {a: b}}",
    "{labels: [[a]]}",
    "[{a: b}]",
    "'${{ }}'",
    "'${{ matrix. }}'",
    "'${{ fromJSON( }}'",
    "'${{ inputs'",
    "!x y",
    "*a",
]


@pytest.mark.parametrize("runs_on", ODD)
@pytest.mark.parametrize(
    "more", ["", "strategy: 3", "strategy: {matrix: [a]}", "strategy: {matrix: {include: [3, ~]}}"]
)
def test_odd_jobs(runs_on, more):
    assert said({"r.yaml": SETS, CI: ci(runs_on, more)}) == []


@pytest.mark.parametrize(
    "text", ["", "~", "3", "[a]", "jobs: 3", "jobs: [a]", "jobs: {a: 3, b: , c: [x]}", "on: {a: [b]}"]
)
def test_odd_workflows(text):
    assert said({"r.yaml": SETS, CI: text}) == []


@pytest.mark.parametrize("size", [256, 257, 500])
def test_a_large_matrix(size):
    """Past 256 GitHub starts no job of it, so that none waits."""
    assert said({"r.yaml": SETS, CI: on_matrix(["mill-race"] * (size - 1) + ["mill-raec"])}) == [UNSERVED] * (
        size <= 256
    )


def test_a_large_include():
    entries = ", ".join(f"{{on: mill-race, n: {index}}}" for index in range(499))
    text = ci("${{ matrix.on }}", f"strategy: {{matrix: {{include: [{entries}, {{on: mill-raec}}]}}}}")
    assert said({"r.yaml": SETS, CI: text}) == []


def many_jobs(size):
    """Jobs of every form, each with a matrix, called by as many others."""
    jobs = "".join(
        f"  j{index}:\n"
        f"    runs-on: [self-hosted, '${{{{ matrix.on }}}}', 'x-${{{{ inputs.size }}}}']\n"
        f"    strategy: {{matrix: {{on: [kiln, furnce{index}], n: [1, 2, 3], include: [{{on: kiln, n: 1}}]}}}}\n"
        f"  c{index}: {{uses: ./.github/workflows/called.yaml, with: {{on: kilm{index}}}}}\n"
        for index in range(size)
    )
    called = ci("${{ inputs.on }}", on="{workflow_call: {inputs: {on: }}}")
    return said({"r.yaml": KILN, CI: f"on: push\njobs:\n{jobs}", ".github/workflows/called.yaml": called})


def test_work_grows_with_the_jobs():
    assert grows_linearly(many_jobs, 30)
