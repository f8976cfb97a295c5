"""What runner objects may be without a word from the rules about them; beside each, the nearest thing that is wrong."""

from __future__ import annotations

import pytest
from effort import grows_linearly
from linting import lint_texts
from release_projects import text_project

from kubelint_rules.runners.autoscalers import unnoticed
from kubelint_rules.runners.jobs import sites

OMIT, UNUSED = "runner-labels-omit-self-hosted", "unused-runner"
UNDECLARED, CASE = "autoscaler-labels-not-declared", "autoscaler-label-case"
TRIGGER, TARGET = "autoscaler-trigger-ignored", "autoscaler-target-missing"
POD, SCOPE = "runner-labels-in-pod-metadata", "runner-scope-ambiguous"
CONFLICT, VALUE = "scale-set-name-conflict", "unknown-scale-set-value"
RULES = (OMIT, UNUSED, UNDECLARED, CASE, TRIGGER, TARGET, POD, SCOPE, CONFLICT, VALUE)

RUNNERS, WORKFLOW = "runners.yaml", ".github/workflows/build.yaml"
URL = "https://github.com/millrace-works"
WEBHOOK = "scaleUpTriggers: [{githubEvent: {workflowJob: {}}}]"
QUEUE = "metrics: [{type: TotalNumberOfQueuedAndInProgressWorkflowRuns}]"


def deployment(labels="", name="kiln", scope="organization: millrace-works", pods="", more=""):
    return f"""
apiVersion: actions.summerwind.dev/v1alpha1
kind: RunnerDeployment
metadata: {{name: "{name}", namespace: ci}}
spec:
  replicas: 2
  template:
    {f"metadata: {{labels: {pods}}}" if pods else ""}
    spec:
      {scope}
      {f"labels: {labels}" if labels else ""}
      {more}
"""


def runner_set(labels="", below=""):
    return f"""
apiVersion: actions.summerwind.dev/v1alpha1
kind: RunnerSet
metadata: {{name: kiln, namespace: ci}}
spec:
  organization: millrace-works
  {f"labels: {labels}" if labels else ""}
  template: {{spec: {below or "{}"}}}
"""


def scaled(by, name="kiln", least=0):
    return f"""---
apiVersion: actions.summerwind.dev/v1alpha1
kind: HorizontalRunnerAutoscaler
metadata: {{name: kiln, namespace: ci}}
spec:
  scaleTargetRef: {{name: "{name}"}}
  minReplicas: {least}
  maxReplicas: 4
  {by}
"""


def scale_set(name="millpond", labels="", url=URL, own="", group=""):
    return f"""---
apiVersion: actions.github.com/v1alpha1
kind: AutoscalingRunnerSet
metadata: {{name: "{name}", namespace: arc-runners}}
spec:
  githubConfigUrl: {url}
  {f"runnerScaleSetName: {own}" if own else ""}
  {f"runnerScaleSetLabels: {labels}" if labels else ""}
  {f"runnerGroup: {group}" if group else ""}
"""


def application_set(name, values=""):
    return f"""---
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {{name: "{name.split("{")[0]}runners", namespace: argocd}}
spec:
  goTemplate: true
  generators: [{{list: {{elements: [{{team: race}}, {{team: pond}}]}}}}]
  template:
    metadata: {{name: "{name}"}}
    spec:
      project: default
      destination: {{namespace: arc-runners, name: home}}
      source:
        repoURL: ghcr.io/a
        chart: gha-runner-scale-set
        targetRevision: 0.14.1
        helm: {{valuesObject: {{githubConfigUrl: "{URL}", {values}}}}}
"""


def helmfile(*names):
    entry = "  - {{name: '{}', namespace: arc, chart: arc/gha-runner-scale-set, values: [{{githubConfigUrl: {}}}]}}\n"
    return "releases:\n" + "".join(entry.format(name, URL) for name in names)


def jobs(*runs_on, more=""):
    lines = "".join(f"  job{n}: {{runs-on: {asked}, steps: [run: make]}}\n" for n, asked in enumerate(runs_on))
    return f"on: push\njobs:\n{lines}{more}"


