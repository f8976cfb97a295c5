"""Roles and bindings that a deployer applies and the API server refuses; and everything that it accepts, or that nobody
can know.
"""

from __future__ import annotations

import pytest
import yaml
from access_trees import GROUP, RUNNER, WRITE, aggregating, bound, chart, core, job, obj, role, rule, runner, workflow
from access_trees import written as as_files
from effort import grows_linearly
from linting import lint_texts

from kubelint.checks import Severity
from kubelint.config.model import Settings
from kubelint.manifests import ClusterSettings

CREATE, BIND = "deployer-cannot-create-role", "deployer-cannot-bind-role"
GENERAL = "binding-writer-lacks-bind"
APPLY = workflow("kubectl apply -f deploy/")
HELM = "helm upgrade --install web ./chart -n shop"
JOBS = rule("jobs", "get list", (), ["batch"])
DEVELOPERS = bound("edit", "group:developers", namespace="shop", kind="ClusterRole", name="developers")
READER = role("reader", core("pods", "get list"), namespace="shop")
READERS = bound("reader", "group:developers", namespace="shop", name="readers")
WRITER = role("writer", rule("rolebindings roles", WRITE), namespace="shop")
HELD = (runner(), WRITER, bound("writer", RUNNER, namespace="shop"))
EVERYWHERE = (
    runner(),
    role("writer", rule("rolebindings roles clusterroles clusterrolebindings", WRITE)),
    bound("writer", RUNNER),
)
NAMED_BIND = rule("clusterroles", "bind", ["edit"])


def deploy(*objects):
    """Files that `kubectl apply -f deploy/` applies."""
    return {f"deploy/{index}.yaml": yaml.safe_dump(each) for index, each in enumerate(objects)}


def templates(*texts):
    return {**chart(), **{f"chart/templates/{index}.yaml": text for index, text in enumerate(texts)}}


def lint(*tree, select=(CREATE, BIND), **settings):
    report = lint_texts(as_files(tree), select=select, **settings)
    assert not report.crashed, [finding.message for finding in report.findings]
    return report.findings


def found(*tree, **more):
    return [(finding.meta.id, str(finding.severity)) for finding in lint(*tree, **more)]


def plus(held, *rules, index=1):
    """The objects, with more rules in the role among them."""
    return tuple(
        {**each, "rules": [*each["rules"], *rules]} if place == index else each for place, each in enumerate(held)
    )


def unplaced(manifest):
    """As charts write objects: in the namespace of the release."""
    return {**manifest, "metadata": {key: value for key, value in manifest["metadata"].items() if key != "namespace"}}


def annotated(manifest, **annotations):
    return {**manifest, "metadata": {**manifest["metadata"], "annotations": annotations}}


