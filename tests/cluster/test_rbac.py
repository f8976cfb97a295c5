"""Who may do what, and who may grant what: the authorizer over manifests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from effort import grows_linearly

from kubelint.cluster.rbac import (
    MASTERS,
    Authorizer,
    PolicyRule,
    Request,
    Verdict,
    builtin_manifests,
    covers,
    service_account_groups,
    service_account_user,
    validate,
)

GROUP = "rbac.authorization.k8s.io"
USER = service_account_user("ci", "deployer")
GROUPS = service_account_groups("ci")
VIEW = ["get", "list", "watch"]
Manifest = Mapping[str, object]


def role(name: str, rules: object, namespace: str = "", **more: object) -> Manifest:
    kind = "Role" if namespace else "ClusterRole"
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": f"{GROUP}/v1", "kind": kind, "metadata": metadata, "rules": rules, **more}


def grant(verbs: Sequence[str], resources: Sequence[str], group: str = GROUP, names: Sequence[str] = ()) -> Manifest:
    named = {"resourceNames": list(names)} if names else {}
    return {"verbs": list(verbs), "apiGroups": [group], "resources": list(resources), **named}


def binding(kind: str, name: str, namespace: str = "", subjects: object = None) -> Manifest:
    if subjects is None:
        subjects = [{"kind": "ServiceAccount", "name": "deployer", "namespace": "ci"}]
    return {
        "apiVersion": f"{GROUP}/v1",
        "kind": "RoleBinding" if namespace else "ClusterRoleBinding",
        "metadata": {"name": f"{name}-binding", **({"namespace": namespace} if namespace else {})},
        "roleRef": {"apiGroup": GROUP, "kind": kind, "name": name},
        "subjects": subjects,
    }


def held(rules: object, namespace: str = "", **more: object) -> list[Manifest]:
    """The deployer holds the rules, in the whole cluster or in a namespace."""
    return [
        role("held", rules, namespace, **more),
        binding("Role" if namespace else "ClusterRole", "held", namespace),
    ]


PODS = role("target", [grant(["get"], ["pods"], "")], "app")
CLUSTER_PODS = role("target", [grant(["get"], ["pods"], "")])
BINDS_PODS = binding("Role", "target", "app")
WRITE = ["create", "update", "patch"]


@pytest.mark.parametrize(
    ("rules", "namespace", "verb", "verdict"),
    [
        # Holding what the role grants is enough; `escalate` replaces it.
        ([grant(WRITE, ["roles"]), grant(["get"], ["pods"], "")], "", "create", Verdict.ALLOWED),
        ([grant(WRITE, ["roles"]), grant(["get"], ["pods"], "")], "app", "create", Verdict.ALLOWED),
        ([grant(WRITE, ["roles"])], "", "create", Verdict.DENIED),
        ([grant([*WRITE, "escalate"], ["roles"])], "", "create", Verdict.ALLOWED),
        ([grant([*WRITE, "escalate"], ["roles"])], "app", "create", Verdict.ALLOWED),
        ([grant([*WRITE, "bind"], ["roles"])], "", "create", Verdict.DENIED),
        ([grant(["*"], ["roles"])], "", "create", Verdict.ALLOWED),
        # `escalate` is never asked on the bindings.
        (
            [grant(WRITE, ["roles"]), grant(["escalate", "bind"], ["rolebindings"])],
            "",
            "create",
            Verdict.DENIED,
        ),
        # In another group, it is nothing.
        ([grant(WRITE, ["roles"]), grant(["escalate"], ["roles"], "")], "", "create", Verdict.DENIED),
        # A POST has no name; a patch, an update and an apply have one.
        (
            [grant(WRITE, ["roles"]), grant(["escalate"], ["roles"], names=["target"])],
            "",
            "create",
            Verdict.DENIED,
        ),
        (
            [grant(WRITE, ["roles"]), grant(["escalate"], ["roles"], names=["target"])],
            "",
            "update",
            Verdict.ALLOWED,
        ),
        (
            [grant(WRITE, ["roles"]), grant(["escalate"], ["roles"], names=["target"])],
            "",
            "apply",
            Verdict.ALLOWED,
        ),
        # The plain verb is asked before, by `allows`.
        ([grant(["escalate"], ["roles"])], "", "create", Verdict.ALLOWED),
        ([grant(["patch", "escalate"], ["roles"])], "", "apply", Verdict.ALLOWED),
    ],
)
def test_writing_a_role(rules: object, namespace: str, verb: str, verdict: Verdict) -> None:
    assert Authorizer(held(rules, namespace)).may_write_role(USER, GROUPS, PODS, verb).verdict is verdict


@pytest.mark.parametrize(
    ("rules", "namespace", "verdict"),
    [
        ([grant([*WRITE, "escalate"], ["clusterroles"])], "", Verdict.ALLOWED),
        ([grant([*WRITE, "escalate"], ["clusterroles"])], "app", Verdict.DENIED),
        ([grant(WRITE, ["clusterroles"]), grant(["get"], ["pods"], "")], "", Verdict.ALLOWED),
    ],
)
def test_writing_a_cluster_role(rules: object, namespace: str, verdict: Verdict) -> None:
    assert Authorizer(held(rules, namespace)).may_write_role(USER, GROUPS, CLUSTER_PODS).verdict is verdict


def test_an_aggregated_role_needs_full_authority() -> None:
    written = role("sum", [], aggregationRule={"clusterRoleSelectors": [{"matchLabels": {"a": "b"}}]})
    writer = held([grant(WRITE, ["clusterroles"])])
    decision = Authorizer(writer).may_write_role(USER, GROUPS, written)
    assert decision.verdict is Verdict.DENIED
    assert decision.message.endswith("must have cluster-admin privileges to use the aggregationRule")
    admin = [binding("ClusterRole", "cluster-admin")]
    assert Authorizer(admin).may_write_role(USER, GROUPS, written).verdict is Verdict.ALLOWED


@pytest.mark.parametrize(
    ("rules", "namespace", "verdict"),
    [
        ([grant(WRITE, ["rolebindings"])], "", Verdict.DENIED),
        ([grant([*WRITE, "bind", "escalate"], ["rolebindings"])], "", Verdict.DENIED),
        ([grant(WRITE, ["rolebindings"]), grant(["bind"], ["roles"])], "", Verdict.ALLOWED),
        (
            [grant(WRITE, ["rolebindings"]), grant(["bind"], ["roles"], names=["target"])],
            "app",
            Verdict.ALLOWED,
        ),
        ([grant(WRITE, ["rolebindings"]), grant(["bind"], ["roles"], names=["other"])], "", Verdict.DENIED),
        ([grant(WRITE, ["rolebindings"]), grant(["bind"], ["clusterroles"])], "", Verdict.DENIED),
        ([grant(WRITE, ["rolebindings"]), grant(["escalate"], ["roles"])], "", Verdict.DENIED),
        ([grant(WRITE, ["rolebindings"]), grant(["get"], ["pods"], "")], "app", Verdict.ALLOWED),
        ([grant(["bind"], ["roles"])], "", Verdict.ALLOWED),  # the plain verb is asked before, by `allows`
    ],
)
def test_writing_a_role_binding(rules: object, namespace: str, verdict: Verdict) -> None:
    objects = [*held(rules, namespace), PODS]
    assert Authorizer(objects).may_write_binding(USER, GROUPS, BINDS_PODS).verdict is verdict


def test_bind_on_cluster_roles_in_a_role_serves_bindings_of_its_namespace() -> None:
    rules = [grant(WRITE, ["rolebindings"]), grant(["bind"], ["clusterroles"], names=["view"])]
    authorizer = Authorizer(held(rules, "app"))
    assert authorizer.may_write_binding(USER, GROUPS, binding("ClusterRole", "view", "app")).verdict is Verdict.ALLOWED
    assert authorizer.may_write_binding(USER, GROUPS, binding("ClusterRole", "edit", "app")).verdict is Verdict.DENIED
    elsewhere = authorizer.may_write_binding(USER, GROUPS, binding("ClusterRole", "view", "other"))
    assert elsewhere.verdict is Verdict.DENIED


def test_a_role_that_is_nowhere_can_only_be_bound_with_bind() -> None:
    writes = grant(WRITE, ["rolebindings"])
    ghost = binding("Role", "ghost", "app")
    assert Authorizer(held([writes])).may_write_binding(USER, GROUPS, ghost).verdict is Verdict.UNKNOWN
    with_bind = held([writes, grant(["bind"], ["roles"])])
    assert Authorizer(with_bind).may_write_binding(USER, GROUPS, ghost).verdict is Verdict.ALLOWED


def test_masters_pass_before_any_rule_is_read() -> None:
    masters = (MASTERS, "system:authenticated")
    assert Authorizer([]).may_write_role("root", masters, PODS).verdict is Verdict.ALLOWED
    assert Authorizer([]).may_write_binding("root", masters, binding("Role", "ghost", "app")).verdict is Verdict.ALLOWED


def test_the_refusal_is_in_the_api_servers_words() -> None:
    target = role("web", [grant(["create", "delete"], ["deployments"], "apps"), grant(["get"], ["secrets"], "")], "app")
    decision = Authorizer(held([grant(WRITE, ["roles"])])).may_write_role(USER, GROUPS, target)
    assert decision.missing == [
        PolicyRule(("create", "delete"), ("apps",), ("deployments",)),
        PolicyRule(("get",), ("",), ("secrets",)),
    ]
    assert decision.message == (
        'roles.rbac.authorization.k8s.io "web" is forbidden: user "system:serviceaccount:ci:deployer" '
        '(groups=["system:serviceaccounts" "system:serviceaccounts:ci" "system:authenticated"]) '
        "is attempting to grant RBAC permissions not currently held:\n"
        '{APIGroups:[""], Resources:["secrets"], Verbs:["get"]}\n'
        '{APIGroups:["apps"], Resources:["deployments"], Verbs:["create" "delete"]}'
    )


def test_the_plain_verb_is_another_question() -> None:
    request = Request("create", GROUP, "roles", namespace="app")
    assert Authorizer(held([grant(["escalate"], ["roles"])])).allows(USER, GROUPS, request) is Verdict.DENIED


def test_admin_does_not_hold_every_verb() -> None:
    authorizer = Authorizer([binding("ClusterRole", "admin", "app")])
    everything = role("all", [grant(["*"], ["configmaps"], "")], "app")
    some = role("some", [grant(["get", "create"], ["configmaps", "pods"], "")], "app")
    assert authorizer.may_write_role(USER, GROUPS, everything).verdict is Verdict.DENIED
    assert authorizer.may_write_role(USER, GROUPS, some).verdict is Verdict.ALLOWED
    assert authorizer.may_write_binding(USER, GROUPS, binding("ClusterRole", "view", "app")).verdict is Verdict.ALLOWED


def test_a_home_made_star_role_does_not_hold_cluster_admin() -> None:
    rules = Authorizer(held([{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}])).rules_for(USER, GROUPS).rules
    admin = Authorizer([]).role_rules("ClusterRole", "cluster-admin").rules
    assert not covers(rules, admin).covered


@pytest.mark.parametrize(
    ("name", "request_", "verdict"),
    [
        ("view", Request("get", "", "secrets", namespace="app"), Verdict.DENIED),
        ("view", Request("watch", "apps", "replicasets", namespace="app"), Verdict.ALLOWED),
        ("view", Request("get", "", "namespaces", name="app", namespace="app"), Verdict.ALLOWED),
        ("edit", Request("delete", "", "secrets", namespace="app"), Verdict.ALLOWED),
        ("edit", Request("get", GROUP, "roles", namespace="app"), Verdict.DENIED),
        ("admin", Request("deletecollection", GROUP, "roles", namespace="app"), Verdict.ALLOWED),
        ("admin", Request("bind", GROUP, "roles", namespace="app"), Verdict.DENIED),
        ("admin", Request("create", "discovery.k8s.io", "endpointslices", namespace="app"), Verdict.DENIED),
        ("cluster-admin", Request("frob", "example.com", "widgets", "x", namespace="app"), Verdict.ALLOWED),
        ("edit", Request("delete", "", "secrets", namespace="other"), Verdict.DENIED),
        ("edit", Request("get", path="/version"), Verdict.ALLOWED),
    ],
)
def test_the_built_in_roles(name: str, request_: Request, verdict: Verdict) -> None:
    assert Authorizer([binding("ClusterRole", name, "app")]).allows(USER, GROUPS, request_) is verdict


def test_a_manifest_replaces_the_built_in_role_of_its_name() -> None:
    objects = [role("view", [grant(["get"], ["secrets"], "")]), binding("ClusterRole", "view", "app")]
    authorizer = Authorizer(objects)
    assert authorizer.allows(USER, GROUPS, Request("get", "", "secrets", namespace="app")) is Verdict.ALLOWED
    assert authorizer.allows(USER, GROUPS, Request("get", "", "pods", namespace="app")) is Verdict.DENIED


def labelled(name: str, rules: object, **labels: str) -> Manifest:
    return {"kind": "ClusterRole", "metadata": {"name": name, "labels": labels}, "rules": rules}


def sums(name: str, *selectors: Manifest, **labels: str) -> Manifest:
    return {
        **labelled(name, [grant(["*"], ["*"], "*")], **labels),
        "aggregationRule": {"clusterRoleSelectors": list(selectors)},
    }


def test_aggregation_adds_to_the_default_roles() -> None:
    label = {"rbac.authorization.k8s.io/aggregate-to-view": "true"}
    widgets = labelled("widgets", [grant(VIEW, ["widgets"], "example.com")], **label)
    authorizer = Authorizer([widgets, binding("ClusterRole", "admin", "app")])
    request = Request("list", "example.com", "widgets", namespace="app")
    assert authorizer.allows(USER, GROUPS, request) is Verdict.ALLOWED


def test_written_rules_of_an_aggregated_role_do_not_count() -> None:
    objects = [
        sums("sum", {"matchLabels": {"a": "b"}}),
        labelled("part", [grant(["get"], ["pods"], "")], a="b"),
    ]
    authorizer = Authorizer([*objects, binding("ClusterRole", "sum")])
    assert authorizer.allows(USER, GROUPS, Request("get", "", "pods")) is Verdict.ALLOWED
    assert authorizer.allows(USER, GROUPS, Request("get", "", "secrets")) is Verdict.DENIED


@pytest.mark.parametrize(
    ("selector", "selected"),
    [
        ({}, True),
        ({"matchLabels": {"a": "b"}}, True),
        ({"matchLabels": {"a": "c"}}, False),
        ({"matchExpressions": [{"key": "a", "operator": "In", "values": ["b"]}]}, True),
        ({"matchExpressions": [{"key": "a", "operator": "NotIn", "values": ["b"]}]}, False),
        ({"matchExpressions": [{"key": "z", "operator": "NotIn", "values": ["b"]}]}, True),
        ({"matchExpressions": [{"key": "a", "operator": "Exists"}]}, True),
        ({"matchExpressions": [{"key": "a", "operator": "DoesNotExist"}]}, False),
        ({"matchLabels": {"a": "b"}, "matchExpressions": [{"key": "z", "operator": "Exists"}]}, False),
    ],
)
def test_aggregation_selectors(selector: Manifest, selected: bool) -> None:
    part = labelled("part", [grant(["frob"], ["widgets"], "example.com")], a="b")
    authorizer = Authorizer([sums("sum", selector), part])
    rules = authorizer.role_rules("ClusterRole", "sum").rules
    assert (PolicyRule(("frob",), ("example.com",), ("widgets",)) in rules) is selected


def test_aggregation_that_goes_round_in_a_circle_ends() -> None:
    objects = [
        sums("one", {"matchLabels": {"a": "1"}}, b="1"),
        sums("two", {"matchLabels": {"b": "1"}}, a="1"),
        labelled("leaf", [grant(["get"], ["pods"], "")], b="1"),
    ]
    authorizer = Authorizer(objects)
    wanted = (PolicyRule(("get",), ("",), ("pods",)),)
    assert authorizer.role_rules("ClusterRole", "one").rules == wanted
    assert authorizer.role_rules("ClusterRole", "two").rules == wanted


PODS_REQUEST = Request("get", "", "pods", namespace="app")


@pytest.mark.parametrize(
    "objects",
    [
        [binding("ClusterRole", "of-another-chart", "app")],
        [binding("ClusterRole", "system:something")],
        held([{"verbs": ["get"], "apiGroups": [""], "resources": ["${RESOURCE}"]}]),
        held("{{ .Values.rules }}"),
        [role("r", [grant(["get"], ["pods"], "")]), binding("ClusterRole", "r", "${NAMESPACE}")],
        [
            role("r", [grant(["get"], ["pods"], "")]),
            binding("ClusterRole", "r", "app", [{"kind": "ServiceAccount", "name": "${NAME}", "namespace": "ci"}]),
        ],
        [
            role("r", [grant(["get"], ["pods"], "")]),
            binding("ClusterRole", "r", "app", [{"kind": "User", "name": "${U}"}]),
        ],
        [
            role("r", [grant(["list"], ["pods"], "")]),
            *held([grant(["get"], ["nodes"], "")]),
            role("held", []),
        ],
    ],
)
def test_what_cannot_be_read_is_unknown_rather_than_denied(objects: list[Manifest]) -> None:
    assert Authorizer(objects).allows(USER, GROUPS, PODS_REQUEST) is Verdict.UNKNOWN


@pytest.mark.parametrize(
    "subject",
    [
        {"kind": "ServiceAccount", "name": "${NAME}", "namespace": "other"},
        {"kind": "ServiceAccount", "name": "other", "namespace": "${NAMESPACE}"},
        {"kind": "Group", "name": "dev"},
    ],
)
def test_template_text_about_somebody_else_hides_nothing(subject: Manifest) -> None:
    objects = [role("r", [grant(["get"], ["pods"], "")]), binding("ClusterRole", "r", "app", [subject])]
    assert Authorizer(objects).allows(USER, GROUPS, PODS_REQUEST) is Verdict.DENIED


def test_a_role_of_another_api_group_is_not_one() -> None:
    other = {"apiVersion": "iam.example.com/v1", "kind": "Role", "metadata": {"name": "view"}, "rules": []}
    assert Authorizer([other]).role_rules("Role", "view", "app").unknown


@pytest.mark.parametrize("garbage", [{}, {"kind": "Role"}, {"kind": "RoleBinding", "subjects": 3, "roleRef": []}])
def test_garbage_never_raises(garbage: Manifest) -> None:
    authorizer = Authorizer([garbage])
    authorizer.allows(USER, GROUPS, PODS_REQUEST)
    authorizer.may_write_role(USER, GROUPS, garbage)
    authorizer.may_write_binding(USER, GROUPS, garbage)
    list(validate(garbage))


def test_built_in_objects_are_valid() -> None:
    assert [rejection for item in builtin_manifests() for rejection in validate(item)] == []


def ask_many(count: int) -> None:
    subjects = [[{"kind": "ServiceAccount", "name": f"a{n}", "namespace": "ci"}] for n in range(count)]
    objects = [
        {**binding("ClusterRole", "view", "app", subject), "metadata": {"name": f"b{n}", "namespace": "app"}}
        for n, subject in enumerate(subjects)
    ]
    authorizer = Authorizer(objects)
    for n in range(count):
        assert authorizer.allows(f"system:serviceaccount:ci:a{n}", GROUPS, PODS_REQUEST) is Verdict.ALLOWED


def test_bindings_take_linear_time() -> None:
    assert grows_linearly(ask_many, 500)


def bound(**changes: object) -> Manifest:
    return {**binding("ClusterRole", "view"), **changes}


@pytest.mark.parametrize(
    ("obj", "field"),
    [
        (role("r", [{"apiGroups": [""], "resources": ["pods"]}]), "rules.0.verbs"),
        (role("r", [{"apiGroups": [""], "resources": ["pods"], "verbs": []}]), "rules.0.verbs"),
        (role("r", [{"resources": ["pods"], "verbs": ["get"]}]), "rules.0.apiGroups"),
        (role("r", [{"apiGroups": [""], "verbs": ["get"]}]), "rules.0.resources"),
        (role("r", [{"nonResourceURLs": ["/x"], "verbs": ["get"]}], "app"), "rules.0.nonResourceURLs"),
        (
            role("r", [{"nonResourceURLs": ["/x"], "verbs": ["get"], "apiGroups": [""]}]),
            "rules.0.nonResourceURLs",
        ),
        (role("r", [], aggregationRule={}), "aggregationRule.clusterRoleSelectors"),
        (bound(roleRef={"kind": "Role", "name": "x"}), "roleRef.kind"),
        (bound(roleRef={"kind": "ClusterRole"}), "roleRef.name"),
        (bound(roleRef={"kind": "ClusterRole", "name": "a/b"}), "roleRef.name"),
        (bound(roleRef={"kind": "ClusterRole", "name": ".."}), "roleRef.name"),
        (bound(roleRef={"kind": "ClusterRole", "name": "x", "apiGroup": "v1"}), "roleRef.apiGroup"),
        (bound(subjects=[{"kind": "Pod", "name": "x"}]), "subjects.0.kind"),
        (bound(subjects=[{"kind": "User"}]), "subjects.0.name"),
        (bound(subjects=[{"kind": "User", "name": "x", "apiGroup": "v1"}]), "subjects.0.apiGroup"),
        (bound(subjects=[{"kind": "ServiceAccount", "name": "x"}]), "subjects.0.namespace"),
        (bound(subjects=[{"kind": "ServiceAccount", "name": "X", "namespace": "a"}]), "subjects.0.name"),
        (
            bound(subjects=[{"kind": "ServiceAccount", "name": "x", "namespace": "a", "apiGroup": GROUP}]),
            "subjects.0.apiGroup",
        ),
    ],
)
def test_what_the_api_server_rejects(obj: Manifest, field: str) -> None:
    assert [".".join(map(str, rejection.path)) for rejection in validate(obj)] == [field]


@pytest.mark.parametrize(
    "obj",
    [
        role("System:Odd-Name", []),
        role("r", None),
        role("r", [grant(["create", "list"], ["pods"], "", ["a"])]),
        role("r", [grant(["frob"], ["widgets"], "nowhere")]),
        role("r", "{{ .Values.rules }}"),
        role("r", [{"apiGroups": [""], "resources": "${RESOURCES}", "verbs": ["get"]}]),
        bound(subjects=[]),
        bound(subjects=None),
        bound(roleRef={"kind": "ClusterRole", "name": "system:node"}),
        bound(roleRef={"kind": "${KIND}", "name": "${A}/b"}),
        bound(subjects=[{"kind": "User", "name": "x"}]),
        binding("Role", "r", "app", [{"kind": "ServiceAccount", "name": "x"}]),
    ],
)
def test_what_the_api_server_accepts(obj: Manifest) -> None:
    assert list(validate(obj)) == []
