"""What is right in RBAC stays without a finding; and with one thing changed, the finding is there."""

import pytest
import yaml
from access_trees import (
    RUNNER,
    WRITE,
    bound,
    core,
    job,
    obj,
    reported,
    role,
    rule,
    runner,
    workflow,
)

from kubelint.manifests import ClusterSettings

LACKS = "binding-writer-lacks-bind"
GAIN = "grants-escalation"
CREATE, BIND = "deployer-cannot-create-role", "deployer-cannot-bind-role"
NEVER = "rbac-rule-never-matches"
INVALID = "invalid-rbac-object"
UNNAMED = "resource-names-without-name"
SCOPED = "cluster-scoped-resource-in-role"
TENANT = bound("edit", "group:blue-developers", namespace="blue", kind="ClusterRole", name="developers")
WRITES = [runner(), role("writer", rule("rolebindings", WRITE)), bound("writer", RUNNER), TENANT]
DEFINED = obj(
    "CustomResourceDefinition",
    "apiextensions.k8s.io/v1",
    "gadgets.example.com",
    spec={"group": "example.com", "scope": "Namespaced", "names": {"kind": "Gadget", "plural": "gadgets"}},
)


def own(*rules, name="r"):
    """A Role in a namespace that nobody is bound to."""
    return role(name, *rules, namespace="blue")


def without(manifest, *path):
    """A copy without one field."""
    if len(path) == 1:
        return {key: value for key, value in manifest.items() if key != path[0]}
    return {**manifest, path[0]: without(manifest[path[0]], *path[1:])}