def tree(runners, *runs_on, file=WORKFLOW, **more):
    return {RUNNERS: runners, file: jobs(*runs_on), **{name.replace("__", "/"): text for name, text in more.items()}}


def said(files, remarks=False):
    """The rules that say something, each once; more than a remark, unless remarks count."""
    report = lint_texts(files, select=RULES)
    assert not report.crashed
    return {found.meta.id for found in report.findings if remarks or found.severity != "info"}


DEFAULT_LABELS = ["self-hosted", "[self-hosted, linux, x64]", "[Self-Hosted, Linux]"]
EXPRESSIONS = [
    *("'${{ inputs.runner }}'", "'${{ vars.RUNNER }}'", "'${{ fromJSON(inputs.labels) }}'"),
    "[linux, '${{ vars.SIZE }}']",
]


@pytest.mark.parametrize("asked", DEFAULT_LABELS)
def test_a_runner_without_labels_and_with_a_number_of_replicas(asked):
    assert said(tree(deployment(), asked), remarks=True) == set()
    assert said(tree(deployment(more="env: []") + scaled(WEBHOOK), "[self-hosted, linux, x64]")) == {UNDECLARED}


@pytest.mark.parametrize("kind", ["Runner", "RunnerReplicaSet", "RunnerSet"])
def test_the_other_kinds_without_labels(kind):
    body = "{organization: millrace-works}"
    spec = body if kind in ("Runner", "RunnerSet") else f"{{replicas: 1, template: {{spec: {body}}}}}"
    head = f"apiVersion: actions.summerwind.dev/v1alpha1\nkind: {kind}\nmetadata: {{name: kiln, namespace: ci}}\n"
    assert said(tree(f"{head}spec: {spec}\n", "[self-hosted, linux]"), remarks=True) == set()
    labelled = spec.replace("millrace-works", "millrace-works, labels: [forge]")
    assert said(tree(f"{head}spec: {labelled}\n", "self-hosted")) == {OMIT}


def test_a_declared_label_that_looks_like_a_slip():
    runners = deployment("[selfhosted, linux, forge-utils]")
    assert said(tree(runners, "selfhosted"), remarks=True) == set()
    assert said(tree(runners, "self-hosted")) == {OMIT}


def test_another_case():
    runners = deployment("[self-hosted, Forge]")
    assert said(tree(runners, "[Self-Hosted, FORGE]"), remarks=True) == set()
    assert said(tree(runners + scaled(WEBHOOK), "[self-hosted, FORGE]"), remarks=True) == set()
    assert said(tree(runners + scaled(QUEUE), "[self-hosted, FORGE]")) == {CASE}


def test_labels_that_no_job_asks_for():
    runners = deployment("[self-hosted, linux, x64, forge, bellows]")
    assert said(tree(runners, "forge"), remarks=True) == set()
    assert said(tree(runners, "anvil"), remarks=True) == {UNUSED}


def test_a_list_of_one():
    assert said(tree(scale_set(), "[millpond]"), remarks=True) == set()
    assert said(tree(scale_set(), "[self-hosted]")) == {OMIT}


def test_a_group_alone():
    runners = scale_set(group="foundry")
    assert said(tree(runners, "{group: foundry}"), remarks=True) == set()
    assert said(tree(runners, "{group: brewery}"), remarks=True) == {UNUSED}


@pytest.mark.parametrize("asked", EXPRESSIONS)
def test_expressions(asked):
    assert said(tree(deployment("[self-hosted, linux]") + scaled(WEBHOOK), asked), remarks=True) == set()
    matrix = "strategy: {matrix: {on: [linux, x64]}}, runs-on: '${{ matrix.on }}'"
    written_out = f"on: push\njobs:\n  build: {{{matrix}, steps: [run: make]}}\n"
    files = {RUNNERS: deployment("[self-hosted, linux]") + scaled(WEBHOOK), WORKFLOW: written_out}
    assert said(files) == {UNDECLARED}