HOOKED = annotated(unplaced(DEVELOPERS), **{"helm.sh/hook": "pre-install,pre-upgrade"})
FLUX = {
    **obj("Kustomization", "kustomize.toolkit.fluxcd.io/v1", "shop", "tenants"),
    "spec": {
        "interval": "5m",
        "path": "./deploy",
        "prune": True,
        "serviceAccountName": "shop",
        "sourceRef": {"kind": "GitRepository", "name": "shop"},
    },
}
SOURCE = obj(
    "GitRepository", "source.toolkit.fluxcd.io/v1", "shop", "tenants", spec={"url": "https://example.com/shop"}
)
CHART_OF_FLUX = {"chart": "./chart", "sourceRef": {"kind": "GitRepository", "name": "shop", "namespace": "tenants"}}
RELEASE = obj("HelmRelease", "helm.toolkit.fluxcd.io/v2", namespace="shop")
RELEASE["spec"] = {"interval": "5m", "serviceAccountName": "runner", "chart": {"spec": CHART_OF_FLUX}}
KUSTOMIZED = {"deploy/kustomization.yaml": "resources: [0.yaml]\n"}
PLACED = {"deploy/kustomization.yaml": "namespace: shop\nresources: [0.yaml]\n"}
REFUSED = {
    "a binding": ([*HELD, deploy(DEVELOPERS), APPLY], [(BIND, "error")]),
    "a role": ([*HELD, deploy(READER), APPLY], [(CREATE, "error")]),
    "a role and its binding": ([*HELD, deploy(READER, READERS), APPLY], [(BIND, "error"), (CREATE, "error")]),
    "a ClusterRole, whose writer must hold it in the whole cluster": (
        [
            *EVERYWHERE,
            role("pods", core("pods", "get")),
            bound("pods", RUNNER, namespace="shop", kind="ClusterRole"),
            deploy(role("reader", core("pods", "get"))),
            APPLY,
        ],
        [(CREATE, "error")],
    ),
    "a ClusterRoleBinding": ([*EVERYWHERE, deploy(bound("view", "group:developers")), APPLY], [(BIND, "error")]),
    "cluster-admin in a namespace is none in the cluster": (
        [
            *EVERYWHERE,
            bound("cluster-admin", RUNNER, namespace="shop", kind="ClusterRole"),
            deploy(bound("view", "group:developers"), DEVELOPERS),
            APPLY,
        ],
        [(BIND, "error")],
    ),
    "every verb is not covered by admin": (
        [
            runner(),
            bound("admin", RUNNER, namespace="shop", kind="ClusterRole"),
            deploy(role("all", core("configmaps", "*"), namespace="shop")),
            APPLY,
        ],
        [(CREATE, "error")],
    ),
    "subresources for finalizers are not covered by admin": (
        [
            runner(),
            bound("admin", RUNNER, namespace="shop", kind="ClusterRole"),
            deploy(role("all", rule("deployments/finalizers", "update", (), ["apps"]), namespace="shop")),
            APPLY,
        ],
        [(CREATE, "error")],
    ),
    "through the group of its namespace": (
        [
            runner(),
            WRITER,
            bound("writer", "group:system:serviceaccounts:ci", namespace="shop"),
            deploy(DEVELOPERS),
            APPLY,
        ],
        [(BIND, "error")],
    ),
    "through an aggregated role": (
        [
            runner(),
            role("part", rule("rolebindings", WRITE), labels={"example.com/runner": "true"}),
            role("whole", **aggregating("example.com/runner")),
            bound("whole", RUNNER, namespace="shop", kind="ClusterRole"),
            deploy(DEVELOPERS),
            APPLY,
        ],
        [(BIND, "error")],
    ),
    "bind on another role": (
        [*plus(HELD, rule("clusterroles", "bind", ["view"])), deploy(DEVELOPERS), APPLY],
        [(BIND, "error")],
    ),
    "bind on the bindings": (
        [*plus(HELD, rule("rolebindings", "bind escalate")), deploy(DEVELOPERS), APPLY],
        [(BIND, "error")],
    ),
    "bind in another namespace": (
        [
            *HELD,
            role("binder", rule("clusterroles", "bind"), namespace="other"),
            bound("binder", RUNNER, namespace="other"),
            deploy(DEVELOPERS),
            APPLY,
        ],
        [(BIND, "error")],
    ),
    "a chart": ([*HELD, chart(unplaced(DEVELOPERS)), workflow(HELM)], [(BIND, "error")]),
    "a chart that waits": ([*HELD, chart(unplaced(DEVELOPERS)), workflow(f"{HELM} --wait")], [(BIND, "error")]),
    "a chart that rolls back": ([*HELD, chart(unplaced(DEVELOPERS)), workflow(f"{HELM} --atomic")], [(BIND, "error")]),
    "a chart with its own role": (
        [*HELD, chart(unplaced(READER), unplaced(READERS)), workflow(HELM)],
        [(BIND, "error"), (CREATE, "error")],
    ),
    "a hook": ([*HELD, chart(HOOKED), workflow(HELM)], [(BIND, "error")]),
    "a hook that is a role": (
        [*HELD, chart(annotated(unplaced(READER), **{"helm.sh/hook": "post-install"})), workflow(HELM)],
        [(CREATE, "error")],
    ),
    "a Job": (
        [
            WRITER,
            bound("writer", "shop/deployer", namespace="shop"),
            chart(unplaced(DEVELOPERS)),
            job("shop/deployer", "helm", "install", "web", "./chart", "-n", "shop"),
        ],
        [(BIND, "error")],
    ),
    "an account of Flux": (
        [FLUX, SOURCE, WRITER, bound("writer", "tenants/shop", namespace="shop"), deploy(DEVELOPERS)],
        [(BIND, "error")],
    ),
    "an account of Flux, with a kustomization": (
        [FLUX, SOURCE, WRITER, bound("writer", "tenants/shop", namespace="shop"), deploy(DEVELOPERS), KUSTOMIZED],
        [(BIND, "error")],
    ),
    "a release of Flux": (
        [
            RELEASE,
            SOURCE,
            WRITER,
            bound("writer", "shop/runner", namespace="shop"),
            chart(unplaced(DEVELOPERS)),
        ],
        [(BIND, "error")],
    ),
    "a binding that a kustomization places": (
        [*HELD, deploy(unplaced(DEVELOPERS)), PLACED, workflow("kubectl apply -k deploy/")],
        [(BIND, "error")],
    ),
    "a role that aggregates": (
        [*EVERYWHERE, deploy(role("all", **aggregating("example.com/all"))), APPLY],
        [(CREATE, "error")],
    ),
    "without URLs nobody is cluster-admin": (
        [
            runner(),
            role("all", rule("*", "get create patch update list watch delete", (), ["*"])),
            bound("all", RUNNER),
            deploy(role("other", **aggregating("example.com/all"))),
            APPLY,
        ],
        [(CREATE, "error")],
    ),
    "escalate by name, which a POST does not have": (
        [*plus(HELD, rule("roles", "escalate", ["reader"])), deploy(READER), APPLY],
        [(CREATE, "warning")],
    ),
    "an upgrade, which changes what is there": (
        [*HELD, chart(unplaced(READER)), workflow("helm upgrade web ./chart -n shop")],
        [(CREATE, "warning")],
    ),
}


