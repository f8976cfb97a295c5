"""What deployers are refused, and how bad that is: what fixtures of single rules do not show."""

import pytest
import yaml
from access_trees import (
    GROUP,
    RUNNER,
    WRITE,
    aggregating,
    bound,
    chart,
    core,
    obj,
    reported,
    role,
    rule,
    runner,
    workflow,
)

from kubelint.manifests import ClusterSettings

CREATE, BIND, WAIT = "deployer-cannot-create-role", "deployer-cannot-bind-role", "deployer-cannot-wait"
HOOKS, FOLLOW = "deployer-cannot-run-hooks", "deployer-cannot-watch-rollout"
HELM = "helm upgrade --install web ./chart -n shop"
THREE = {"uses": "azure/setup-helm@v4", "with": {"version": "v3.19.0"}}
FOUR = {"uses": "azure/setup-helm@v4", "with": {"version": "v4.0.1"}}
EACH = "get create update patch delete"
FOLLOWED = f"{EACH} list watch"
RELEASES = core("secrets", "get list create update delete")
READER = role("reader", core("configmaps", "get list"), namespace="shop")
READERS = bound("reader", "shop/web", namespace="shop")
VIEWERS = bound("view", "shop/web", namespace="shop", kind="ClusterRole", name="viewers")


def holds(*rules, namespace="shop"):
    return [role("deployer", *rules, namespace=namespace), bound("deployer", RUNNER, namespace=namespace)]


def applies(*objects):
    return [runner(), workflow("kubectl apply -f deploy/"), {"deploy/all.yaml": yaml.safe_dump_all(objects)}]


WRITER = rule("roles rolebindings", WRITE)
DECLARED = ClusterSettings(deployers=("ServiceAccount/ci/runner",))
ELSEWHERE = workflow("kubectl apply -f deploy/", **{"runs-on": "ubuntu-latest"})


@pytest.mark.parametrize(
    ("rules", "objects", "expected"),
    [
        ([WRITER], [READER], [CREATE]),
        ([WRITER, core("configmaps", "get list")], [READER], []),
        ([WRITER, rule("roles", "escalate")], [READER], []),
        ([WRITER], [VIEWERS], [BIND]),
        ([WRITER, rule("clusterroles", "bind", ["view"])], [VIEWERS], []),
        ([WRITER, rule("clusterroles", "bind", ["edit"])], [VIEWERS], [BIND]),
        ([WRITER, rule("rolebindings", "bind escalate")], [VIEWERS], [BIND]),
        ([WRITER], [READER, READERS], [BIND, CREATE]),
        ([WRITER, core("configmaps", "get list")], [READER, READERS], []),
    ],
)
def test_what_a_runner_may_not_grant(rules, objects, expected):
    found = dict(reported([*applies(*objects), *holds(*rules)], (CREATE, BIND)))
    assert found == dict.fromkeys(expected, "error")


@pytest.mark.parametrize(("written", "expected"), [(READER, CREATE), (VIEWERS, BIND)])
def test_a_deployer_that_the_configuration_names_is_a_warning(written, expected):
    tree = [ELSEWHERE, *applies(written)[2:], *holds(WRITER)]
    assert reported(tree, (CREATE, BIND), cluster=DECLARED) == [(expected, "warning")]
    assert reported(tree, (CREATE, BIND)) == []


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        ([rule("clusterroles", WRITE)], [(CREATE, "error")]),
        ([rule("clusterroles", (*WRITE, "escalate"))], []),
        ([{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}], []),
    ],
)
def test_an_aggregating_role_takes_every_right(held, expected):
    access = [role("deployer", *held), bound("deployer", RUNNER)]
    assert reported([*applies(role("sum", **aggregating("into-sum"))), *access], (CREATE,)) == expected


def test_without_bind_a_role_has_to_be_there_first():
    kept = [obj("Namespace", name="shop"), obj("Service", name="web", namespace="shop")]
    tree = [*kept, *applies(bound("missing", "shop/web", namespace="shop"))]
    assert reported([*tree, *holds(WRITER)], (BIND,)) == [(BIND, "info")]
    assert reported([*tree, *holds(WRITER, rule("roles", "bind", ["missing"]))], (BIND,)) == []


def helm(run, setup, *charted):
    return [runner(), workflow(run, setup), chart(*charted)]


def test_roles_in_a_chart_are_judged_too():
    plain = obj("Role", f"{GROUP}/v1", "reader", rules=[core("configmaps", "get list")])
    writes = rule("roles", EACH)
    tree = helm(HELM, THREE, plain)
    assert reported([*tree, *holds(writes, RELEASES)], (CREATE,)) == [(CREATE, "error")]
    assert reported([*tree, *holds(writes, RELEASES, core("configmaps", "get list"))], (CREATE,)) == []


def workload(kind):
    return obj(kind, "apps/v1", spec={"replicas": 1})


@pytest.mark.parametrize(
    ("setup", "kind", "expected"),
    [
        (THREE, "ReplicaSet", True),
        (THREE, "StatefulSet", False),
        (FOUR, "ReplicaSet", True),
        (FOUR, "StatefulSet", True),
        (FOUR, "DaemonSet", False),
    ],
)
def test_who_waits_for_pods_lists_them(setup, kind, expected):
    tree = helm(f"{HELM} --wait", setup, workload(kind))
    held = rule("replicasets statefulsets daemonsets", FOLLOWED, (), ["apps"])
    assert reported([*tree, *holds(held, RELEASES)], (WAIT,)) == [(WAIT, "error")] * expected
    assert reported([*tree, *holds(held, RELEASES, core("pods", "list"))], (WAIT,)) == []


@pytest.mark.parametrize(
    ("setup", "verbs", "expected"),
    [
        (THREE, "get create update patch list watch", True),
        (THREE, "get create delete watch", True),
        (THREE, "get create delete list", True),
        (THREE, "get create delete list watch", False),
        (FOUR, "get create patch delete list watch", False),
        (FOUR, "get create patch delete list", True),
    ],
)
def test_what_a_hook_takes(setup, verbs, expected):
    hook = obj("Job", "batch/v1")
    hook["metadata"]["annotations"] = {"helm.sh/hook": "pre-install,pre-upgrade"}
    tree = helm(HELM, setup, hook)
    found = reported([*tree, *holds(rule("jobs", verbs, (), ["batch"]), RELEASES)], (HOOKS,))
    assert found == [(HOOKS, "error")] * expected


@pytest.mark.parametrize("run", ["rollout status deployment/web", "wait --for=condition=Available deployment/web"])
@pytest.mark.parametrize(("verbs", "expected"), [("get list watch", 0), ("get list", 1), ("get watch", 1), ("list", 1)])
def test_who_follows_a_rollout_gets_lists_and_watches_it(run, verbs, expected):
    tree = [runner(), workflow(f"kubectl {run} -n shop --timeout 5m")]
    held = holds(rule("deployments", verbs, (), ["apps"]))
    assert reported([*tree, *held], (FOLLOW,)) == [(FOLLOW, "error")] * expected
