"""Who may not wait for, follow or hook into what it deploys: what is said, and everything that is not."""

from __future__ import annotations

import pytest
from linting import lint_texts

from kubelint.checks import Severity
from kubelint.config.model import Settings
from kubelint.manifests import Document, Project
from kubelint.manifests.deployers import Purpose, is_told, known_runs
from kubelint.manifests.settings import ClusterSettings
from kubelint.sources.reading import read_bytes

WORKFLOW = ".github/workflows/deploy.yaml"
RULES = ("deployer-cannot-wait", "deployer-cannot-watch-rollout", "deployer-cannot-run-hooks")
RUNNER = """
apiVersion: actions.summerwind.dev/v1alpha1
kind: RunnerDeployment
metadata: {name: deployers, namespace: ci}
spec:
  template:
    spec: {repository: example/shop, serviceAccountName: deployer, labels: [deployers]}
"""
WEB = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {replicas: 1}
"""
DATA = WEB.replace("Deployment", "StatefulSet").replace("web", "data")
SETTINGS = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\n"
HOOK = """
apiVersion: batch/v1
kind: Job
metadata: {name: migrate, annotations: {helm.sh/hook: pre-upgrade}}
"""
CONTROLLER = WEB.replace("apps/v1", "v1").replace("Deployment", "ReplicationController")
OWN = "{kind: ServiceAccount, name: deployer, namespace: ci}"
DEPLOYS = ("apps", "deployments statefulsets", "get create update patch delete")
KEEPS = ("", "secrets configmaps", "get create update patch delete")
JOBS = ("batch", "jobs", "get create patch delete")
LISTS = (("apps", "replicasets", "list"), ("", "pods", "list"))


def role(*rules: tuple[str, str, str], kind="Role", name="deployer", namespace="shop", subject=OWN, names="") -> str:
    lines = ["apiVersion: rbac.authorization.k8s.io/v1", f"kind: {kind}"]
    place = f", namespace: {namespace}" if namespace else ""
    lines.append(f"metadata: {{name: {name}{place if kind == 'Role' else ''}}}")
    lines.append("rules:")
    for group, resources, verbs in rules:
        rule = f'apiGroups: ["{group}"], resources: {_list(resources)}, verbs: {_list(verbs)}'
        lines.append(f"  - {{{rule}{f', resourceNames: [{names}]' if names else ''}}}")
    return "\n".join([*(lines if rules else ()), "---", binding(kind, name, namespace, subject)])


def binding(kind: str, name: str, namespace: str = "shop", subject: str = OWN) -> str:
    where = f", namespace: {namespace}" if namespace else ""
    return f"""apiVersion: rbac.authorization.k8s.io/v1