def test_calls_of_reusable_workflows_and_what_is_no_workflow():
    call = "  call: {uses: ./.github/workflows/other.yaml}\n"
    runners = scale_set(labels="[forge]")
    files = {RUNNERS: runners, WORKFLOW: jobs("forge", more=call)}
    assert said(files, remarks=True) == set()
    for name in (".github/workflows/old.yaml.disabled", ".github/workflows/old/build.yaml", "workflows/build.yaml"):
        assert said({**files, name: jobs("[self-hosted, forge]")}, remarks=True) == set()
    assert said({**files, ".github/workflows/build.yml": jobs("[self-hosted, forge]")}) == {OMIT}


@pytest.mark.parametrize(
    "url", ["https://github.com/someone/else", "https://github.com/enterprises/millrace", "${URL}"]
)
def test_runners_of_other_repositories(url):
    assert said(tree(scale_set(url=url), "millpond"), remarks=True) == set()
    assert said(tree(deployment(scope="repository: someone/else"), "self-hosted"), remarks=True) == set()
    twins = scale_set("pond-a", own="pond") + scale_set("pond-b", own="pond", url=f"{URL}/")
    assert said(tree(twins, "pond")) == {CONFLICT}
    assert said(tree(scale_set("pond-a", own="pond") + scale_set("pond-b", own="pond", url=url), "pond")) == set()


def test_a_tree_without_runners():
    assert said({WORKFLOW: jobs("self-hosted", "millpond", "[self-hosted, linux]")}, remarks=True) == set()
    assert said(tree(scale_set(), "self-hosted")) == {OMIT}


def test_a_runner_that_nobody_uses_is_at_most_a_remark():
    files = tree(scale_set() + scale_set("weir"), "millpond")
    assert said(files) == set()
    assert said(files, remarks=True) == {UNUSED}


def test_legacy_labels_without_self_hosted_where_nobody_asks_for_it():
    runners = deployment("[forge]")
    assert said(tree(runners, "ubuntu-latest")) == set()
    assert said(tree(runners, "ubuntu-latest"), remarks=True) == {OMIT, UNUSED}
    (found,) = lint_texts(tree(runners, "[self-hosted, forge]"), select=(OMIT,)).findings
    assert found.severity == "warning"


def test_self_hosted_in_the_list_and_no_list():
    for runners in (deployment("[self-hosted, forge]"), deployment(), deployment("[]")):
        assert said(tree(runners, "self-hosted"), remarks=True) == set()
    assert said(tree(deployment("[forge]"), "self-hosted")) == {OMIT}


@pytest.mark.parametrize(
    ("unresolved", "resolved"),
    [
        (application_set("mill-{{.team}}") + application_set("weir-{{.team}}"), application_set("millpond")),
        (application_set("{{.team}}") + application_set("a-{{.team}}"), application_set("pond-a")),
        (helmfile("{{ .Values.name }}", "mill-{{ .Environment.Name }}"), helmfile("millpond")),
        (scale_set("mill-${CLUSTER}") + scale_set("mill-${CLUSTER}"), scale_set("mill-a")),
    ],
)
def test_names_that_only_a_template_knows(unresolved, resolved):
    name = "helmfile.yaml" if "releases:" in unresolved else RUNNERS
    assert said({name: unresolved, WORKFLOW: jobs("mill-race", "weir-pond")}) == set()
    assert said({name: resolved, WORKFLOW: jobs("self-hosted")}) == {OMIT}


def test_both_kinds_of_runners_for_plain_self_hosted():
    assert said(tree(deployment("[self-hosted]") + scale_set(), "self-hosted")) == set()
    assert said(tree(deployment() + scale_set(), "self-hosted")) == set()
    assert said(tree(scale_set(), "self-hosted")) == {OMIT}


def test_an_autoscaler_of_busy_runners():
    busy = "metrics: [{type: PercentageRunnersBusy}]"
    assert said(tree(deployment("[forge]") + scaled(busy, least=1), "[linux, forge]"), remarks=True) == set()
    assert said(tree(deployment("[forge]") + scaled(QUEUE, least=1), "[linux, forge]")) == {UNDECLARED}