@pytest.mark.parametrize(("tree", "expected"), REFUSED.values(), ids=REFUSED.keys())
def test_refused(tree, expected):
    assert sorted(found(*tree)) == sorted(expected)


PATCHED = {
    "deploy/kustomization.yaml": "resources: [0.yaml]\npatches: [{target: {kind: RoleBinding}, path: patch.yaml}]\n",
    "deploy/patch.yaml": "- {op: replace, path: /roleRef/name, value: view}\n",
}
CONDITIONAL = "{{- if .Values.rbac }}\n" + yaml.safe_dump(unplaced(DEVELOPERS)) + "{{- end }}\n"
ACCEPTED = {
    "bind on the role, by name, in a Role": [*plus(HELD, NAMED_BIND), deploy(DEVELOPERS), APPLY],
    "bind on all roles": [*plus(HELD, rule("*", "bind")), deploy(DEVELOPERS), APPLY],
    "every verb on clusterroles": [*plus(HELD, rule("clusterroles", "*")), deploy(DEVELOPERS), APPLY],
    "bind for a chart": [*plus(HELD, NAMED_BIND), chart(unplaced(DEVELOPERS)), workflow(HELM)],
    "escalate": [*plus(HELD, rule("roles", "escalate bind")), deploy(READER, READERS), APPLY],
    "escalate by name, applied on the server": [
        *plus(HELD, rule("roles", "escalate", ["reader"])),
        deploy(READER),
        workflow("kubectl apply --server-side -f deploy/"),
    ],
    "the rights of the role": [*plus(HELD, core("pods", "get list watch")), deploy(READER, READERS), APPLY],
    "a wildcard": [*plus(HELD, core("*", "get list")), deploy(READER, READERS), APPLY],
    "the rights from another binding, of the group": [
        *HELD,
        bound("view", "group:system:serviceaccounts:ci", kind="ClusterRole"),
        deploy(READER, READERS),
        APPLY,
    ],
    "admin passes on what it holds": [
        runner(),
        bound("admin", RUNNER, namespace="shop", kind="ClusterRole"),
        deploy(READER, READERS, DEVELOPERS),
        APPLY,
    ],
    "cluster-admin": [
        runner(),
        bound("cluster-admin", RUNNER),
        deploy(READER, DEVELOPERS, role("all", **aggregating("x")), bound("view", "group:developers")),
        APPLY,
    ],
    "cluster-admin in the namespace": [
        runner(),
        bound("cluster-admin", RUNNER, namespace="shop", kind="ClusterRole"),
        deploy(READER, DEVELOPERS),
        APPLY,
    ],
    "an aggregated role by a cluster-admin of one's own making": [
        runner(),
        role("all", rule("*", "*", (), ["*"]), {"nonResourceURLs": ["*"], "verbs": ["*"]}),
        bound("all", RUNNER),
        deploy(role("other", **aggregating("x"))),
        APPLY,
    ],
    "the plain verb is another rule's": [
        runner(),
        role("writer", core("configmaps", "get create patch"), namespace="shop"),
        bound("writer", RUNNER, namespace="shop"),
        deploy(READER, DEVELOPERS),
        APPLY,
    ],
    "who may change but not create": [
        runner(),
        role("writer", rule("rolebindings roles", "get patch"), namespace="shop"),
        bound("writer", RUNNER, namespace="shop"),
        deploy(READER, DEVELOPERS),
        APPLY,
    ],
    "a role that may be anywhere": [
        *HELD,
        deploy(bound("developers", "group:developers", namespace="shop", kind="ClusterRole")),
        APPLY,
    ],
    "template text in the roleRef": [
        *HELD,
        templates(yaml.safe_dump(unplaced(DEVELOPERS)).replace("name: edit", "name: '{{ .Values.role }}'")),
        workflow(HELM),
    ],
    "template text in the rules": [
        *HELD,
        templates(yaml.safe_dump(unplaced(READER)).replace("- pods", "- '{{ .Values.kind }}'")),
        workflow(HELM),
    ],
    "a variable in the namespace": [
        *HELD,
        deploy({**DEVELOPERS, "metadata": {"name": "d", "namespace": "${NS}"}}),
        APPLY,
    ],
    "a condition in a template": [*HELD, templates(CONDITIONAL), workflow(HELM)],
    "a patch": [*HELD, deploy(DEVELOPERS), PATCHED, workflow("kubectl apply -k deploy/")],
    "bind on a role by the name that a kustomization gives it": [
        *plus(HELD, rule("roles", "bind", ["a-reader"]), rule("roles", "escalate", ["a-reader"])),
        deploy(READERS, READER),
        {"deploy/kustomization.yaml": "namePrefix: a-\nresources: [0.yaml, 1.yaml]\n"},
        workflow("kubectl apply --server-side -k deploy/"),
    ],
    "bind for a binding that a kustomization places": [
        *plus(HELD, NAMED_BIND),
        deploy(unplaced(DEVELOPERS)),
        PLACED,
        workflow("kubectl apply -k deploy/"),
    ],
    "a role of the account that is not in the tree": [
        *HELD,
        bound("more", RUNNER, namespace="shop", name="more"),
        deploy(DEVELOPERS),
        APPLY,
    ],
    "a role of the account with template text": [
        *plus(HELD, rule("${KIND}", "bind")),
        deploy(DEVELOPERS),
        APPLY,
    ],
    "an account that the tree grants nothing": [runner(), deploy(DEVELOPERS, READER), APPLY],
    "nothing is granted there": [*HELD, deploy({**DEVELOPERS, "metadata": {"name": "d", "namespace": "else"}}), APPLY],
    "custom resources, which charts add to admin": [
        runner(),
        bound("admin", RUNNER, namespace="shop", kind="ClusterRole"),
        deploy(role("certs", rule("certificates", "get", (), ["cert-manager.io"]), namespace="shop")),
        APPLY,
    ],
    "a dry run": [*HELD, deploy(DEVELOPERS), workflow("kubectl apply -f deploy/ --dry-run=client")],
    "templates only": [*HELD, chart(unplaced(DEVELOPERS)), workflow("helm template web ./chart -n shop")],
    "no hooks": [*HELD, chart(HOOKED), workflow(f"{HELM} --no-hooks")],
    "a test that is not run": [
        *HELD,
        chart(annotated(unplaced(DEVELOPERS), **{"helm.sh/hook": "test"})),
        workflow(HELM),
    ],
    "deleting": [*HELD, deploy(DEVELOPERS), workflow("kubectl delete -f deploy/")],
    "credentials of its own": [*HELD, deploy(DEVELOPERS), workflow("export KUBECONFIG=k\nkubectl apply -f deploy/")],
    "a runner that is not in the tree": [*HELD[1:], deploy(DEVELOPERS), APPLY],
    "objects that nobody is known to apply": [*HELD, deploy(DEVELOPERS)],
    "another kind called Role": [*HELD, deploy({**READER, "apiVersion": "example.com/v1"}), APPLY],
    "an empty role": [*HELD, deploy(role("empty", namespace="shop")), APPLY],
}