kind: {"RoleBinding" if namespace else "ClusterRoleBinding"}
metadata: {{name: {name}{where}}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: {kind}, name: {name}}}
subjects: [{subject}]
"""


def _list(words: str) -> str:
    return "[" + ", ".join(f'"{word}"' for word in words.split()) + "]"


def workflow(run: str, steps: str = "", runs_on: str = "[deployers]") -> str:
    steps = f"      - {steps}\n" if steps else ""
    lines = "".join(f"          {line}\n" for line in run.splitlines())
    return f"on: push\njobs:\n  shop:\n    runs-on: {runs_on}\n    steps:\n{steps}      - run: |\n{lines}"


def tree(run: str, *rules: tuple[str, str, str], chart: tuple[str, ...] = (WEB,), **more: str) -> dict[str, str]:
    files = {WORKFLOW: workflow(run), "runner.yaml": RUNNER, "chart/Chart.yaml": "name: shop\nversion: 1.0.0\n"}
    files |= {f"chart/templates/{number}.yaml": text for number, text in enumerate(chart)}
    return (
        files | {"rbac.yaml": role(*rules)} | {name.replace("__", "/") + ".yaml": text for name, text in more.items()}
    )


def found(files: dict[str, str], **settings):
    report = lint_texts(files, select=RULES, **settings)
    assert not report.crashed
    return [(finding.meta.id, finding.message) for finding in report.findings]


WAIT = "helm upgrade --install shop ./chart -n shop --wait"
PLAIN = "helm upgrade --install shop ./chart -n shop"
STATUS = "kubectl rollout status deployment/web -n shop"
FOUR = "{uses: azure/setup-helm@v4, with: {version: v4.0.0}}"
THREE = "{uses: azure/setup-helm@v4, with: {version: v3.19.0}}"


def by_three(files: dict[str, str]) -> dict[str, str]:
    flow = files[WORKFLOW]
    return files | {WORKFLOW: flow.replace("    steps:\n", f"    steps:\n      - {THREE}\n")}


@pytest.mark.parametrize(
    ("run", "steps", "chart", "says"),
    [
        (WAIT, "", (WEB,), "stops with Forbidden (Helm 3) or hangs until its timeout (Helm 4)"),
        (
            WAIT,
            THREE,
            (WEB,),
            "may not `list` `replicasets` in `shop`: `helm upgrade` with `--wait` stops with Forbidden",
        ),
        (WAIT, FOUR, (WEB,), "`list` and `watch` `deployments`"),
        (WAIT, FOUR, (SETTINGS,), "may not `list` and `watch` `configmaps` in `shop`"),
        (f"{PLAIN} --atomic", THREE, (WEB,), "`helm upgrade` with `--atomic` stops with Forbidden"),
        (f"{PLAIN} --rollback-on-failure", "", (WEB,), "`replicasets`"),
        (f"{WAIT}=legacy", FOUR, (WEB,), "may not `list` `replicasets` in `shop`"),
    ],
)
def test_waiting(run: str, steps: str, chart: tuple[str, ...], says: str) -> None:
    files = tree(run, DEPLOYS, KEEPS, chart=chart) | {WORKFLOW: workflow(run, steps)}
    (rule, message), *others = found(files)
    assert rule == "deployer-cannot-wait" and says in message
    assert all(": if Helm 4 runs, " in message for _, message in others)


@pytest.mark.parametrize(
    ("run", "chart", "setup", "says"),
    [
        (WAIT, (WEB,), "", "`list` and `watch` `deployments` in `shop`: if Helm 4 runs, `helm upgrade` with `--wait`"),
        (f"{WAIT}=true", (WEB,), "", "if Helm 4 runs, `helm upgrade` with `--wait` stops with Forbidden"),
        (f"{PLAIN} --atomic", (WEB,), "", "if Helm 4 runs, `helm upgrade` with `--atomic` stops with Forbidden"),
        (WAIT, (WEB, SETTINGS), "", "`list` and `watch` `deployments` and `configmaps`"),
        (WAIT, (DATA,), "", "`list` and `watch` `statefulsets`, nor `list` `pods`"),
        (
            WAIT,
            (CONTROLLER,),
            "",
            "may not `list` `pods` in `shop`: if Helm 3 runs, `helm upgrade` with `--wait` stops",
        ),
        (WAIT, (WEB, SETTINGS), THREE, ""),
        (f"{WAIT}=legacy", (WEB, SETTINGS), "", ""),
        (f"{WAIT}=hookOnly", (WEB, SETTINGS), "", ""),
        (f"{WAIT}=false", (WEB, SETTINGS), "", ""),
        (PLAIN, (WEB, SETTINGS), "", ""),
    ],
)
def test_waiting_if_one_version_runs(run: str, chart: tuple[str, ...], setup: str, says: str) -> None:
    follows = ("", "replicationcontrollers", "get list watch create update patch delete")
    files = tree(run, DEPLOYS, KEEPS, LISTS[0], follows, chart=chart) | {WORKFLOW: workflow(run, setup)}
    more = ("deployer-cannot-apply", *(["deployer-role-lacks-watch"] if says else []))
    report = lint_texts(files, select=(*RULES, *more))
    assert [str(finding.severity) for finding in report.findings] == ["warning"] * bool(says)
    for finding in report.findings:
        assert (
            says in finding.message and "by `version` of `azure/setup-helm` or in `.tool-versions`" in finding.help_text
        )


def test_what_one_version_asks_for_is_said_once() -> None:
    """One finding for an account and a command, and none for what an earlier one says."""
    other = WAIT.replace("chart", "other").replace("shop ./", "other ./")
    files = tree(f"{WAIT}\n{WAIT}\n{other}", DEPLOYS, KEEPS, LISTS[0], chart=(WEB, SETTINGS))
    files |= {"other/Chart.yaml": "name: other\nversion: 1.0.0\n", "other/templates/1.yaml": WEB}
    assert len(found(files)) == 1
    assert len(found(files | {"other/templates/2.yaml": DATA})) == 2


def test_hooks_if_helm_4_runs() -> None:
    hook = SETTINGS.replace("}", ", annotations: {helm.sh/hook: pre-upgrade}}")
    ((rule, message),) = found(tree(PLAIN, KEEPS, chart=(hook,)))
    assert rule == "deployer-cannot-run-hooks"
    assert message.endswith("`configmaps` in `shop`: if Helm 4 runs, `helm upgrade` stops with Forbidden")
    assert found(by_three(tree(PLAIN, KEEPS, chart=(hook,)))) == []


def test_what_either_version_is_refused_comes_first() -> None:
    elsewhere = SETTINGS.replace("{name: settings}", "{name: settings, namespace: back}")
    reads = role(("", "pods", "get"), namespace="back")
    files = tree(WAIT, KEEPS, chart=(elsewhere,), more=reads)
    assert found(files) == []
    writes = role(("", "configmaps", "get create patch delete"), namespace="back")
    assert len(found(files | {"more.yaml": writes})) == 1


@pytest.mark.parametrize("namespaces", ["get", "create"])
def test_installing_if_helm_4_runs(namespaces: str) -> None:
    """It applies what Helm 3 creates. Where a namespace may not be created at all, that alone is said."""
    makes = role(("", "namespaces", namespaces), kind="ClusterRole", name="maker", namespace="")
    install = "helm install shop ./chart -n shop --create-namespace"
    creates = ("", "secrets configmaps", "get create update delete list")
    files = tree(install, creates, chart=(SETTINGS,), more=makes)
    said = [(str(each.severity), each.message) for each in lint_texts(files, select=["deployer-cannot-apply"]).findings]
    assert sum("if Helm 4 runs, `helm install` stops with Forbidden" in message for _, message in said) == 1
    assert [severity for severity, _ in said] == (["error", "warning"] if namespaces == "get" else ["warning"])


@pytest.mark.parametrize(
    "files",
    [
        pytest.param(by_three(tree(WAIT, DEPLOYS, LISTS[0], KEEPS)), id="no watch: Helm 3 runs"),
        pytest.param(
            tree(WAIT, DEPLOYS, LISTS[0]) | {WORKFLOW: workflow(WAIT, THREE)}, id="Helm 3 watches nothing and no events"
        ),
        pytest.param(
            tree(f"{WAIT}=legacy", DEPLOYS, LISTS[0]) | {WORKFLOW: workflow(f"{WAIT}=legacy", FOUR)}, id="wait=legacy"
        ),
        pytest.param(
            tree(WAIT, KEEPS, chart=(SETTINGS,)) | {WORKFLOW: workflow(WAIT, THREE)}, id="Helm 3 and a ConfigMap"
        ),
        pytest.param(tree(WAIT, rbac=binding("ClusterRole", "edit")), id="edit"),
        pytest.param(tree(WAIT, rbac=binding("ClusterRole", "admin")), id="admin"),
        pytest.param(tree(WAIT, rbac=binding("ClusterRole", "cluster-admin", "")), id="cluster-admin"),
        pytest.param(tree(WAIT, ("apps", "*", "*"), KEEPS), id="a wildcard"),
        pytest.param(tree(f"export KUBECONFIG=k\n{WAIT}", DEPLOYS), id="a kubeconfig of its own"),
        pytest.param(
            tree("helm template shop ./chart\nhelm lint ./chart\nhelm package ./chart", DEPLOYS), id="no deploy"
        ),
        pytest.param(tree(f"{WAIT} --dry-run=client", DEPLOYS), id="a dry run"),
        pytest.param(tree("helm diff upgrade shop ./chart -n shop", DEPLOYS), id="helm diff"),
        pytest.param(
            by_three(
                tree(
                    WAIT,
                    DEPLOYS,
                    chart=(WEB.replace("{name: web}", "{name: web, namespace: back}"),),
                    more=role(*LISTS, namespace="back"),
                )
            ),
            id="an object in another namespace, where it is allowed",
        ),
        pytest.param(
            tree(WAIT, DEPLOYS, chart=("{{- if .Values.web }}\n---\n" + WEB + "---\n{{- end }}\n",)), id="a condition"
        ),
        pytest.param(by_three(tree(WAIT, DEPLOYS, more=role(*LISTS, name="reader"))), id="a second binding"),
        pytest.param(
            by_three(tree(WAIT, DEPLOYS, more=role(*LISTS, kind="ClusterRole", name="reader", namespace=""))),
            id="a cluster role",
        ),
        pytest.param(
            by_three(
                tree(
                    WAIT,
                    DEPLOYS,
                    more=role(*LISTS, name="reader", subject="{kind: Group, name: 'system:serviceaccounts:ci'}"),
                )
            ),
            id="a group of accounts",
        ),
        pytest.param(tree(WAIT, DEPLOYS, more=binding("Role", "elsewhere")), id="a role that is not in the tree"),
        pytest.param(tree(WAIT, DEPLOYS, ("apps", "deployments", "${MORE}")), id="a role with template text"),
        pytest.param(tree(PLAIN, DEPLOYS), id="no wait"),
        pytest.param(tree(f"{WAIT}=hookOnly", DEPLOYS), id="wait=hookOnly"),
        pytest.param(tree(f"{WAIT}=false", DEPLOYS), id="wait=false"),
        pytest.param(tree(f"{WAIT}=$HOW", DEPLOYS), id="wait is filled in"),
        pytest.param(tree("helm upgrade shop ./chart -n $WHERE --wait", DEPLOYS), id="an unknown namespace"),
        pytest.param(tree("helm upgrade shop oci://example.com/shop -n shop --wait", DEPLOYS), id="an unknown chart"),
        pytest.param(tree(WAIT, rbac=role(DEPLOYS, subject=OWN.replace("deployer", "other"))), id="nothing is granted"),
        pytest.param(tree(WAIT, rbac=role(DEPLOYS, namespace="staging")), id="nothing is granted there"),
        pytest.param(
            tree(WAIT, DEPLOYS) | {WORKFLOW: workflow(WAIT, runs_on="ubuntu-latest")}, id="a runner outside of the tree"
        ),
        pytest.param(tree(WAIT, DEPLOYS, chart=(WEB.replace("replicas: 1", "paused: true"),)), id="paused"),
        pytest.param(tree(PLAIN, KEEPS, JOBS, chart=(HOOK.replace("pre-upgrade", "test"),)), id="a test"),
        pytest.param(tree(f"{PLAIN} --no-hooks", KEEPS, JOBS, chart=(HOOK,)), id="no hooks"),
        pytest.param(tree(STATUS, rbac=binding("ClusterRole", "view")), id="view is enough to follow"),
        pytest.param(
            tree(STATUS, rbac=role(("apps", "deployments", "get list watch"), names="web")), id="the name alone"
        ),
        pytest.param(tree("kubectl rollout status $WHAT -n shop", DEPLOYS), id="an unknown workload"),
        pytest.param(tree(f"{STATUS} --token $TOKEN", DEPLOYS), id="a token of its own"),
    ],
)
def test_not_said(files: dict[str, str]) -> None:
    assert found(files) == []


@pytest.mark.parametrize(
    ("run", "says"),
    [
        (
            STATUS,
            "`list` and `watch` `deployments` in `shop`: `kubectl rollout status` without `--timeout` never ends",
        ),
        (f"{STATUS} --timeout=2m", "`kubectl rollout status` hangs until `--timeout`"),
        ("kubectl wait --for=condition=available deployment/web -n shop", "`kubectl wait` fails after its timeout"),
        ("kubectl rollout status daemonset/web -n shop", "may not `get`, `list` and `watch` `daemonsets`"),
    ],
)
def test_following(run: str, says: str) -> None:
    ((rule, message),) = found(tree(run, DEPLOYS))
    assert rule == "deployer-cannot-watch-rollout" and says in message


def test_hooks_say_what_both_versions_do() -> None:
    ((rule, message),) = found(tree(PLAIN, KEEPS, JOBS, chart=(HOOK,)))
    assert rule == "deployer-cannot-run-hooks"
    assert message.endswith("`helm upgrade` hangs until its timeout (Helm 3) or stops with Forbidden (Helm 4)")


def test_a_hook_is_deleted_first() -> None:
    ((_, message),) = found(tree(PLAIN, KEEPS, ("batch", "jobs", "get list watch create patch"), chart=(HOOK,)))
    assert "may not `delete` `jobs` in `shop`: `helm upgrade` stops with Forbidden" in message


def test_a_second_command_that_lacks_the_same_is_not_reported() -> None:
    assert len(found(tree(f"{STATUS}\n{STATUS.replace('web', 'api')}", DEPLOYS))) == 1


def test_a_deployer_that_only_the_configuration_knows_is_a_warning() -> None:
    files = by_three(tree(WAIT, DEPLOYS, KEEPS) | {WORKFLOW: workflow(WAIT, runs_on="ubuntu-latest")})
    cluster = Settings().cluster._replace(deployers=("ServiceAccount/ci/deployer",))
    report = lint_texts(files, select=RULES, cluster=cluster)
    assert [finding.severity for finding in report.findings] == [Severity.WARNING]


def test_several_roles_are_left_to_their_owner() -> None:
    report = lint_texts(by_three(tree(WAIT, DEPLOYS, KEEPS, more=role(KEEPS, name="more"))), select=RULES)
    (finding,) = report.findings
    assert not finding.fixes
    assert 'by the rule `{apiGroups: ["apps"], resources: ["replicasets"], verbs: ["list"]}`' in finding.help_text


def project(files: dict[str, str], rendered: dict[str, str], belongs_to: str) -> Project:
    documents = []
    for name, text in {**files, **rendered}.items():
        for source in read_bytes(name, text.encode()).documents:
            document = Document(source)
            if name in rendered:
                document.rendering, document.belongs_to = "1", belongs_to or name
            documents.append(document)
    return Project(documents, ClusterSettings())


@pytest.mark.parametrize(("belongs_to", "refused"), [(WORKFLOW, ["replicasets"]), ("", [])])
def test_what_other_values_may_change_is_not_sure(belongs_to: str, refused: list[str]) -> None:
    """Rendered for the command, or with the chart's own values."""
    (known,) = known_runs(project(tree(WAIT, DEPLOYS, chart=()), {"chart/templates/web.yaml": WEB}, belongs_to))
    assert sorted({need.request.resource for need in known.refused(Purpose.WAIT)}) == refused


