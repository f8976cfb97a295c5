"""What `kubelint rbac needs` prints is what the rules ask for: with it they are silent, without one verb of it not."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from copy import deepcopy
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from linting import REGISTRY, TODAY

from kubelint.cli.main import run
from kubelint.cli.workspace import Request, Workspace
from kubelint.engine.linter import Linter

ACCOUNT = "ServiceAccount/ci/deployer"
RBAC = "rbac.authorization.k8s.io/v1"
RULES = (
    *(entry.meta.id for entry in REGISTRY if entry.meta.id.startswith("deployer-")),
    "flux-account-cannot-reconcile",
    "binding-writer-lacks-bind",
)
SLOW = settings(deadline=None, max_examples=12, suppress_health_check=[HealthCheck.too_slow])

CHART = "apiVersion: v2\nname: shop\nversion: 1.0.0\n"
RUNNER = """\
apiVersion: actions.summerwind.dev/v1alpha1
kind: RunnerDeployment
metadata: {name: deployers, namespace: ci}
spec: {template: {spec: {repository: example/shop, serviceAccountName: deployer, labels: [deployers]}}}
"""
STEP = "on: push\njobs:\n  deploy:\n    runs-on: [self-hosted, deployers]\n    steps:\n{}      - run: {}\n"
SETUP = "      - uses: azure/setup-helm@v4\n        with: {{version: v{}.1.0}}\n"
JOB = """\
apiVersion: batch/v1
kind: Job
metadata: {{name: deploy, namespace: ci}}
spec:
  template:
    spec:
      serviceAccountName: deployer
      restartPolicy: Never
      containers: [{{name: a, image: "alpine/helm:{}.1.0", command: [sh, -c, "{}"]}}]
"""
FLUX = """\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {{name: shop, namespace: ci}}
spec:
  interval: 1h
  path: ./deploy
  prune: true
  wait: {}
  serviceAccountName: deployer
  sourceRef: {{kind: GitRepository, name: flux-system}}
"""


class Case(NamedTuple):
    """Something that deploys `objects` as the account, and how `needs` is asked about that."""

    files: dict[str, str]
    asked: tuple[str, ...]
    objects: tuple[dict[str, Any], ...]
    held: tuple[dict[str, Any], ...] = ()
    folder: str = "deploy"


def obj(kind: str, name: str, version: str = "v1", **fields: Any) -> dict[str, Any]:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name, "namespace": "shop"}, **fields}


def role(name: str, verbs: str, resources: str) -> dict[str, Any]:
    rules = [{"apiGroups": [""], "resources": resources.split(","), "verbs": verbs.split(",")}]
    return obj("Role", name, RBAC, rules=rules)


def binding(name: str, to: str, kind: str = "Role") -> dict[str, Any]:
    ref = {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": to}
    return obj("RoleBinding", name, RBAC, roleRef=ref, subjects=[{"kind": "User", "name": "jo"}])


def workload(kind: str, name: str) -> dict[str, Any]:
    pods = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [{"name": "a", "image": "web:1.0"}]}}
    return obj(kind, name, "apps/v1", spec={"selector": {"matchLabels": {"app": name}}, "template": pods})


NAMES = st.sampled_from(["one", "two"])
PLAIN = st.builds(obj, st.sampled_from(["ConfigMap", "Service", "PersistentVolumeClaim"]), NAMES)
WORKLOADS = st.builds(workload, st.sampled_from(["Deployment", "StatefulSet", "DaemonSet"]), NAMES)
ROLES = st.builds(
    role, NAMES, st.sampled_from(["get", "get,list", "create"]), st.sampled_from(["pods", "events,pods/log"])
)
VIEW = st.just(binding("view", "view", "ClusterRole"))
OWN = NAMES.map(lambda name: (role(name, "get,watch", "pods"), binding(name, name)))


def releases(*kinds: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[dict[str, Any], ...]]:
    """Some objects, those of RBAC with what they refer to before them."""
    single = st.one_of(PLAIN, WORKLOADS, VIEW, ROLES, *kinds).map(lambda item: (item,))
    several = st.lists(single | OWN, min_size=1, max_size=3)
    return several.map(lambda found: tuple(_unrepeated(item for items in found for item in items)))


def _unrepeated(objects: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    known: set[tuple[str, str]] = set()
    for item in objects:
        key = item["kind"], item["metadata"]["name"]
        if key not in known:
            known.add(key)
            yield item


HELD = st.lists(
    st.builds(
        lambda verbs, resources: {"apiGroups": ["", "apps"], "resources": resources, "verbs": verbs},
        st.lists(st.sampled_from(["get", "list", "watch", "create", "patch"]), min_size=1, max_size=3, unique=True),
        st.lists(st.sampled_from(["configmaps", "deployments", "pods"]), min_size=1, max_size=2, unique=True),
    ),
    max_size=2,
).map(tuple)


def applied(objects: tuple[dict[str, Any], ...], held: tuple[dict[str, Any], ...], server_side: bool) -> Case:
    flag = " --server-side" if server_side else ""
    workflow = STEP.format("", f"kubectl apply{flag} -f deploy -n shop")
    files = {".github/workflows/deploy.yaml": workflow, "runner.yaml": RUNNER}
    return Case(files, ("deploy", *flag.split()), objects, held)


def reconciled(objects: tuple[dict[str, Any], ...], held: tuple[dict[str, Any], ...], wait: bool) -> Case:
    files = {"flux.yaml": FLUX.format(str(wait).lower())}
    return Case(files, ("deploy", "--flux", *(["--wait"] if wait else [])), objects, held)


HOOK = {**obj("Job", "load", "batch/v1", spec=workload("Job", "load")["spec"])}
HOOK["metadata"] = {**HOOK["metadata"], "annotations": {"helm.sh/hook": "pre-install,pre-upgrade"}}
HOOKS = st.just(HOOK)


def installed(
    objects: tuple[dict[str, Any], ...], held: tuple[dict[str, Any], ...], version: int | None, wait: bool, in_pod: bool
) -> Case:
    """A chart; of an unknown version of Helm where none is given."""
    flag = " --wait" if wait else ""
    command = f"helm upgrade --install shop chart -n shop{flag}"
    if in_pod:
        files = {"job.yaml": JOB.format(version, command)}
    else:
        setup = SETUP.format(version) if version is not None else ""
        files = {".github/workflows/deploy.yaml": STEP.format(setup, command), "runner.yaml": RUNNER}
    asked = ("chart", "-n", "shop", *(["--helm", str(version)] if version is not None else []), *flag.split())
    return Case(
        {**files, "chart/Chart.yaml": CHART, "chart/values.yaml": "a: 1\n"}, asked, objects, held, "chart/templates"
    )


def account(held: tuple[dict[str, Any], ...]) -> list[dict[str, Any]]:
    subject = {"kind": "ServiceAccount", "name": "deployer", "namespace": "ci"}
    own = {**binding("own", "own"), "subjects": [subject]}
    return [
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "deployer", "namespace": "ci"}},
        {**role("own", "get", "events"), "rules": list(held)},
        own,
    ]


def written(root: Path, case: Case) -> None:
    (root / ".git").mkdir()
    files = {**case.files, "access.yaml": dumped(account(case.held)), f"{case.folder}/all.yaml": dumped(case.objects)}
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def dumped(objects: Any) -> str:
    return yaml.safe_dump_all(list(objects), sort_keys=False)


def printed(root: Path, case: Case) -> list[dict[str, Any]]:
    """The roles that `needs` prints for the account."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        path, *options = case.asked
        code = run(["rbac", "needs", str(root / path), *options, "--as", ACCOUNT, "--format", "yaml"])
    assert code in (0, 1), err.getvalue()
    return [item for item in yaml.safe_load_all(out.getvalue()) if item]