@pytest.mark.parametrize("tree", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_accepted_or_unknown(tree):
    assert found(*tree) == []


def test_what_a_deployer_that_only_the_configuration_knows_is_refused_is_a_warning():
    cluster = Settings().cluster._replace(deployers=("ServiceAccount/ci/runner",))
    tree = [*HELD[1:], deploy(READER, READERS), APPLY]
    assert set(found(*tree, cluster=cluster)) == {(BIND, "warning"), (CREATE, "warning")}


def test_people_in_a_cloud_may_have_other_rights():
    for name, expected in (("jane", 1), ("arn:aws:iam::111122223333:role/deploy", 0)):
        cluster = ClusterSettings(deployers=(f"User/{name}",))
        tree = [WRITER, bound("writer", f"user:{name}", namespace="shop"), deploy(DEVELOPERS), APPLY]
        assert len(found(*tree, cluster=cluster)) == expected


def test_it_is_said_in_the_words_of_the_api_server_along_the_chain():
    (finding,) = lint(*plus(HELD, rule("rolebindings", "bind")), deploy(READERS), READER, APPLY)
    assert finding.message == (
        "`ServiceAccount ci/runner` may not bind Role `reader` in `shop`: `kubectl apply` is refused as "
        '"attempting to grant RBAC permissions not currently held": '
        '{APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}'
    )
    assert [label.text for label in finding.related] == [
        "the job runs here",
        "taken by `AutoscalingRunnerSet ci/runners`",
        "whose pods act as this account",
        "bound here to Role `writer`",
        "may write `rolebindings`, but holds no `bind` on `reader`",
        "`bind` and `escalate` have no effect on bindings",
        "is refused",
        "gives more than the account holds",
    ]
    for scanner in ("CKV_K8S_157", "KSV-0050", "C-0191", "resourceNames"):
        assert scanner in finding.help_text


@pytest.mark.parametrize("names", [20_000])
def test_a_message_stays_readable(names):
    wide = role("wide", core("configmaps", "get", [f"name-{index}" for index in range(names)]), namespace="shop")
    (finding,) = lint(*HELD, deploy(wide), APPLY)
    assert finding.message.endswith(f" and {names - 2} more")
    assert len(finding.message) + len(finding.help_text) < 1500


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("n" * 5000, id="a long name"),
        pytest.param('q"\\', id="characters to escape"),
    ],
)
def test_odd_names(text):
    (finding,) = lint(*HELD, deploy(role("odd", core("configmaps", "get", [text]), namespace="shop")), APPLY)
    assert len(finding.message) < 1000
    (edit,) = finding.fixes[0].edits
    assert yaml.safe_load(edit.text)["resourceNames"] == [text]