OPERATORS = (
    "argocd/controller",
    "capi-system/capi-manager",
    "crossplane-system/rbac-manager",
    "flux-system/kustomize-controller",
    "kube-system/clusterrole-aggregation-controller",
    "olm/olm-operator",
    "rbac-manager/rbac-manager",
)
BINDER = (rule("rolebindings", WRITE), rule("clusterroles", "bind", ["view"]))
TWO_RIGHTS = (
    [role("r", *BINDER, namespace="blue"), bound("r", RUNNER, namespace="blue")],
    [role("r", BINDER[0], rule("clusterroles", "escalate"), namespace="blue"), bound("r", RUNNER, namespace="blue")],
)
CASES = {
    "bind on clusterroles inside a Role": (*TWO_RIGHTS, "escalate-needs-cluster-binding", "warning"),
    "bind with resourceNames, and create": (
        [role("r", *BINDER), bound("r", RUNNER)],
        [role("r", BINDER[0], rule("clusterroles", "bind")), bound("r", RUNNER)],
        GAIN,
        "warning",
    ),
    "use on a PodSecurityPolicy in a Role": (
        [own(rule("podsecuritypolicies", "use", ["restricted"], ["policy"]))],
        [own(rule("podsecuritypolicies", "get", ["restricted"], ["policy"]))],
        SCOPED,
        "warning",
    ),
    "use on SecurityContextConstraints in a Role": (
        [own(rule("securitycontextconstraints", "use", (), ["security.openshift.io"]))],
        [own(rule("securitycontextconstraints", "USE", (), ["security.openshift.io"]))],
        NEVER,
        "error",
    ),
    "get, update, patch and delete on namespaces in a Role": (
        [own(core("namespaces", "get update patch delete"))],
        [own(core("namespaces", "list watch create"))],
        SCOPED,
        "warning",
    ),
    "impersonate on serviceaccounts in a Role": (
        [own(core("serviceaccounts", "impersonate"))],
        [own(core("serviceaccount", "impersonate"))],
        NEVER,
        "warning",
    ),
    "roles and rolebindings with create, bind and escalate": (
        [own(rule("roles rolebindings", "create bind escalate"))],
        [own(rule("rolebindings", "create bind escalate"))],
        "escalation-verb-on-bindings",
        "error",
    ),
    "every verb on rolebindings": (
        [role("r", rule("rolebindings", "*"), BINDER[1]), bound("r", RUNNER)],
        [role("r", rule("rolebindings", "create bind"), rule("clusterroles", "get", ["view"])), bound("r", RUNNER)],
        "escalation-verb-on-bindings",
        "error",
    ),
    "a roleRef without apiGroup": (
        [without(bound("view", RUNNER), "roleRef", "apiGroup")],
        [bound("view", RUNNER) | {"roleRef": {"kind": "Role", "name": "view"}}],
        INVALID,
        "error",
    ),
    "a User without apiGroup": (
        [bound("view") | {"subjects": [{"kind": "User", "name": "jane"}]}],
        [bound("view") | {"subjects": [{"kind": "User", "name": "jane", "apiGroup": "v1"}]}],
        INVALID,
        "error",
    ),
    "a service account without namespace in a RoleBinding": (
        [bound("view", "runner", namespace="ci", kind="ClusterRole")],
        [bound("view", "runner", kind="ClusterRole")],
        INVALID,
        "error",
    ),
    "a role's name with colons": (
        [
            bound("acme:team:view", RUNNER, namespace="blue"),
            role("acme:team:view", core("pods", "get"), namespace="blue"),
        ],
        [bound("acme/team/view", RUNNER, namespace="blue")],
        INVALID,
        "error",
    ),
    "a RoleBinding to a ClusterRole": (
        [bound("edit", RUNNER, namespace="blue", kind="ClusterRole")],
        [bound("edit", RUNNER, kind="Role")],
        INVALID,
        "error",
    ),
    "create with names on subresources": (
        [own(core("pods/exec serviceaccounts/token", "create", ["web-0"]))],
        [own(core("pods serviceaccounts", "create", ["web-0"]))],
        UNNAMED,
        "warning",
    ),
    "create with names for a deployer that applies server-side": (
        [
            own(core("configmaps", WRITE, ["web"])),
            bound("r", RUNNER, namespace="blue"),
            job(RUNNER, "kubectl", "apply", "--server-side", "-f", "web.yaml", "-n", "blue"),
        ],
        [
            own(core("configmaps", WRITE, ["web"])),
            bound("r", RUNNER, namespace="blue"),
            job(RUNNER, "kubectl", "apply", "-f", "web.yaml", "-n", "blue"),
        ],
        UNNAMED,
        "warning",
    ),
    "escalate with names for a deployer that applies server-side": (
        [
            role("r", rule("roles", WRITE), rule("roles", "escalate", ["web"])),
            bound("r", RUNNER),
            job(RUNNER, "kubectl", "apply", "--server-side", "-f", "web.yaml"),
        ],
        [
            role("r", rule("roles", WRITE), rule("roles", "escalate", ["web"])),
            bound("r", RUNNER),
            job(RUNNER, "kubectl", "apply", "-f", "web.yaml"),
        ],
        "escalate-limited-by-name",
        "info",
    ),
    "verbs of somebody's own": (
        [own(core("pods", "frobnicate"), core("serviceaccounts", "request-serviceaccounts-token-audience"))],
        [own(core("pods", "frobnicate GET"))],
        NEVER,
        "error",
    ),
    "resources of an API group that nobody here serves": (
        [own(rule("gadget Gadgets", "get", (), ["example.com"]))],
        [own(rule("Gadget", "get", (), ["example.com"])), DEFINED],
        NEVER,
        "warning",
    ),
    "resources of an aggregated API server": (
        [role("r", rule("pods nodes", "get list", (), ["metrics.k8s.io"]))],
        [role("r", rule("pods nodes", "get list", (), ["apps"]))],
        NEVER,
        "warning",
    ),
    "subresources of somebody's own": (
        [own(rule("virtualmachineinstances/console", "get", (), ["subresources.kubevirt.io"]))],
        [own(rule("virtualmachineinstances/*", "get", (), ["subresources.kubevirt.io"]))],
        NEVER,
        "warning",
    ),
    "cluster-scoped resources in a ClusterRole that a RoleBinding binds": (
        [role("r", core("nodes", "get")), bound("r", RUNNER, namespace="blue", kind="ClusterRole")],
        [own(core("nodes", "get")), bound("r", RUNNER, namespace="blue")],
        SCOPED,
        "warning",
    ),
    "extensions next to apps": (
        [own(rule("deployments", "get", (), ["extensions", "apps"]))],
        [own(rule("deployments", "get", (), ["extensions"]))],
        NEVER,
        "warning",
    ),
    "a deployer bound to cluster-admin": (
        [*WRITES, bound("cluster-admin", RUNNER, name="root")],
        [*WRITES, bound("view", RUNNER, name="root")],
        LACKS,
        "warning",
    ),
    "an administrator of one namespace, in that namespace": (
        [*WRITES, bound("cluster-admin", RUNNER, namespace="blue", kind="ClusterRole")],
        [*WRITES, bound("cluster-admin", RUNNER, namespace="green", kind="ClusterRole")],
        LACKS,
        "warning",
    ),
    "the group of cluster administrators": (
        [role("r", rule("*", "*")), bound("r", "group:system:masters")],
        [role("r", rule("*", "*")), bound("r", "group:masters")],
        GAIN,
        "warning",
    ),
    "an operator's namespace": (
        [role("r", rule("*", "*")), bound("r", *OPERATORS)],
        [role("r", rule("*", "*")), bound("r", "tools/aggregator")],
        GAIN,
        "warning",
    ),
}