def test_each_request_has_one_purpose() -> None:
    (known,) = known_runs(project(tree(f"{WAIT} --atomic", DEPLOYS, KEEPS, JOBS, chart=(WEB, DATA, HOOK)), {}, ""))
    purposes: dict[object, set[Purpose]] = {}
    for asked in known.asked:
        purposes.setdefault(asked.need.request, set()).add(asked.purpose)
    assert all(len(found) == 1 for found in purposes.values())
    assert {purpose for found in purposes.values() for purpose in found} == {
        Purpose.APPLY,
        Purpose.STORE,
        Purpose.HOOKS,
        Purpose.WAIT,
    }


@pytest.mark.parametrize(
    ("run", "told"),
    [
        (STATUS, True),
        ("kubectl apply -f chart/templates/0.yaml -n shop", True),
        (WAIT, True),
        ("helm upgrade shop oci://example.com/shop -n shop --wait", False),
        ("make deploy", False),
    ],
)
def test_the_role_is_judged_where_no_command_is_known(run: str, told: bool) -> None:
    made = project(tree(run, DEPLOYS, KEEPS), {}, "")
    identity = next((known.identity for known in known_runs(made)), None)
    assert told is (identity is not None and is_told(made, identity, ""))
    secrets = ("", "secrets", "get list create update delete")
    report = lint_texts(tree(run, DEPLOYS, secrets), select=("deployer-role-lacks-watch",))
    assert bool(report.findings) is not told


def test_the_role_gets_the_least_that_is_missing() -> None:
    """Verbs where the resource is named alone, a rule of its own elsewhere: nobody is to read Secrets for it."""
    files = tree(WAIT, DEPLOYS, KEEPS, chart=(WEB, SETTINGS)) | {WORKFLOW: workflow(WAIT, FOUR)}
    (finding,) = lint_texts(files, select=RULES).findings
    (fix,) = finding.fixes
    assert [(edit.action, edit.path, edit.text) for edit in fix.edits] == [
        ("append", ("rules", 0, "verbs"), '"list"'),
        ("append", ("rules", 0, "verbs"), '"watch"'),
        ("append", ("rules",), '{apiGroups: ["apps"], resources: ["replicasets"], verbs: ["list"]}'),
        ("append", ("rules",), '{apiGroups: [""], resources: ["configmaps"], verbs: ["list", "watch"]}'),
    ]