def said(root: Path, more: list[dict[str, Any]]) -> list[str]:
    """What the rules about deployers say of the tree with `more` in it."""
    (root / "more.yaml").write_text(dumped(more), encoding="utf-8")
    workspace = Workspace(Request((str(root),), root=str(root), render="auto"), REGISTRY)
    report = Linter(REGISTRY, workspace.settings._replace(select=RULES), TODAY).run(workspace.read())
    return [f"{finding.meta.id}: {finding.message}" for finding in report.findings]


def shorter(roles: list[dict[str, Any]]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The roles without each one of their verbs."""
    for position, item in enumerate(roles):
        for index, entry in enumerate(item.get("rules", ())):
            for verb in entry["verbs"]:
                less = deepcopy(roles)
                less[position]["rules"][index]["verbs"].remove(verb)
                yield f"{verb} {entry['resources']} {entry.get('resourceNames', '')}", less


def check(case: Case) -> None:
    with TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        written(root, case)
        roles = printed(root, case)
        assert not said(root, roles)
        for left_out, less in shorter(roles):
            assert said(root, less), left_out


@SLOW
@given(st.builds(applied, releases(), HELD, st.booleans()))
def test_what_kubectl_applies(case: Case) -> None:
    check(case)


@SLOW
@given(st.builds(reconciled, releases(), HELD, st.booleans()))
def test_what_flux_reconciles(case: Case) -> None:
    check(case)


@settings(SLOW, max_examples=3)
@given(st.builds(installed, releases(HOOKS), HELD, st.sampled_from([3, 4]), st.booleans(), st.booleans()))
@example(installed((workload("Deployment", "one"), HOOK, binding("view", "view", "ClusterRole")), (), 3, True, True))
@example(installed((workload("StatefulSet", "one"), HOOK, role("two", "get", "pods")), (), 4, True, False))
def test_what_helm_installs(case: Case) -> None:
    check(case)


def test_both_versions_of_helm_find_what_they_ask_for() -> None:
    case = installed((workload("Deployment", "one"), HOOK, role("two", "get", "pods")), (), None, True, False)
    with TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        written(root, case)
        assert said(root, [])
        assert not said(root, printed(root, case))


def test_the_account_is_short_of_something_at_first() -> None:
    case = applied((workload("Deployment", "one"), binding("view", "view", "ClusterRole")), (), False)
    with TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        written(root, case)
        assert {text.partition(":")[0] for text in said(root, [])} >= {"deployer-cannot-apply"}
        assert len(list(shorter(printed(root, case)))) == 7
