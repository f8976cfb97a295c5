"""Believable trees on which rules about roles and deployers once were wrong."""

import pytest
import yaml
from access_trees import RUNNER, aggregating, bound, obj, reported, role, rule, runner, workflow

APPLY, FOLLOW = "deployer-cannot-apply", "deployer-cannot-watch-rollout"
DEPLOYED = {
    "deploy/settings.yaml": yaml.safe_dump(obj("ConfigMap", name="settings", namespace="shop", data={"a": "b"}))
}
RUN = "kubectl apply -f deploy/ -n shop"


def deploying(rules, run, *steps, **more):
    """A job of runners whose account holds a role in `shop`."""
    grants = [role("deployer", *rules, namespace="shop"), bound("deployer", RUNNER, namespace="shop")]
    return [runner(), *grants, DEPLOYED, workflow(run, *steps, **more)]


def applying(run, *steps, **more):
    """A job that applies what its account may only read."""
    return deploying([rule("configmaps", "get", groups=[""])], run, *steps, **more)


SCRIPTS = {
    "a function in the place of kubectl": 'kubectl() { command kubectl --context prod "$@"; }',
    "an alias": "alias kubectl='kubectl --context prod'",
    "settings that are not in the tree": "source ./.env.ci",
    "a cluster that make sets up": "make kind-up",
    "a cluster that task sets up": "task kind:create",
    "k3s as its installer sets it up": "curl -sfL https://get.k3s.io | sh -",
    "OpenShift on this machine": "crc start",
    "no sign of the cluster around": "unset KUBERNETES_SERVICE_HOST",
    "a program that logs in": "company-login --team shop",
}
STEPS = {
    "an action that sets kind up": {"uses": "engineerd/setup-kind@v0.6.2"},
    "an action that logs in": {"uses": "example/actions/login@v1"},
    "an action about a cluster": {"uses": "example/actions/cluster-access@v1"},
    "a secret that becomes KUBECONFIG": {
        "uses": "hashicorp/vault-action@v3",
        "with": {"secrets": "secret/data/ci path | KUBECONFIG ;"},
    },
}


@pytest.mark.parametrize("line", SCRIPTS.values(), ids=SCRIPTS)
def test_a_script_that_may_act_as_another(line):
    assert reported(applying(f"{line}\n{RUN}")) == []


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_a_step_that_may_act_as_another(step):
    assert reported(applying(RUN, step)) == []


def test_an_action_of_the_tree_in_another_language():
    action = {".github/actions/kube-access/action.yml": "name: x\nruns: {using: node24, main: index.js}\n"}
    assert reported([*applying(RUN, {"uses": "./.github/actions/kube-access"}), action]) == []


@pytest.mark.parametrize(
    "before",
    [
        "source venv/bin/activate",
        "make build",
        "docker login ghcr.io",
        {"uses": "docker/login-action@v3"},
        {"uses": "azure/login@v2"},
    ],
    ids=str,
)
def test_what_says_nothing_of_the_cluster(before):
    tree = applying(f"{before}\n{RUN}") if isinstance(before, str) else applying(RUN, before)
    assert reported(tree) == [(APPLY, "error")]


@pytest.mark.parametrize(
    "command", ["kubectl wait pod -l app=web -n shop", "kubectl -n shop wait --all pods,jobs --for=condition=ready"]
)
def test_waiting_for_what_is_found_by_listing(command):
    waits = f"{command} --timeout=1m"
    read = rule("pods jobs", "get watch", groups=["", "batch"])
    assert (FOLLOW, "error") in reported(deploying([read], waits))
    seen = rule("pods jobs", "get list watch", groups=["", "batch"])
    assert reported(deploying([seen], waits)) == []


def test_waiting_in_all_namespaces_is_not_about_one():
    read = rule("pods", "get watch", groups=[""])
    assert reported(deploying([read], "kubectl wait pod --all -A --for=condition=ready --timeout=1m")) == []


def test_an_operator_that_a_kustomization_moves():
    """As kubebuilder lays it out: all is written for `system`, and moved by the outermost kustomization."""
    pod = {"serviceAccountName": "manager", "containers": [{"name": "manager", "image": "registry.example.com/m:1"}]}
    writes = ("create", "delete", "get", "patch", "update")
    files = {
        "config/manager/manager.yaml": obj(
            "Deployment", "apps/v1", "manager", "system", spec={"template": {"spec": pod}}
        ),
        "config/manager/kustomization.yaml": {"resources": ["manager.yaml"]},
        "config/rbac/role.yaml": role(
            "manager-role",
            rule("roles rolebindings", (*writes, "bind", "escalate")),
            rule("deployments", writes, groups=["apps"]),
            rule("secrets", (*writes, "list"), groups=[""]),
        ),
        "config/rbac/role_binding.yaml": bound("manager-role", "system/manager"),
        "config/rbac/kustomization.yaml": {"resources": ["role.yaml", "role_binding.yaml"]},
        "config/default/kustomization.yaml": {
            "namespace": "shop-system",
            "namePrefix": "shop-",
            "resources": ["../rbac", "../manager"],
        },
    }
    tree = {name: yaml.safe_dump(value) for name, value in files.items()}
    assert reported([tree]) == [("grants-escalation", "info")]


@pytest.mark.parametrize(
    "selection",
    [
        {"aggregationRule": []},
        {"aggregationRule": {"clusterRoleSelectors": "all"}},
        {"aggregationRule": {"clusterRoleSelectors": ["all"]}},
        {"aggregationRule": {"clusterRoleSelectors": [{"matchLabels": ["all"]}]}},
        aggregating("example.com/all", value=True),
    ],
    ids=str,
)
def test_an_aggregation_that_cannot_be_read(selection):
    assert reported([role("all", **selection)], select=("invalid-rbac-object",)) == [("invalid-rbac-object", "error")]
