"""`bind` and `escalate`: where they work, who needs them, and who has too much of them."""

from __future__ import annotations

import pytest
import yaml
from access_trees import GROUP, RUNNER, WRITE, bound, job, role, rule, runner
from effort import grows_linearly
from linting import lint_texts

from kubelint.checks import Severity
from kubelint.config.model import RuleSetting
from kubelint.manifests import ClusterSettings

RULES = (
    "binding-writer-lacks-bind",
    "escalation-verb-on-bindings",
    "escalation-verb-wrong-group",
    "escalate-needs-cluster-binding",
    "escalate-limited-by-name",
    "idle-escalation-verb",
    "grants-escalation",
)


def lint(*objects, select=RULES, files=None, **settings):
    texts = {"all.yaml": yaml.safe_dump_all(list(objects))} if objects else {}
    report = lint_texts({**texts, **(files or {})}, select=select, **settings)
    assert not report.crashed, [finding.message for finding in report.findings]
    return report.findings


def found(*objects, **more):
    return [(finding.meta.id, str(finding.severity)) for finding in lint(*objects, **more)]


TENANT = bound("edit", "group:blue-developers", namespace="blue", kind="ClusterRole", name="developers")
WRITER = role("writer", rule("rolebindings", WRITE))
LACKS = [("binding-writer-lacks-bind", "warning")]


@pytest.mark.parametrize(
    "objects",
    [
        pytest.param([WRITER, bound("writer", RUNNER)], id="in the whole cluster"),
        pytest.param(
            [
                role("writer", rule("rolebindings", WRITE), namespace="blue"),
                bound("writer", RUNNER, namespace="blue"),
            ],
            id="a role in another namespace",
        ),
        pytest.param(
            [WRITER, bound("writer", RUNNER, namespace="blue", kind="ClusterRole")], id="a ClusterRole in a namespace"
        ),
        pytest.param(
            [
                role("part", rule("rolebindings", WRITE), labels={"example.com/runner": "true"}),
                role(
                    "whole", aggregationRule={"clusterRoleSelectors": [{"matchLabels": {"example.com/runner": "true"}}]}
                ),
                bound("whole", RUNNER),
            ],
            id="an aggregated role",
        ),
        pytest.param([WRITER, bound("writer", "group:system:serviceaccounts:ci")], id="the group of its namespace"),
        pytest.param([WRITER, bound("writer", "group:system:serviceaccounts")], id="the group of all accounts"),
    ],
)
def test_a_runner_that_may_only_pass_on_what_it_holds(objects):
    (finding,) = lint(runner(), TENANT, *objects)
    assert (finding.meta.id, finding.severity) == ("binding-writer-lacks-bind", Severity.WARNING)
    assert "`ServiceAccount ci/runner` may write `rolebindings`" in finding.message
    texts = [label.text for label in finding.related]
    assert "`AutoscalingRunnerSet ci/runners` deploys with this account" in texts
    assert "refused, if this account applies it" in texts
    (fix,) = finding.fixes
    assert [edit.text for edit in fix.edits] == [
        f'{{apiGroups: ["{GROUP}"], resources: ["clusterroles"], resourceNames: ["edit"], verbs: ["bind"]}}'
    ]


def test_a_job_and_a_flux_account_and_a_declared_deployer_are_deployers():
    flux = {
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
        "kind": "Kustomization",
        "metadata": {"name": "shop", "namespace": "ci"},
        "spec": {"serviceAccountName": "runner", "path": "./shop", "prune": True, "interval": "10m"},
    }
    granted = [WRITER, bound("writer", RUNNER), TENANT]
    assert found(job(RUNNER, "kubectl", "apply", "--filename", "tenants/"), *granted) == LACKS
    assert found(flux, *granted) == LACKS
    assert found(*granted, cluster=ClusterSettings(deployers=("ServiceAccount/ci/runner",))) == LACKS
    assert found(*granted) == [("binding-writer-lacks-bind", "info")]


def test_bindings_of_the_cluster_do_not_count_in_a_namespace():
    """A Role cannot let anybody write ClusterRoleBindings, so nothing is lacking."""
    objects = [
        role("writer", rule("clusterrolebindings", WRITE), namespace="blue"),
        bound("writer", RUNNER, namespace="blue"),
    ]
    assert found(runner(), *objects) == []


def test_escalate_has_to_be_held_for_the_kind_that_is_written():
    held = role("writer", rule("roles", WRITE), rule("clusterroles", ("escalate",), ("web",)))
    reported = found(runner(), held, bound("writer", RUNNER))
    assert ("binding-writer-lacks-bind", "warning") in reported


