"""What deployers may do without is not flagged; and with one thing changed, the finding is there."""

import pytest
import yaml
from access_trees import (
    GROUP,
    RUNNER,
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

WAIT, HOOKS, APPLY = "deployer-cannot-wait", "deployer-cannot-run-hooks", "deployer-cannot-apply"
STORE, FOLLOW, FLUX = "deployer-cannot-store-release", "deployer-cannot-watch-rollout", "flux-account-cannot-reconcile"
#: What is said of commands; of the role of an account that seems to deploy, another rule speaks.
COMMANDS = (WAIT, HOOKS, APPLY, STORE, FOLLOW, FLUX)
HELM = "helm upgrade --install web ./chart -n shop"
THREE = {"uses": "azure/setup-helm@v4", "with": {"version": "v3.19.0"}}
FOUR = {"uses": "azure/setup-helm@v4", "with": {"version": "v4.0.1"}}
EACH = "get create update patch delete"
RELEASES = core("secrets", "get list create update delete")
WEB = obj("Deployment", "apps/v1", spec={"replicas": 1})
SETTINGS = obj("ConfigMap", data={"currency": "EUR"})
ELSEWHERE = SETTINGS | {"metadata": {"name": "web", "namespace": "blog"}}
MIGRATION = obj("Job", "batch/v1", "migrate") | {
    "metadata": {"name": "migrate", "annotations": {"helm.sh/hook": "pre-upgrade"}}
}


def apps(resources, verbs):
    return rule(resources, verbs, (), ("apps",))


def granted(*rules, namespace="shop", subject=RUNNER, name="deployer"):
    """A role and its binding."""
    return [role(name, *rules, namespace=namespace), bound(name, subject, namespace=namespace)]


def ran(*access, run=HELM, setup=THREE, charted=(WEB,), **job):
    """A workflow on the runner of the tree, a chart, and what its account holds."""
    return [runner(), workflow(run, setup, **job), chart(*charted), *access]


def applied(*objects):
    """What `kubectl apply -f deploy/` applies."""
    return {"deploy/all.yaml": yaml.safe_dump_all(objects)}


HELD = (apps("deployments", EACH), apps("replicasets", "list"), core("configmaps", EACH), RELEASES)
BLIND = (apps("deployments", EACH), core("configmaps", EACH), RELEASES)
FOLLOWED = f"{EACH} list watch"
WATCHES = (apps("deployments", FOLLOWED), apps("replicasets", "list"), core("configmaps", FOLLOWED), RELEASES)
WAITING = f"{HELM} --wait"
BUILT_IN = [bound("edit", RUNNER, namespace="shop", kind="ClusterRole")]
CASES = {
    "watch on ReplicaSets": (
        ran(*granted(*WATCHES), run=WAITING, setup=FOUR),
        ran(*granted(*WATCHES[:1], *WATCHES[2:]), run=WAITING, setup=FOUR),
        WAIT,
    ),
    "anything on events": (
        ran(*granted(*HELD), run=WAITING),
        ran(*granted(*BLIND, core("events", "get list watch")), run=WAITING),
        WAIT,
    ),
    "any watch, where Helm 3 waits": (
        ran(*granted(*HELD), run=WAITING),
        ran(*granted(*HELD), run=WAITING, setup=FOUR),
        WAIT,
    ),
    "any watch with --wait=legacy": (
        ran(*granted(*HELD), run=f"{WAITING}=legacy", setup=FOUR),
        ran(*granted(*HELD), run=f"{WAITING}=watcher", setup=FOUR),
        WAIT,
    ),
    "list and watch on ConfigMaps, where Helm 3 waits": (
        ran(*granted(*HELD), run=WAITING, charted=(SETTINGS,)),
        ran(*granted(*HELD), run=WAITING, charted=(SETTINGS,), setup=FOUR),
        WAIT,
    ),
    "edit in the namespace of the release": (
        ran(*BUILT_IN, run=WAITING, setup=FOUR, charted=(WEB, SETTINGS, MIGRATION)),
        ran(bound("view", RUNNER, namespace="shop", kind="ClusterRole"), run=WAITING, setup=FOUR),
        APPLY,
    ),
    "admin in the namespace of the release": (
        ran(bound("admin", RUNNER, namespace="shop", kind="ClusterRole"), run=WAITING, setup=FOUR),
        ran(*BUILT_IN, run=WAITING, setup=FOUR, charted=(obj("Role", f"{GROUP}/v1", rules=[]),)),
        APPLY,
    ),
    "wildcards": (
        ran(*granted(apps("*", "*"), RELEASES), run=WAITING, setup=FOUR),
        ran(*granted(apps("*", EACH), RELEASES), run=WAITING, setup=FOUR),
        WAIT,
    ),
    "helm template": (ran(*granted(RELEASES), run="helm template web ./chart -n shop"), ran(*granted(RELEASES)), APPLY),
    "a dry run": (ran(*granted(RELEASES), run=f"{HELM} --dry-run=client"), ran(*granted(RELEASES)), APPLY),
    "helm lint": (ran(*granted(RELEASES), run="helm lint ./chart"), ran(*granted(RELEASES)), APPLY),
    "helm package": (ran(*granted(RELEASES), run="helm package ./chart"), ran(*granted(RELEASES)), APPLY),
    "helm repo": (
        ran(*granted(RELEASES), run="helm repo add example https://charts.example.com"),
        ran(*granted(RELEASES), run=f"helm repo update\n{HELM}"),
        APPLY,
    ),
    "helm diff": (
        ran(*granted(core("secrets", "get list")), run="helm diff upgrade web ./chart -n shop"),
        ran(*granted(core("secrets", "get list")), run=f"helm diff upgrade web ./chart -n shop\n{HELM}"),
        STORE,
    ),
    "objects with a namespace of their own, which are asked for there": (
        ran(*granted(RELEASES), *granted(core("configmaps", EACH), namespace="blog"), charted=(ELSEWHERE,)),
        ran(*granted(*HELD), *granted(core("pods", "get"), namespace="blog"), charted=(ELSEWHERE,)),
        APPLY,
    ),
    "rights from several bindings": (
        ran(*granted(*BLIND), *granted(apps("replicasets", "list"), name="more"), run=WAITING),
        ran(*granted(*BLIND), *granted(apps("replicasets", "get"), name="more"), run=WAITING),
        WAIT,
    ),
    "rights from a ClusterRoleBinding and a RoleBinding": (
        ran(*granted(*BLIND), role("more", apps("replicasets", "list")), bound("more", RUNNER), run=WAITING),
        ran(*granted(*BLIND), role("more", apps("replicasets", "list")), bound("more", "ci/other"), run=WAITING),
        WAIT,
    ),
    "rights from the group of the accounts of a namespace": (
        ran(*granted(*HELD, subject="group:system:serviceaccounts:ci"), run=WAITING),
        ran(*granted(*BLIND, subject="group:system:serviceaccounts:ci"), run=WAITING),
        WAIT,
    ),
    "a ClusterRole through a RoleBinding": (
        ran(role("d", *HELD), bound("d", RUNNER, namespace="shop", kind="ClusterRole"), run=WAITING),
        ran(role("d", *BLIND), bound("d", RUNNER, namespace="shop", kind="ClusterRole"), run=WAITING),
        WAIT,
    ),
    "releases in a database": (
        ran(*granted(*HELD[:-1]), env={"HELM_DRIVER": "sql"}),
        ran(*granted(*HELD[:-1])),
        STORE,
    ),
    "releases in memory": (
        ran(*granted(*HELD[:-1]), env={"HELM_DRIVER": "memory"}),
        ran(*granted(*HELD[:-1]), env={"DRIVER": "memory"}),
        STORE,
    ),
    "hooks with --no-hooks": (
        ran(*granted(*HELD), run=f"{HELM} --no-hooks", charted=(MIGRATION,)),
        ran(*granted(*HELD), charted=(MIGRATION,)),
        HOOKS,
    ),
    "waiting with --wait=hookOnly": (
        ran(*granted(*BLIND), run=f"{HELM} --wait=hookOnly", setup=FOUR),
        ran(*granted(*BLIND), run=f"{HELM} --wait=watcher", setup=FOUR),
        WAIT,
    ),
    "waiting with --wait=false": (
        ran(*granted(*HELD), run=f"{HELM} --wait=false", setup=FOUR),
        ran(*granted(*HELD), run=f"{HELM} --wait=true", setup=FOUR),
        WAIT,
    ),
    "a name, for who follows one rollout": (
        ran(
            role("d", rule("deployments", "get list watch", ["web"], ["apps"]), namespace="shop"),
            bound("d", RUNNER, namespace="shop"),
            run="kubectl rollout status deployment/web -n shop",
        ),
        ran(
            role("d", rule("deployments", "get list watch", ["blog"], ["apps"]), namespace="shop"),
            bound("d", RUNNER, namespace="shop"),
            run="kubectl rollout status deployment/web -n shop",
        ),
        FOLLOW,
    ),
}


@pytest.mark.parametrize(("right", "wrong", "expected"), CASES.values(), ids=CASES)
def test_it_is_not_flagged(right, wrong, expected):
    assert reported(right) == []
    assert (expected, "error") in reported(wrong)


CREDENTIALS = {
    "a variable of the job": ({}, {"env": {"KUBECONFIG": "/etc/deploy/config"}}),
    "a context for AKS": ({"uses": "azure/aks-set-context@v4"}, {}),
    "a context": ({"uses": "azure/k8s-set-context@v4"}, {}),
    "credentials of GKE": ({"uses": "google-github-actions/get-gke-credentials@v2"}, {}),
    "credentials by gcloud": ({"run": "gcloud container clusters get-credentials shop"}, {}),
    "a kubeconfig of EKS": ({"run": "aws eks update-kubeconfig --name shop"}, {}),
    "a kubeconfig by doctl": ({"run": "doctl kubernetes cluster kubeconfig save shop"}, {}),
    "a kubeconfig that is written": ({"run": 'echo "$CONFIG" > ~/.kube/config'}, {}),
}


@pytest.mark.parametrize(("step", "job"), CREDENTIALS.values(), ids=CREDENTIALS)
def test_a_job_with_credentials_of_its_own_is_somebody_else(step, job):
    tree = [runner(), chart(WEB), *granted(*BLIND)]
    assert reported([*tree, workflow(WAITING, step, THREE, **job)], COMMANDS) == []
    assert reported([*tree, workflow(WAITING, THREE, env={"CONFIG": "shop"})], COMMANDS) == [(WAIT, "error")]


@pytest.mark.parametrize("option", ["--kubeconfig shop.yaml", "--kube-token abc", "--kube-as-user jane"])
def test_a_command_that_says_as_whom_is_somebody_else(option):
    tree = [runner(), chart(WEB), *granted(*BLIND)]
    assert reported([*tree, workflow(f"{WAITING} {option}", THREE)], COMMANDS) == []
    assert reported([*tree, workflow(f"{WAITING} --kube-version 1.34", THREE)], COMMANDS) == [(WAIT, "error")]


CONDITIONAL = "{{- if .Values.metrics }}\n" + yaml.safe_dump(obj("Service")) + "{{- end }}\n"


def test_kinds_inside_a_condition_are_not_flagged():
    access = granted(*HELD)
    assert reported([*ran(*access), {"chart/templates/service.yaml": CONDITIONAL}]) == []
    plain = "\n".join(CONDITIONAL.splitlines()[1:-1])
    assert reported([*ran(*access), {"chart/templates/service.yaml": plain}]) == [(APPLY, "error")]


def flux(kind, version, *access, **spec):
    source = {"interval": "10m", "serviceAccountName": "deployer", **spec}
    return [obj(kind, f"{version}", namespace="shop", spec=source), *access]


RELEASE = {"chart": {"spec": {"chart": "web", "sourceRef": {"kind": "HelmRepository", "name": "charts"}}}}
BUILD = {"path": "./apps", "prune": True, "wait": True, "sourceRef": {"kind": "GitRepository", "name": "platform"}}
BUILT = {
    "apps/web.yaml": yaml.safe_dump(WEB | {"metadata": {"name": "web", "namespace": "shop"}}),
    "apps/kustomization.yaml": "resources: [web.yaml]\n",
}


def test_flux_polls_and_never_watches():
    release = flux("HelmRelease", "helm.toolkit.fluxcd.io/v2", **RELEASE)
    assert reported([*release, *granted(RELEASES, subject="shop/deployer")]) == []
    unlisted = granted(core("secrets", "get watch create update delete"), subject="shop/deployer")
    assert reported([*release, *unlisted]) == [(FLUX, "error")]


def test_flux_needs_no_watch_to_see_whether_a_rollout_is_done():
    build = [*flux("Kustomization", "kustomize.toolkit.fluxcd.io/v1", **BUILD), BUILT]
    assert reported([*build, *granted(*HELD[:2], subject="shop/deployer")]) == []
    watching = granted(HELD[0], apps("replicasets", "get watch"), subject="shop/deployer")
    assert reported([*build, *watching]) == [(FLUX, "error")]


@pytest.mark.parametrize(
    ("kind", "version"),
    [
        ("Role", f"{GROUP}/v1"),
        ("RoleBinding", f"{GROUP}/v1"),
        ("ResourceQuota", "v1"),
        ("LimitRange", "v1"),
        ("Endpoints", "v1"),
        ("Namespace", "v1"),
        ("CustomResourceDefinition", "apiextensions.k8s.io/v1"),
        ("Gadget", "example.com/v1"),
    ],
)
def test_edit_is_enough_for_ordinary_kinds_only(kind, version):
    definition = obj(
        "CustomResourceDefinition",
        "apiextensions.k8s.io/v1",
        "gadgets.example.com",
        spec={"group": "example.com", "scope": "Namespaced", "names": {"kind": "Gadget", "plural": "gadgets"}},
    )
    tree = [runner(), workflow("kubectl apply -f deploy/ -n shop"), definition, *BUILT_IN]
    assert reported([*tree, applied(WEB, SETTINGS)]) == []
    assert APPLY in dict(reported([*tree, applied(WEB, obj(kind, version))]))


@pytest.mark.parametrize(("name", "count"), [("arn:aws:iam::123456789012:role/deploy", 0), ("deploy@example.com", 1)])
def test_a_cloud_decides_on_rights_of_its_own(name, count):
    declared = ClusterSettings(deployers=(f"User/{name}",))
    tree = [workflow(WAITING, THREE), chart(WEB), *granted(*BLIND, subject=f"user:{name}")]
    assert reported(tree, cluster=declared) == [(WAIT, "warning")] * count