def mended(tree, findings):
    """The objects with every fix applied, each of which appends rules to a role."""
    (fixes,) = {tuple(edit.text for finding in findings for fix in finding.fixes for edit in fix.edits)}
    assert fixes
    return plus(tree, *(yaml.safe_load(text) for text in fixes))


@pytest.mark.parametrize("held", [HELD, EVERYWHERE], ids=["in a namespace", "in the cluster"])
@pytest.mark.parametrize(
    "objects",
    [
        pytest.param([DEVELOPERS], id="a binding"),
        pytest.param([READER], id="a role"),
        pytest.param([READER, READERS, DEVELOPERS], id="all of them"),
        pytest.param(
            [
                role(
                    "many", core("pods services", "get list"), rule("jobs", "get list", (), ["batch"]), namespace="shop"
                )
            ],
            id="several rules",
        ),
    ],
)
def test_the_fix_is_enough(held, objects):
    findings = lint(*held, deploy(*objects), APPLY)
    assert findings
    assert not lint(*mended(held, findings), deploy(*objects), APPLY)


def test_the_fix_is_the_least():
    (finding,) = lint(*HELD, deploy(DEVELOPERS), APPLY)
    (edit,) = finding.fixes[0].edits
    assert edit.text == (
        f'{{apiGroups: ["{GROUP}"], resources: ["clusterroles"], resourceNames: ["edit"], verbs: ["bind"]}}'
    )
    assert edit.path == ("rules",)
    (finding,) = lint(*HELD, deploy(role("r", core("pods pods/log", "get list"), namespace="shop")), APPLY)
    assert [edit.text for edit in finding.fixes[0].edits] == [
        '{apiGroups: [""], resources: ["pods", "pods/log"], verbs: ["get", "list"]}'
    ]