def test_what_is_granted_on_bindings_moves_to_the_roles_that_they_name():
    objects = [role("writer", rule("rolebindings", (*WRITE, "bind", "escalate"))), bound("writer", RUNNER), TENANT]
    (finding,) = lint(runner(), *objects)
    assert (finding.meta.id, finding.severity) == ("escalation-verb-on-bindings", Severity.ERROR)
    (fix,) = finding.fixes
    assert fix.title == "give `bind` on `edit` instead"
    assert [edit.action for edit in fix.edits] == ["delete", "delete", "append"]
    assert not any("escalate" in edit.text for edit in fix.edits)


def test_a_fix_never_gives_an_unlimited_verb():
    objects = [role("writer", rule("rolebindings roles", WRITE), rule("rolebindings", ("bind", "escalate")))]
    (finding,) = lint(*objects, bound("writer", RUNNER))
    assert finding.severity is Severity.ERROR and not finding.fixes


def test_two_dead_rules_get_one_new_rule():
    dead = role("writer", rule("rolebindings", (*WRITE, "bind")), rule("clusterrolebindings", ("get", "bind")))
    findings = lint(dead, bound("writer", RUNNER), TENANT)
    appended = [edit for finding in findings for fix in finding.fixes for edit in fix.edits if edit.action == "append"]
    assert len(findings) == 2 and all(finding.fixes for finding in findings) and len(appended) == 1


def test_a_role_that_a_patch_completes_is_a_warning_at_most():
    writer = yaml.safe_dump(role("writer", rule("rolebindings", (*WRITE, "bind"))))
    patch = '[{"op": "add", "path": "/rules/-", "value": {}}]'
    kustomization = {"resources": ["role.yaml"], "patches": [{"target": {"kind": "ClusterRole"}, "patch": patch}]}
    files = {"role.yaml": writer, "kustomization.yaml": yaml.safe_dump(kustomization)}
    assert found(files=files) == [("escalation-verb-on-bindings", "warning")]


@pytest.mark.parametrize(
    ("rules", "gain"),
    [
        ([rule("*", ("*",))], "any right in the whole cluster"),
        ([rule("roles clusterroles rolebindings", ("*",))], "any right in every namespace"),
        ([rule("rolebindings", WRITE), rule("clusterroles", ("bind",))], "any right in every namespace"),
        ([rule("clusterrolebindings", WRITE), rule("clusterroles", ("bind",))], "any right in the whole cluster"),
        ([rule("rolebindings", WRITE), rule("roles", ("bind",))], "the rights of every Role in every namespace"),
        ([rule("clusterroles", ("update", "escalate"))], "any right in the whole cluster"),
        ([rule("roles", ("patch", "escalate"))], "any right in every namespace"),
    ],
)
def test_what_an_unlimited_verb_is_worth(rules, gain):
    (finding,) = lint(role("writer", *rules), bound("writer", RUNNER), select=("grants-escalation",))
    assert finding.message.startswith(f"`ServiceAccount ci/runner` can give itself {gain}: ")
    assert finding.severity is Severity.WARNING


def test_in_a_namespace_it_is_worth_that_namespace():
    objects = [role("writer", rule("*", ("*",)), namespace="blue"), bound("writer", RUNNER, namespace="blue")]
    (finding,) = lint(*objects, select=("grants-escalation",))
    assert "can give itself any right in the namespace `blue`" in finding.message


def test_namespaces_of_controllers_are_an_option():
    objects = [role("manager", rule("*", ("*",))), bound("manager", "team-rbac/manager")]
    select = ("grants-escalation",)
    assert found(*objects, select=select) == [("grants-escalation", "warning")]
    rules = {"grants-escalation": RuleSetting(options={"controllers": ["team-*"]})}
    assert found(*objects, select=select, rules=rules) == []


def test_what_everybody_holds_is_nobodys_own():
    objects = [role("manager", rule("*", ("*",))), bound("manager", "group:system:authenticated")]
    assert found(*objects, select=("grants-escalation",)) == [("grants-escalation", "warning")]


def test_people_whose_groups_no_file_names_are_left_alone():
    bindings = bound("writer", "user:jane@example.com", "group:oidc:access-managers")
    assert found(runner(), role("writer", rule("rolebindings", WRITE)), bindings) == []


def test_a_subject_without_a_namespace_means_that_of_the_binding():
    writer = [
        role("writer", rule("rolebindings", WRITE), namespace="ci"),
        bound("writer", "runner", namespace="ci"),
        bound("edit", "group:developers", namespace="ci", kind="ClusterRole", name="developers"),
    ]
    binder = [
        role("binder", rule("clusterroles", ("bind",), ("edit",)), namespace="ci"),
        bound("binder", RUNNER, namespace="ci"),
    ]
    assert found(runner(), *writer) == LACKS
    assert found(runner(), *writer, *binder) == []


def test_verbs_of_other_api_groups_are_theirs():
    broker = role("broker", rule("rolebindings", ("bind",), (), ("services.example.com",)))
    keeper = rule("clusterroles roles", ("bind", "escalate"), (), ("roles.example.com",))
    assert found(broker, role("keeper", keeper, namespace="blue")) == []