@pytest.mark.parametrize(("right", "wrong", "expected", "severity"), CASES.values(), ids=CASES)
def test_it_is_not_flagged(right, wrong, expected, severity):
    assert reported(right) == []
    assert (expected, severity) in reported(wrong)


def deploys(*objects):
    return [runner(), workflow("kubectl apply -f deploy/ -n blue"), {"deploy/all.yaml": yaml.safe_dump_all(objects)}]


ADMIN = bound("admin", RUNNER, namespace="blue", kind="ClusterRole")


def test_admin_writes_roles_within_what_it_holds():
    reader = own(core("configmaps", "get list watch"), rule("deployments", "patch", (), ["apps"]))
    assert reported([ADMIN, *deploys(reader)]) == []
    assert reported([ADMIN, *deploys(own(core("configmaps", "*")))]) == [(CREATE, "error")]
    assert reported([ADMIN, *deploys(own(rule("deployments/finalizers", "update", (), ["apps"])))]) == [
        (CREATE, "error")
    ]


def test_admin_binds_what_it_holds():
    binding = bound("edit", "blue/web", namespace="blue", kind="ClusterRole")
    assert reported([ADMIN, *deploys(binding)]) == []
    more = binding | {"roleRef": binding["roleRef"] | {"name": "cluster-admin"}}
    assert reported([ADMIN, *deploys(more)]) == [(BIND, "error")]


def test_an_administrator_of_one_namespace_passes_with_what_is_in_it():
    root = bound("cluster-admin", RUNNER, namespace="blue", kind="ClusterRole")
    assert reported([root, *deploys(own(core("*", "*")), bound("r", "blue/web", namespace="blue"))]) == []
    assert reported([root, *deploys(role("r", core("nodes", "get")))]) == [("deployer-cannot-apply", "error")]


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("arn:aws:iam::123456789012:role/deploy", 0),
        ("deploy@example-project.iam.gserviceaccount.com", 0),
        ("0f8fad5b-d9cb-469f-a165-70867728950e", 0),
        ("deploy@example.com", 1),
    ],
)
def test_what_a_cloud_grants_besides_is_unknown(name, count):
    """The rights of its own access management satisfy the checks for `bind` and `escalate` too."""
    access = [role("writer", rule("rolebindings", WRITE)), bound("writer", f"user:{name}"), TENANT]
    assert reported(access, cluster=ClusterSettings(deployers=(f"User/{name}",))) == [(LACKS, "warning")] * count


def test_cluster_administrators_by_their_group_are_left_alone():
    access = [role("writer", rule("rolebindings", WRITE)), TENANT]
    for name, count in (("system:masters", 0), ("platform", 1)):
        declared = ClusterSettings(deployers=(f"Group/{name}",))
        found = reported([*access, bound("writer", f"group:{name}")], cluster=declared)
        assert found == [(LACKS, "warning")] * count


def test_a_controller_of_the_tree_that_holds_everything_is_information():
    manager = obj("Deployment", "apps/v1", "manager", "tools")
    manager["spec"] = {"template": {"spec": {"serviceAccountName": "manager", "containers": []}}}
    access = [role("r", rule("*", "*")), bound("r", "tools/manager")]
    assert reported([*access, manager], (GAIN,)) == [(GAIN, "info")]
    assert reported(access, (GAIN,)) == [(GAIN, "warning")]


@pytest.mark.parametrize(
    ("namespace", "expected"),
    [("${NAMESPACE}", "info"), ("$(NAMESPACE)", "info"), ("{{ .Release.Namespace }}", None), ("tools", "warning")],
)
def test_a_holder_in_a_namespace_that_is_filled_in_later_is_information(namespace, expected):
    access = [role("r", rule("*", "*")), bound("r", f"{namespace}/manager")]
    assert reported(access, (GAIN,)) == ([(GAIN, expected)] if expected else [])