@pytest.mark.parametrize(
    "more",
    [
        pytest.param(bound("writer", "group:developers", namespace="shop", name="b"), id="others hold the role"),
        pytest.param(
            [
                role("second", rule("rolebindings", WRITE), namespace="shop"),
                bound("second", RUNNER, namespace="shop"),
            ],
            id="two roles let it write bindings",
        ),
    ],
)
def test_where_no_role_is_the_one_a_whole_one_is_shown(more):
    (finding,) = lint(*HELD, *(more if isinstance(more, list) else [more]), deploy(DEVELOPERS), APPLY)
    assert not finding.fixes
    text = finding.help_text.split("`")[1]
    assert yaml.safe_load(text) == role("runner-bind", NAMED_BIND, namespace="shop")


def test_a_second_role_that_says_nothing_of_bindings_is_not_in_doubt():
    more = [
        role("apps", rule("deployments", WRITE, (), ["apps"]), namespace="shop"),
        bound("apps", RUNNER, namespace="shop"),
    ]
    (finding,) = lint(*HELD, *more, deploy(DEVELOPERS), APPLY)
    assert finding.fixes


@pytest.mark.parametrize("verb", ["*", "escalate", "impersonate"])
def test_powerful_rights_are_not_given_lightly(verb):
    (finding,) = lint(*HELD, deploy(role("r", rule("roles", verb), namespace="shop")), APPLY)
    assert not finding.fixes and finding.help_text.startswith("let an administrator apply it")