def test_an_api_group_that_is_left_out_is_filled_in_by_the_api_server():
    binding = bound("writer", RUNNER, "user:jane")
    del binding["roleRef"]["apiGroup"], binding["subjects"][1]["apiGroup"]
    assert found(runner(), WRITER, binding, TENANT) == LACKS
    granted = role("binder", rule("clusterroles", ("bind",), ("edit",)))
    given = bound("binder", RUNNER)
    del given["roleRef"]["apiGroup"]
    assert found(runner(), WRITER, binding, granted, given, TENANT) == []


def test_an_administrator_of_one_namespace_is_none_elsewhere():
    objects = [WRITER, bound("writer", RUNNER), bound("cluster-admin", RUNNER, namespace="green", kind="ClusterRole")]
    assert found(runner(), TENANT, *objects) == LACKS


def test_every_verb_is_not_covered_by_admin():
    objects = [
        bound("admin", RUNNER, namespace="blue", kind="ClusterRole"),
        role("writer", rule("roles", WRITE), namespace="blue"),
        bound("writer", RUNNER, namespace="blue"),
        role("all", rule("configmaps", ("*",), (), ("",)), namespace="blue"),
    ]
    assert found(runner(), *objects) == LACKS


def test_server_side_apply_knows_the_name():
    granted = [role("keeper", rule("roles", WRITE), rule("roles", ("escalate",), ("web",))), bound("keeper", RUNNER)]
    select = ("escalate-limited-by-name",)
    assert found(job(RUNNER, "kubectl", "apply", "-f", "."), *granted, select=select) == [(select[0], "info")]
    assert found(job(RUNNER, "kubectl", "apply", "--server-side", "-f", "."), *granted, select=select) == []


def test_other_overlays_and_repositories_stay_apart():
    clusters = {
        "clusters/one/role.yaml": yaml.safe_dump_all([role("binder", rule("clusterroles", ("bind",), ("view",)))]),
        "clusters/one/binding.yaml": yaml.safe_dump_all([bound("binder", RUNNER)]),
        "clusters/two/writer.yaml": yaml.safe_dump_all([WRITER, bound("writer", RUNNER)]),
    }
    assert sorted(found(files=clusters)) == [("binding-writer-lacks-bind", "info"), ("idle-escalation-verb", "info")]
    together = {name.replace("clusters/two", "clusters/one"): text for name, text in clusters.items()}
    assert found(files=together) == []


TEMPLATES = ["{{ .Values.x }}", "${VAR}", "$(VAR)"]


@pytest.mark.parametrize("text", TEMPLATES)
def test_template_text_is_unknown(text):
    dead = role("dead", rule("rolebindings", ("create", "bind")), rule("roles", ("get",)))
    for key in ("verbs", "resources", "apiGroups"):
        hidden = yaml.safe_load(yaml.safe_dump(dead))
        hidden["rules"][0][key] = [*hidden["rules"][0][key], text]
        assert found(hidden, bound("dead", RUNNER)) == []
    assert found(WRITER, bound("writer", f"ci/{text}")) == []
    assert found(WRITER, bound("writer", RUNNER), bound(text, RUNNER, name="more")) == []
    assert found(WRITER, bound("writer", RUNNER, namespace=text, kind="ClusterRole")) == []


@pytest.mark.parametrize(
    "wrong", ["text", None, 3, [None], [{"verbs": None}], [{"verbs": ["bind"], "resources": "roles"}], [[]]]
)
def test_rules_of_a_wrong_shape_crash_nothing(wrong):
    broken = role("broken")
    broken["rules"] = wrong
    assert found(broken, bound("broken", RUNNER)) == []


def test_cyclic_aggregation_ends():
    first = {"aggregationRule": {"clusterRoleSelectors": [{"matchLabels": {"into": "first"}}]}}
    second = {"aggregationRule": {"clusterRoleSelectors": [{"matchLabels": {"into": "second"}}]}}
    objects = [
        role("first", labels={"into": "second"}, **first),
        role("second", labels={"into": "first"}, **second),
        role("part", rule("rolebindings", WRITE), labels={"into": "first"}),
        bound("second", RUNNER),
        TENANT,
    ]
    assert found(runner(), *objects) == LACKS


def lint_many(count):
    objects = [
        part
        for index in range(count)
        for part in (
            role(f"role-{index}", rule("rolebindings", WRITE), rule("roles", ("escalate",), ("web",))),
            bound(f"role-{index}", f"ns-{index % 80}/account-{index % 80}"),
        )
    ]
    lint(files={"all.yaml": yaml.safe_dump_all(objects)})


def test_many_roles_and_bindings_take_linear_time():
    assert grows_linearly(lint_many, 80)