def test_an_autoscaler_that_a_template_completes():
    for by in ("scaleUpTriggers: ${TRIGGERS}", "scaleUpTriggers: [{githubEvent: {workflowJob: '${JOB}'}}]"):
        assert said(tree(deployment() + scaled(by), "[self-hosted, linux]")) == set()
    assert said(tree(deployment() + scaled("scaleUpTriggers: [{githubEvent: {}}]"), "self-hosted")) == {TRIGGER}
    assert said(tree(deployment() + scaled(WEBHOOK, name="${NAME}"), "self-hosted")) == set()
    assert said(tree(deployment() + scaled(WEBHOOK, name="oven"), "self-hosted")) == {TARGET}


def test_scopes_that_a_template_fills_in():
    open_scopes = "organization: ${ORG}\n      repository: ${REPO}\n      enterprise: ${ENTERPRISE}"
    assert said(tree(deployment(scope=open_scopes), "self-hosted"), remarks=True) == set()
    assert said(tree(deployment(scope="organization: a\n      repository: a/b"), "self-hosted")) == {SCOPE}


def test_pod_labels_that_mean_nothing_to_jobs():
    assert said(tree(deployment("[forge]", pods="{app: kiln, runner: forge}"), "forge"), remarks=True) == set()
    assert said(tree(deployment("[self-hosted]", pods="{runner: forge}"), "[self-hosted, forge]")) == {POD}
    assert said(tree(runner_set("[forge]"), "forge"), remarks=True) == set()
    assert said(tree(runner_set(below="{labels: [self-hosted]}"), "self-hosted")) == {POD}


def test_values_that_the_chart_reads():
    assert said({RUNNERS: application_set("millpond", "scaleSetLabels: [forge]"), WORKFLOW: jobs("forge")}) == set()
    wrong = application_set("millpond", "runnerScaleSetLabels: [forge]")
    assert said({RUNNERS: wrong, WORKFLOW: jobs("millpond")}) == {VALUE}


JUNK = ["null", "3", "2.5", "true", "[]", "[[self-hosted, [linux]], {}]", "{}", "{group: 4}", "'${{ '", "[null, 3]"]


@pytest.mark.parametrize("junk", JUNK)
def test_whatever_stands_there_nothing_crashes(junk):
    runners = deployment("[forge]") + scaled(WEBHOOK) + scale_set() + application_set("millpond")
    said(tree(runners, junk))
    for key in ("spec", "metadata", "scaleTargetRef", "scaleUpTriggers", "template", "labels", "runnerScaleSetName"):
        broken = "\n".join(
            line if key not in line else f"{line.split(key)[0]}{key}: {junk}" for line in runners.split("\n")
        )
        said(tree(broken, "self-hosted", "forge"))
    for kind in ("RunnerDeployment", "RunnerSet", "HorizontalRunnerAutoscaler", "Runner"):
        said(tree(f"apiVersion: actions.summerwind.dev/v1alpha1\nkind: {kind}\nspec: {junk}\n", "self-hosted"))


def work(size):
    """As many different jobs, and a tenth as many runners, each with an autoscaler."""
    runners = "---".join(
        deployment(f"[set-{number}]", f"kiln-{number}") + scaled(WEBHOOK, f"kiln-{number}")
        for number in range(size // 10)
    )
    asked = (f"[self-hosted, linux, kiln-{number % max(1, size // 10)}]" for number in range(size))
    project = text_project(runners=runners, **{WORKFLOW.removesuffix(".yaml").replace("/", "__"): jobs(*asked)})

    def asks():
        found = list(unnoticed(project))
        for site in sites(project):
            for placed in site.pools:
                site.waiting(placed)
        return found

    return asks


def test_the_work_grows_with_jobs_and_runners_and_not_with_their_product():
    prepared = {size: work(size) for size in (2, 60, 240)}
    assert grows_linearly(lambda size: prepared[size](), 60)