def test_an_aggregated_role_takes_an_administrator():
    (finding,) = lint(*EVERYWHERE, deploy(role("all", **aggregating("x"))), APPLY)
    assert '"must have cluster-admin privileges to use the aggregationRule"' in finding.message
    assert not finding.fixes and "only `escalate` on `clusterroles`" in finding.help_text


def test_many_bindings_of_one_role_are_one_finding():
    places = ["shop", "blue", "green", "red", "grey"]
    objects = [bound("view", "group:g", namespace=place, kind="ClusterRole", name="viewers") for place in places]
    (finding,) = lint(*EVERYWHERE, deploy(*objects), APPLY)
    assert "in `shop` and 4 more namespaces" in finding.message
    assert [label.text for label in finding.related][-4:] == ["is refused"] * 3 + ["and 2 more like it"]


def test_a_command_that_is_repeated_is_reported_once():
    assert (
        len(lint(*HELD, deploy(DEVELOPERS), workflow("kubectl apply -f deploy/\nkubectl apply -f deploy/0.yaml"))) == 1
    )


def test_what_a_deployment_gives_its_account_counts_afterwards():
    """The account may write the binding of its own rights, so that it is the one that would."""
    own = bound("view", RUNNER, namespace="shop", kind="ClusterRole")
    assert found(*HELD, deploy(own, READER), APPLY) == [(BIND, "error"), (CREATE, "error")]
    assert found(*HELD, own, deploy(READER), APPLY) == []


def test_what_an_account_could_not_give_itself_somebody_else_has():
    """The folder with its own rights was applied by an administrator first."""
    assert found(runner(), deploy(*plus(HELD[1:], NAMED_BIND, index=0), DEVELOPERS), APPLY) == []
    assert found(runner(), deploy(*HELD[1:], DEVELOPERS), APPLY) == [(BIND, "error")]


def test_a_role_that_is_nowhere_is_bound_by_who_holds_bind():
    kept = [obj("Namespace", name="shop"), obj("ConfigMap", name="web", namespace="shop")]
    missing = bound("reader", "group:developers", namespace="shop", name="readers")
    tree = [*kept, deploy(missing), APPLY]
    (finding,) = lint(*HELD, *tree)
    assert (finding.meta.id, finding.severity) == (BIND, Severity.INFO)
    assert "may not bind Role `reader` as long as nothing has made it" in finding.message
    assert not lint(*plus(HELD, rule("roles", "bind", ["reader"])), *tree)
    assert not lint(*HELD, *tree, {"web.tf": "", "values.yaml": "role: reader\n"})


BOTH = (CREATE, BIND, GENERAL)


def test_what_is_said_of_a_deployment_is_not_said_of_the_account_again():
    assert found(*HELD, deploy(DEVELOPERS), APPLY, select=BOTH) == [(BIND, "error")]
    assert found(*HELD, DEVELOPERS, select=BOTH) == [(GENERAL, "warning")]
    assert found(*HELD, deploy(obj("ConfigMap", namespace="shop")), DEVELOPERS, APPLY, select=BOTH) == [
        (GENERAL, "warning")
    ]


def test_nothing_is_said_of_an_account_that_covers_what_it_applies():
    held = plus(HELD, core("pods", "get list"))
    assert found(*held, deploy(READER, READERS), APPLY, DEVELOPERS, select=BOTH) == []


def lint_many(count):
    """A runner applies as many roles and bindings, in a cluster that has as many others."""
    places = [f"shop-{index}" for index in range(count)]
    others = [bound("view", f"{place}/web", namespace=place, kind="ClusterRole") for place in places]
    applied = [role(place, core("pods", "get"), namespace=place) for place in places]
    bindings = [bound(place, "group:g", namespace=place, name="b") for place in places]
    return lint(*EVERYWHERE, *others, deploy(*applied, *bindings), APPLY)


def test_the_effort_grows_with_the_tree():
    assert grows_linearly(lint_many, 20)
