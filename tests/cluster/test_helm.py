"""Facts about what deployers ask of the API server: Helm 3 and 4, kubectl, Flux and Argo CD."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubelint.cluster.helm import (
    ArgoSync,
    Command,
    FluxKustomization,
    FluxRelease,
    Helm,
    Kubectl,
    Need,
    Occasion,
    Wait,
    Without,
    builtin_resource,
    helm_wait,
    needs,
    role_writes,
)
from kubelint.cluster.kinds import all_kinds
from kubelint.cluster.rbac import Authorizer, PolicyRule, Verdict, rule_allows

REFUSED, HANGS, ENDLESS, DEGRADED = (
    Without.REFUSED,
    Without.HANGS_UNTIL_TIMEOUT,
    Without.HANGS_FOR_EVER,
    Without.DEGRADED,
)


def obj(kind: str, version: str = "v1", name: str = "x", **fields: Any) -> dict[str, Any]:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name}, **fields}


def annotated(manifest: dict[str, Any], **annotations: Any) -> dict[str, Any]:
    keys = {key.replace("_", "-"): value for key, value in annotations.items()}
    metadata = {**manifest["metadata"], "annotations": {f"helm.sh/{key}": value for key, value in keys.items()}}
    return {**manifest, "metadata": metadata}


OBJECTS: dict[str, dict[str, Any]] = {
    "Deployment": obj("Deployment", "apps/v1"),
    "StatefulSet": obj("StatefulSet", "apps/v1"),
    "DaemonSet": obj("DaemonSet", "apps/v1"),
    "ReplicaSet": obj("ReplicaSet", "apps/v1"),
    "Job": obj("Job", "batch/v1"),
    "Ingress": obj("Ingress", "networking.k8s.io/v1"),
    "ClusterRole": obj("ClusterRole", "rbac.authorization.k8s.io/v1"),
    "CRD": obj("CustomResourceDefinition", "apiextensions.k8s.io/v1"),
    "PVC": obj("PersistentVolumeClaim"),
    "RC": obj("ReplicationController"),
    "paused": obj("Deployment", "apps/v1", spec={"paused": True}),
    "kept": annotated(obj("ConfigMap"), resource_policy="keep"),
    "Knative": obj("Service", "serving.knative.dev/v1"),
    "hook": annotated(obj("Job", "batch/v1"), hook="pre-install, pre-upgrade"),
    "hook Pod": annotated(obj("Pod"), hook="post-install"),
    "hook ConfigMap": annotated(obj("ConfigMap"), hook="pre-install"),
    "hook CRD": annotated(obj("CustomResourceDefinition", "apiextensions.k8s.io/v1"), hook="pre-install"),
    "hook that stays": annotated(obj("Job", "batch/v1"), hook="pre-install", hook_delete_policy="hook-succeeded"),
    "hook if failed": annotated(obj("Job", "batch/v1"), hook="pre-install", hook_delete_policy="hook-failed"),
    "hook with logs": annotated(obj("Job", "batch/v1"), hook="pre-install", hook_output_log_policy="hook-failed"),
    "hook of uninstall": annotated(obj("Job", "batch/v1"), hook="pre-delete"),
    "hook of rollback": annotated(obj("Job", "batch/v1"), hook="post-rollback"),
    "test": annotated(obj("Pod"), hook="test"),
    "unknown hook": annotated(obj("Job", "batch/v1"), hook="{{ .Values.when }}"),
}


def objects(text: str) -> list[dict[str, Any]]:
    return [OBJECTS.get(word.strip()) or obj(word.strip()) for word in text.split(",") if word.strip()]


def shown(need: Need) -> str:
    """`get pods/log.apps x -n shop`: the request, `*` for one in the whole cluster."""
    ask = need.request
    resource = f"{ask.resource}/{ask.subresource}" if ask.subresource else ask.resource
    group = f".{ask.api_group}" if ask.api_group else ""
    name = f" {ask.name}" if ask.name else ""
    return f"{ask.verb} {resource}{group}{name}" + ("" if ask.namespace == "shop" else f" in {ask.namespace or '*'}")


def asked(command: Command, text: str, **more: Any) -> dict[str, Without]:
    found = needs(command, objects(text), "shop", **more)
    return {shown(need): need.without for need in reversed(found)}


def helm(words: str) -> Helm:
    """`install --wait` with the version first: `3 upgrade --install`."""
    version, action, *flags = words.split()
    fields: dict[str, Any] = {"wait": Wait.NONE}
    for flag in flags:
        name, _, value = flag.removeprefix("--").partition("=")
        if name == "wait":
            fields["wait"] = helm_wait(value)
        elif name == "no-hooks":
            fields["hooks"] = False
        elif name in ("dry-run", "driver"):
            fields[name.replace("-", "_")] = value
        elif name == "server-side":
            fields["server_side"] = value == "true"
        else:
            fields[name.replace("-", "_")] = True
    return Helm(action=action, version=None if version == "?" else int(version), **fields)


ASKED = [
    # What keeps the release.
    ("3 install", "", "list secrets", DEGRADED),
    ("3 install", "", "create secrets", REFUSED),
    ("3 install", "", "update secrets", DEGRADED),
    ("4 install", "", "create secrets", REFUSED),
    ("3 upgrade", "", "list secrets", REFUSED),
    ("3 upgrade --install", "", "list secrets", REFUSED),
    ("4 upgrade", "", "list secrets", REFUSED),
    ("4 upgrade", "", "create secrets", REFUSED),
    ("3 upgrade", "", "update secrets", REFUSED),
    ("3 upgrade", "", "get secrets", REFUSED),
    ("3 upgrade", "", "delete secrets", REFUSED),
    ("3 rollback", "", "get secrets", REFUSED),
    ("3 rollback", "", "update secrets", REFUSED),
    ("3 uninstall", "", "list secrets", REFUSED),
    ("3 uninstall", "", "get secrets", REFUSED),
    ("3 uninstall", "", "delete secrets", REFUSED),
    ("3 uninstall", "", "update secrets", DEGRADED),
    ("4 test", "", "list secrets", REFUSED),
    ("4 test", "", "update secrets", REFUSED),
    ("3 install --driver=configmap", "", "create configmaps", REFUSED),
    # What the chart holds, installed.
    ("3 install", "Deployment", "get deployments.apps x", REFUSED),
    ("3 install", "Deployment", "create deployments.apps", REFUSED),
    ("3 install", "ClusterRole", "create clusterroles.rbac.authorization.k8s.io in *", REFUSED),
    ("3 install", "Ingress", "create ingresses.networking.k8s.io", REFUSED),
    ("4 install", "Deployment", "get deployments.apps x", REFUSED),
    ("4 install", "Deployment", "patch deployments.apps x", REFUSED),
    ("4 install", "Deployment", "create deployments.apps x", REFUSED),
    ("4 install --server-side=false", "Deployment", "create deployments.apps", REFUSED),
    ("3 install --take-ownership", "Deployment", "patch deployments.apps x", REFUSED),
    # Upgraded.
    ("3 upgrade", "Deployment", "get deployments.apps x", REFUSED),
    ("3 upgrade", "Deployment", "patch deployments.apps x", REFUSED),
    ("3 upgrade", "Deployment", "create deployments.apps", REFUSED),
    ("3 upgrade", "Deployment", "delete deployments.apps x", DEGRADED),
    ("4 upgrade", "Deployment", "delete deployments.apps x", REFUSED),
    ("4 upgrade", "Deployment", "create deployments.apps x", REFUSED),
    ("3 upgrade --force", "Deployment", "update deployments.apps x", REFUSED),
    ("4 upgrade --force", "Deployment", "update deployments.apps x", REFUSED),
    ("4 upgrade --force", "Deployment", "create deployments.apps", REFUSED),
    ("4 upgrade --server-side=false", "Deployment", "patch deployments.apps x", REFUSED),
    ("3 rollback", "Deployment", "patch deployments.apps x", REFUSED),
    ("3 rollback --recreate_pods", "Deployment", "delete pods", REFUSED),
    ("3 uninstall", "Deployment", "delete deployments.apps x", REFUSED),
    # The namespace.
    ("3 install --create-namespace", "", "create namespaces in *", REFUSED),
    ("4 install --create-namespace", "", "patch namespaces shop", REFUSED),
    ("4 install --create-namespace", "", "create namespaces shop", REFUSED),
    ("3 upgrade --install --create-namespace", "", "create namespaces in *", REFUSED),
    # Waiting as Helm 3 does.
    ("3 install --wait", "Deployment", "list replicasets.apps", REFUSED),
    ("3 install --atomic", "Deployment", "list replicasets.apps", REFUSED),
    ("3 upgrade --wait", "Deployment", "list replicasets.apps", REFUSED),
    ("3 rollback --wait", "Deployment", "list replicasets.apps", REFUSED),
    ("3 upgrade --install --atomic", "Deployment", "list replicasets.apps", REFUSED),
    ("3 install --wait", "StatefulSet", "get statefulsets.apps x", REFUSED),
    ("3 install --wait", "DaemonSet", "get daemonsets.apps x", REFUSED),
    ("3 install --wait", "ReplicaSet", "list pods", REFUSED),
    ("3 install --wait", "RC", "list pods", REFUSED),
    ("3 install --wait", "PVC", "get persistentvolumeclaims x", REFUSED),
    ("4 install --wait=legacy", "Deployment", "list replicasets.apps", REFUSED),
    ("4 install --wait=legacy", "RC", "list pods", REFUSED),
    ("3 uninstall --wait", "Job", "get jobs.batch x", REFUSED),
    # Waiting as Helm 4 does.
    ("4 install --wait", "Deployment", "list deployments.apps", REFUSED),
    ("4 install --wait", "Deployment", "watch deployments.apps", REFUSED),
    ("4 install --wait=watcher", "Deployment", "watch deployments.apps", REFUSED),
    ("4 install --wait", "Deployment", "list replicasets.apps", HANGS),
    ("4 install --wait", "StatefulSet", "list pods", HANGS),
    ("4 install --wait", "ReplicaSet", "list pods", HANGS),
    ("4 install --wait", "ConfigMap", "list configmaps", REFUSED),
    ("4 install --wait", "ConfigMap", "watch configmaps", REFUSED),
    ("4 install --wait", "ClusterRole", "watch clusterroles.rbac.authorization.k8s.io in *", REFUSED),
    ("4 install --atomic", "ConfigMap", "watch configmaps", REFUSED),
    ("4 uninstall --wait", "ConfigMap", "watch configmaps", REFUSED),
    # Hooks, without --wait.
    ("3 install", "hook", "delete jobs.batch x", REFUSED),
    ("3 install", "hook", "get jobs.batch x", REFUSED),
    ("3 install", "hook", "create jobs.batch", REFUSED),
    ("3 install", "hook", "list jobs.batch x", HANGS),
    ("3 install", "hook", "watch jobs.batch x", HANGS),
    ("3 install --endless", "hook", "watch jobs.batch x", ENDLESS),
    ("3 install", "hook Pod", "watch pods x", HANGS),
    ("3 upgrade", "hook", "watch jobs.batch x", HANGS),
    ("3 upgrade --install", "hook Pod", "watch pods x", HANGS),
    ("4 install", "hook", "delete jobs.batch x", REFUSED),
    ("4 install", "hook", "patch jobs.batch x", REFUSED),
    ("4 install", "hook", "create jobs.batch x", REFUSED),
    ("4 install", "hook", "list jobs.batch", REFUSED),
    ("4 install", "hook", "watch jobs.batch", REFUSED),
    ("4 install", "hook ConfigMap", "watch configmaps", REFUSED),
    ("4 install --wait=legacy", "hook", "watch jobs.batch x", HANGS),
    ("3 install", "hook that stays", "delete jobs.batch x", REFUSED),
    ("3 install", "hook if failed", "delete jobs.batch x", REFUSED),
    ("3 install", "hook with logs", "list pods", DEGRADED),
    ("3 install", "hook with logs", "get pods/log", DEGRADED),
    ("3 uninstall", "hook of uninstall", "watch jobs.batch x", HANGS),
    ("3 install --atomic", "hook of uninstall", "watch jobs.batch x", DEGRADED),
    ("3 rollback", "hook of rollback", "watch jobs.batch x", HANGS),
    ("3 upgrade --atomic", "hook of rollback", "watch jobs.batch x", DEGRADED),
    ("3 test", "test", "watch pods x", HANGS),
    ("3 test --logs", "test", "get pods/log x", REFUSED),
    # Cleaning up.
    ("3 install --atomic", "ConfigMap", "delete configmaps x", DEGRADED),
    ("3 install --atomic", "", "delete secrets", DEGRADED),
    ("3 upgrade --cleanup-on-fail", "ConfigMap", "delete configmaps x", DEGRADED),
    # A dry run that asks the server.
    ("3 install --dry-run=server", "ConfigMap", "get configmaps x", REFUSED),
    ("3 upgrade --dry-run=server", "", "list secrets", REFUSED),
]


@pytest.mark.parametrize(("command", "chart", "request_", "without"), ASKED)
def test_helm_asks(command: str, chart: str, request_: str, without: Without) -> None:
    assert asked(helm(command), chart).get(request_) is without


NEVER_ASKED = [
    ("3 install --wait", "Deployment", "watch"),
    ("3 install --wait", "Deployment", "replicasets.apps x"),
    ("4 install --wait", "Deployment", "watch replicasets"),
    ("4 install --wait=legacy", "Deployment", "watch"),
    ("? install --wait", "Deployment, StatefulSet, hook", "events"),
    ("3 install --wait", "ConfigMap", "list configmaps"),
    ("4 install", "Deployment", "watch"),
    ("4 install --wait=hookOnly", "Deployment", "watch"),
    ("4 install --wait=false", "Deployment", "watch"),
    ("4 install --wait", "Deployment", "pods"),
    ("3 install", "Deployment", "replicasets"),
    ("3 install --wait_for_jobs", "Deployment", "replicasets"),
    ("3 install --wait", "paused", "replicasets"),
    ("4 install --wait", "paused", "watch"),
    ("4 install --wait", "paused", "replicasets"),
    ("3 install --wait", "StatefulSet", "pods"),
    ("3 install --wait", "Knative", "list services"),
    ("3 install", "hook ConfigMap", "watch"),
    ("3 install", "hook CRD", "delete"),
    ("3 install", "hook that stays", "watch pods"),
    ("3 install --no-hooks", "hook", "jobs"),
    ("3 install", "test", "pods"),
    ("3 upgrade --install", "hook of uninstall", "jobs"),
    ("3 install", "unknown hook", "jobs"),
    ("3 install", "Deployment", "patch"),
    ("3 install", "Deployment", "update deployments"),
    ("3 install", "Deployment", "delete"),
    ("3 upgrade --force", "Deployment", "patch"),
    ("4 upgrade --force", "Deployment", "patch"),
    ("3 upgrade", "kept", "delete configmaps"),
    ("3 uninstall", "kept", "delete configmaps"),
    ("3 uninstall --keep-history", "", "delete secrets"),
    ("3 install --driver=sql", "", "secrets"),
    ("3 install --driver=memory", "", "secrets"),
    ("3 install", "", "watch secrets"),
    ("4 install", "", "patch secrets"),
    ("3 upgrade --create-namespace", "", "namespaces"),
    ("4 rollback --recreate_pods", "Deployment", "pods"),
    ("? install --dry-run=client --wait", "Deployment, hook", ""),
    ("? upgrade --install --dry-run=client", "Deployment", ""),
    ("3 install --dry-run=server", "ConfigMap", "create"),
    ("4 install --dry-run=server --wait", "ConfigMap, hook", "watch"),
]


@pytest.mark.parametrize(("command", "chart", "part"), NEVER_ASKED)
def test_helm_never_asks(command: str, chart: str, part: str) -> None:
    assert [line for line in asked(helm(command), chart) if part in line] == []


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("3 install", {"create customresourcedefinitions.apiextensions.k8s.io in *"}),
        ("3 install", {"get customresourcedefinitions.apiextensions.k8s.io x in *"}),
        ("4 install", {"patch customresourcedefinitions.apiextensions.k8s.io x in *"}),
        ("4 install", {"create customresourcedefinitions.apiextensions.k8s.io x in *"}),
        ("4 install --wait", {"watch customresourcedefinitions.apiextensions.k8s.io in *"}),
        ("4 install --wait=legacy", {"get customresourcedefinitions.apiextensions.k8s.io x in *"}),
    ],
)
def test_crds_of_the_folder_are_installed_first(command: str, expected: set[str]) -> None:
    assert expected <= set(asked(helm(command), "", crds=[OBJECTS["CRD"]]))


@pytest.mark.parametrize("command", ["3 install --skip-crds", "4 install --skip-crds", "3 upgrade", "3 uninstall"])
def test_crds_of_the_folder_are_left_alone(command: str) -> None:
    assert not [line for line in asked(helm(command), "", crds=[OBJECTS["CRD"]]) if "customresource" in line]


@pytest.mark.parametrize("command", ["4 install", "4 install --wait=hookOnly"])
def test_helm_4_waits_for_crds_only_if_it_waits(command: str) -> None:
    found = asked(helm(command), "", crds=[OBJECTS["CRD"]])
    assert {line.split()[0] for line in found if "customresource" in line} == {"patch", "create"}


@pytest.mark.parametrize(
    ("command", "chart", "request_", "helm_version", "certain", "without"),
    [
        ("? install", "ConfigMap", "get configmaps x", None, True, REFUSED),
        ("? install", "ConfigMap", "patch configmaps x", 4, False, REFUSED),
        ("? install", "ConfigMap", "create configmaps", 3, False, REFUSED),
        ("? install", "ConfigMap", "create configmaps x", 4, True, REFUSED),
        ("? install --wait", "ConfigMap", "watch configmaps", 4, False, REFUSED),
        ("? install --wait", "Deployment", "list replicasets.apps", 3, True, REFUSED),
        ("? install --wait", "Deployment", "list replicasets.apps", 4, True, HANGS),
        ("? install --wait", "StatefulSet", "list pods", 4, False, HANGS),
        ("? install --wait", "ReplicaSet", "list pods", 3, True, REFUSED),
        ("? install --wait", "RC", "list pods", 3, False, REFUSED),
        ("? install", "hook", "delete jobs.batch x", None, True, REFUSED),
        ("? install", "hook", "watch jobs.batch x", 3, True, HANGS),
        ("? install", "hook", "watch jobs.batch", 4, False, REFUSED),
        ("? install", "hook ConfigMap", "watch configmaps", 4, False, REFUSED),
        ("? install --create-namespace", "", "create namespaces in *", 3, False, REFUSED),
        ("? install --create-namespace", "", "create namespaces shop", 4, True, REFUSED),
        ("? upgrade", "ConfigMap", "patch configmaps x", None, True, REFUSED),
        ("? upgrade", "ConfigMap", "delete configmaps x", 3, True, DEGRADED),
        ("? upgrade", "ConfigMap", "delete configmaps x", 4, True, REFUSED),
        ("? upgrade", "", "list secrets", None, True, REFUSED),
        ("? upgrade --install", "ConfigMap", "patch configmaps x", 4, True, REFUSED),
    ],
)
def test_unknown_version(
    command: str, chart: str, request_: str, helm_version: int | None, certain: bool, without: Without
) -> None:
    found = needs(helm(command), objects(chart), "shop")
    answers = {(need.helm, need.certain, need.without) for need in found if shown(need) == request_}
    assert (helm_version, certain, without) in answers


@pytest.mark.parametrize(
    ("command", "request_", "occasion"),
    [
        ("3 install", "create configmaps", Occasion.ALWAYS),
        ("3 upgrade", "create configmaps", Occasion.ADDED),
        ("3 upgrade --install", "create configmaps", Occasion.NOT_THERE),
        ("3 upgrade --install", "patch configmaps x", Occasion.THERE),
        ("4 upgrade --install", "patch configmaps x", Occasion.ALWAYS),
        ("4 upgrade", "create configmaps x", Occasion.ADDED),
        ("3 upgrade --install", "get configmaps x", Occasion.ALWAYS),
        ("3 upgrade --install --create-namespace", "create namespaces in *", Occasion.NOT_THERE),
        ("3 upgrade", "delete configmaps x", Occasion.REMOVED),
        ("3 uninstall", "delete configmaps x", Occasion.ALWAYS),
        ("3 install --atomic", "delete configmaps x", Occasion.FAILURE),
        ("3 upgrade", "delete secrets", Occasion.OLD_REVISIONS),
        ("3 uninstall", "delete secrets", Occasion.ALWAYS),
        ("3 rollback", "get secrets", Occasion.ALWAYS),
        ("3 rollback", "delete secrets", Occasion.OLD_REVISIONS),
        ("3 install --atomic", "delete secrets", Occasion.FAILURE),
        ("3 upgrade --dry-run=server --install", "get configmaps x", Occasion.NOT_THERE),
    ],
)
def test_occasions(command: str, request_: str, occasion: Occasion) -> None:
    found = [need for need in needs(helm(command), objects("ConfigMap"), "shop") if shown(need) == request_]
    assert [need.occasion for need in found] == [occasion]
    assert found[0].optional is occasion.rare


@pytest.mark.parametrize(
    ("command", "kinds", "expected"),
    [
        (Kubectl(action="apply"), "Deployment", {"get": REFUSED, "create": REFUSED, "patch": REFUSED}),
        (Kubectl(action="apply", server_side=True), "Deployment", {"patch": REFUSED, "create": REFUSED}),
        (Kubectl(action="apply", dry_run="client"), "Deployment", {"get": REFUSED}),
        (Kubectl(action="apply", dry_run="server"), "Ingress", {"get": REFUSED, "create": REFUSED, "patch": REFUSED}),
        (Kubectl(action="apply", server_side=True, dry_run="client"), "Ingress", {}),
        (
            Kubectl(action="apply", force=True),
            "Ingress",
            {"get": REFUSED, "create": REFUSED, "patch": REFUSED, "delete": REFUSED},
        ),
        (Kubectl(action="create"), "Deployment", {"create": REFUSED}),
        (Kubectl(action="create", dry_run="client"), "Deployment", {}),
        (Kubectl(action="diff"), "Deployment", {"get": REFUSED, "patch": REFUSED}),
        (Kubectl(action="rollout status"), "Deployment", {"get": REFUSED, "list": ENDLESS, "watch": ENDLESS}),
        (Kubectl(action="rollout status", timeout=True), "DaemonSet", {"get": REFUSED, "list": HANGS, "watch": HANGS}),
        (Kubectl(action="rollout restart"), "Deployment", {"get": REFUSED, "patch": REFUSED}),
        (Kubectl(action="replace"), "Deployment", {"get": DEGRADED, "update": REFUSED}),
        (Kubectl(action="replace", dry_run="client"), "Deployment", {}),
        (
            Kubectl(action="replace", force=True),
            "Deployment",
            {"delete": REFUSED, "get": REFUSED, "create": REFUSED},
        ),
        (Kubectl(action="set"), "Deployment", {"get": REFUSED, "patch": REFUSED}),
        (Kubectl(action="set", by_list=True), "Deployment", {"list": REFUSED, "patch": REFUSED}),
        (Kubectl(action="set", dry_run="client"), "Deployment", {"get": REFUSED}),
        (Kubectl(action="scale"), "Deployment", {"get": REFUSED, "patch": REFUSED}),
        (Kubectl(action="wait"), "Job", {"get": REFUSED, "list": HANGS, "watch": HANGS}),
        (Kubectl(action="delete"), "Job", {"delete": REFUSED, "get": DEGRADED, "list": HANGS, "watch": HANGS}),
        (Kubectl(action="delete", wait=False), "Job", {"delete": REFUSED}),
        (Kubectl(action="delete", dry_run="client"), "Job", {}),
        (FluxKustomization(), "Deployment", {"get": REFUSED, "patch": REFUSED, "create": REFUSED}),
        (ArgoSync(prune=False), "Ingress", {"get": REFUSED, "create": REFUSED, "patch": REFUSED}),
        (ArgoSync(server_side=True), "Ingress", {"create": REFUSED, "patch": REFUSED, "delete": REFUSED}),
        (ArgoSync(replace=True, prune=False), "Ingress", {"get": REFUSED, "create": REFUSED, "update": REFUSED}),
        (ArgoSync(), "hook", {"get": REFUSED, "create": REFUSED, "delete": REFUSED}),
    ],
)
def test_verbs_of_others(command: Command, kinds: str, expected: dict[str, Without]) -> None:
    found = needs(command, objects(kinds), "shop")
    assert {need.request.verb: need.without for need in found} == expected
    assert len({need.request.resource for need in found}) <= 1


@pytest.mark.parametrize(
    ("command", "request_", "without"),
    [
        (Kubectl(action="apply"), "create deployments.apps", REFUSED),
        (Kubectl(action="apply", server_side=True), "create deployments.apps x", REFUSED),
        (Kubectl(action="rollout status"), "watch deployments.apps x", ENDLESS),
        (Kubectl(action="wait"), "list deployments.apps x", HANGS),
        (Kubectl(action="scale"), "patch deployments/scale.apps x", REFUSED),
        (Kubectl(action="wait", by_list=True), "list deployments.apps", REFUSED),
        (Kubectl(action="delete", by_list=True), "list deployments.apps", REFUSED),
        (Kubectl(action="apply", prune=True), "list secrets", REFUSED),
        (Kubectl(action="apply", prune=True), "delete statefulsets.apps", REFUSED),
        (Kubectl(action="apply", prune=True, prune_kinds=("core/v1/ConfigMap",)), "list configmaps", REFUSED),
        (FluxKustomization(prune=True), "delete deployments.apps x", REFUSED),
        (FluxKustomization(wait=True), "list replicasets.apps", HANGS),
        (FluxRelease(), "list secrets", REFUSED),
        (FluxRelease(), "patch deployments.apps x", REFUSED),
        (FluxRelease(), "list replicasets.apps", HANGS),
        (FluxRelease(version=3), "list replicasets.apps", REFUSED),
        (FluxRelease(legacy_wait=True), "list replicasets.apps", REFUSED),
        (FluxRelease(create_namespace=True), "create namespaces shop", REFUSED),
        (FluxRelease(storage_namespace="flux"), "create secrets in flux", REFUSED),
        (ArgoSync(create_namespace=True), "create namespaces in *", REFUSED),
    ],
)
def test_requests_of_others(command: Command, request_: str, without: Without) -> None:
    assert asked(command, "Deployment").get(request_) is without


@pytest.mark.parametrize(
    ("command", "chart", "part"),
    [
        (Kubectl(action="rollout status"), "Deployment", "replicasets"),
        (Kubectl(action="rollout status"), "Deployment", "events"),
        (Kubectl(action="apply", server_side=True), "Deployment", "get"),
        (Kubectl(action="apply", prune=True, prune_kinds=("core/v1/ConfigMap",)), "Deployment", "secrets"),
        (FluxRelease(), "Deployment, StatefulSet, hook, hook Pod, ConfigMap", "watch"),
        (FluxRelease(version=3), "Deployment, ConfigMap", "watch"),
        (FluxRelease(wait=False), "Deployment", "replicasets"),
        (FluxRelease(), "test", "pods"),
        (FluxRelease(hooks=False), "hook", "jobs"),
        (FluxKustomization(prune=True, wait=True), "Deployment, Job", "watch"),
        (FluxKustomization(), "Deployment", "delete"),
        (FluxKustomization(), "Deployment", "secrets"),
        (FluxKustomization(), "Deployment", "replicasets"),
        (ArgoSync(), "Deployment", "watch"),
        (ArgoSync(), "Deployment", "secrets"),
    ],
)
def test_others_never_ask(command: Command, chart: str, part: str) -> None:
    assert [line for line in asked(command, chart) if part in line] == []


def test_flux_runs_tests_if_told_to() -> None:
    assert "get pods x" in asked(FluxRelease(test=True), "test")


def test_flux_leaves_what_is_marked() -> None:
    marked = obj("ConfigMap")
    marked["metadata"]["annotations"] = {"kustomize.toolkit.fluxcd.io/prune": "disabled"}
    assert "delete" not in {need.request.verb for need in needs(FluxKustomization(prune=True), [marked], "shop")}
    marked["metadata"]["annotations"] = {"kustomize.toolkit.fluxcd.io/reconcile": "disabled"}
    assert needs(FluxKustomization(prune=True), [marked], "shop") == []


def test_argo_hooks_and_options() -> None:
    hook = obj("Job", "batch/v1")
    hook["metadata"]["annotations"] = {"argocd.argoproj.io/hook": "PreSync"}
    assert {need.request.verb for need in needs(ArgoSync(), [hook], "shop")} == {"get", "create", "delete"}
    kept = obj("ConfigMap")
    kept["metadata"]["annotations"] = {"argocd.argoproj.io/sync-options": "Prune=false,ServerSideApply=true"}
    assert {need.request.verb for need in needs(ArgoSync(), [kept], "shop")} == {"patch", "create"}


# --- where, and what is not known


def test_objects_of_another_namespace_are_asked_for_there() -> None:
    other = obj("ConfigMap", name="web")
    other["metadata"]["namespace"] = "monitoring"
    assert "get configmaps web in monitoring" in {
        shown(need) for need in needs(helm("3 install --wait"), [other], "shop")
    }


def test_parts_are_listed_beside_their_workload() -> None:
    other = obj("Deployment", "apps/v1")
    other["metadata"]["namespace"] = "monitoring"
    found = {shown(need): need for need in needs(helm("3 install --wait"), [obj("ConfigMap"), other], "shop")}
    assert found["list replicasets.apps in monitoring"].about == (1,)


@pytest.mark.parametrize("namespace", ["", "${NAMESPACE}", "{{ .Release.Namespace }}"])
def test_an_unknown_namespace(namespace: str) -> None:
    found = needs(helm("? upgrade --install --wait"), objects("Deployment, hook, ClusterRole"), namespace)
    for need in found:
        assert bool(need.unknown) is (need.request.resource != "clusterroles")


def test_an_unknown_name() -> None:
    found = needs(Kubectl(action="apply"), [obj("ConfigMap", name="${NAME}")], "shop")
    assert {need.request.verb: bool(need.unknown) for need in found} == {"get": True, "create": False, "patch": True}
    assert all(not need.request.name for need in found)


def test_a_custom_resource_is_unknown_without_its_definition() -> None:
    custom = obj("Proxy", "example.net/v1")
    found = needs(Kubectl(action="apply"), [custom], "shop")
    assert {(need.request.api_group, need.request.resource, bool(need.unknown)) for need in found} == {
        ("example.net", "proxies", True)
    }


@pytest.mark.parametrize(("scope", "namespace"), [("Namespaced", "shop"), ("Cluster", "")])
def test_definitions_among_the_objects_tell_plurals(scope: str, namespace: str) -> None:
    spec = {"group": "example.net", "scope": scope, "names": {"kind": "Proxy", "plural": "proxyen"}}
    definition = obj("CustomResourceDefinition", "apiextensions.k8s.io/v1", spec=spec)
    for given_objects, crds in (
        ([definition, obj("Proxy", "example.net/v1")], []),
        ([obj("Proxy", "example.net/v2")], [definition]),
    ):
        found = needs(helm("3 install"), given_objects, "shop", crds=crds)
        custom = [need for need in found if need.request.api_group == "example.net"]
        assert {(need.request.resource, need.request.namespace, need.unknown) for need in custom} == {
            ("proxyen", namespace, "")
        }


def test_resource_of_tells_other_kinds() -> None:
    found = needs(
        Kubectl(action="apply"),
        [obj("Mesh", "example.net/v1")],
        "shop",
        resource_of=lambda version, kind: ("example.net", "meshes", False),
    )
    assert {shown(need) for need in found} == {
        "get meshes.example.net x in *",
        "create meshes.example.net in *",
        "patch meshes.example.net x in *",
    }


@pytest.mark.parametrize("kind", all_kinds(), ids=lambda kind: f"{kind.group}/{kind.kind}")
def test_builtin_kinds(kind: Any) -> None:
    version = f"{kind.group}/v1" if kind.group else "v1"
    assert builtin_resource(version, kind.kind) == (kind.group, kind.plural, kind.namespaced)


def test_a_namespace_is_in_itself() -> None:
    found = {shown(need) for need in needs(Kubectl(action="apply"), [obj("Namespace", name="shop")], "other")}
    assert found == {"get namespaces shop", "create namespaces in *", "patch namespaces shop"}


def test_lists_are_taken_apart() -> None:
    items = {"apiVersion": "v1", "kind": "List", "items": [obj("ConfigMap", name="a"), obj("Secret", name="b"), 3]}
    found = needs(Kubectl(action="create"), [items], "shop")
    assert [(shown(need), need.about) for need in found] == [("create configmaps", (0,)), ("create secrets", (0,))]


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"kind": "Deployment"},
        {"apiVersion": 1, "kind": ["Deployment"]},
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": "x", "spec": []},
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"annotations": {"helm.sh/hook": 3}}},
        {"apiVersion": "v1", "kind": "List", "items": {"a": 1}},
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"annotations": ["helm.sh/hook"], "name": 3}},
        {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "spec": {"names": 3}},
        "text",
        None,
    ],
)
def test_odd_objects_raise_nothing(odd: Any) -> None:
    for command in (helm("? upgrade --install --atomic"), Kubectl(action="delete"), FluxKustomization(prune=True)):
        needs(command, [odd], "shop")
        role_writes(command, [odd], "shop")


# --- roles and bindings


ROLE = obj("Role", "rbac.authorization.k8s.io/v1", rules=[{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}])


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (helm("3 install"), {("create", None)}),
        (helm("4 install"), {("apply", None)}),
        (helm("4 install --server-side=false"), {("create", None)}),
        (helm("3 upgrade"), {("patch", None), ("create", None)}),
        (helm("3 upgrade --force"), {("update", None), ("create", None)}),
        (helm("? install"), {("create", 3), ("apply", 4)}),
        (helm("3 uninstall"), set()),
        (Kubectl(action="apply"), {("create", None), ("patch", None)}),
        (Kubectl(action="apply", server_side=True), {("apply", None)}),
        (FluxKustomization(), {("apply", None)}),
        (Kubectl(action="rollout status"), set()),
    ],
)
def test_how_roles_are_written(command: Command, expected: set[tuple[str, int | None]]) -> None:
    found = role_writes(command, [obj("ConfigMap"), ROLE], "shop")
    assert {(write.verb, write.helm) for write in found} == expected
    assert all(write.position == 1 and write.manifest["metadata"]["namespace"] == "shop" for write in found)  # type: ignore[index]


def test_role_writes_are_what_the_authorizer_judges() -> None:
    write = role_writes(Kubectl(action="apply", server_side=True), [ROLE], "shop")[0]
    decision = Authorizer([]).may_write_role("eve", (), write.manifest, write.verb)
    assert decision.verdict is Verdict.DENIED
    assert [rule.resources for rule in decision.missing] == [("pods",)]


def test_roles_of_a_list_each_count() -> None:
    items = {"apiVersion": "v1", "kind": "List", "items": [ROLE, {**ROLE, "metadata": {"name": "y"}}]}
    found = role_writes(Kubectl(action="create"), [items], "shop")
    assert [write.manifest["metadata"]["name"] for write in found] == ["x", "y"]  # type: ignore[index]


def test_other_kinds_called_role_are_none() -> None:
    assert role_writes(Kubectl(action="apply"), [obj("Role", "example.net/v1")], "shop") == []


# --- what the built-in roles are good for


@pytest.mark.parametrize(
    ("role", "command", "chart", "refused"),
    [
        ("edit", "? upgrade --install --atomic", "Deployment, StatefulSet, ConfigMap, Ingress, hook, test", set()),
        ("edit", "? upgrade --install --wait", "Role", {"roles"}),
        ("admin", "? upgrade --install --wait", "Role", set()),
        ("admin", "? install", "ClusterRole", {"clusterroles"}),
        ("admin", "? install --create-namespace", "", {"namespaces"}),
        ("view", "3 install", "ConfigMap", {"configmaps", "secrets"}),
        ("cluster-admin", "? install --atomic", "Deployment, Role", set()),
    ],
)
def test_builtin_roles(role: str, command: str, chart: str, refused: set[str]) -> None:
    binding = obj("RoleBinding", "rbac.authorization.k8s.io/v1", roleRef={"kind": "ClusterRole", "name": role})
    binding["subjects"] = [{"kind": "User", "name": "eve"}]
    binding["metadata"]["namespace"] = "shop"
    authorizer = Authorizer([binding])
    kinds = [ROLE if word == "Role" else OBJECTS.get(word) or obj(word) for word in chart.split(", ") if word]
    found = needs(helm(command), kinds, "shop")
    denied = {need.request for need in found if authorizer.allows("eve", (), need.request) is not Verdict.ALLOWED}
    assert {request.resource for request in denied} == refused


# --- properties

CHARTS = st.lists(st.sampled_from(sorted(OBJECTS)), max_size=5).map(lambda names: [OBJECTS[name] for name in names])
COMMANDS = st.builds(
    Helm,
    action=st.sampled_from(["install", "upgrade", "rollback", "uninstall", "test"]),
    wait=st.sampled_from(Wait),
    atomic=st.booleans(),
    create_namespace=st.booleans(),
    force=st.booleans(),
    install=st.booleans(),
    hooks=st.booleans(),
    server_side=st.sampled_from([None, True, False]),
)


@given(COMMANDS, CHARTS)
def test_an_unknown_version_asks_for_what_either_asks(command: Helm, chart: list[dict[str, Any]]) -> None:
    def of(version: int | None) -> list[Need]:
        return needs(Helm(**{**vars(command), "version": version}), chart, "shop")

    three, four, unknown = of(3), of(4), of(None)
    assert {need.request for need in unknown} == {need.request for need in (*three, *four)}
    agreed = {need.request for need in three} & {need.request for need in four}
    assert {need.request for need in unknown if need.helm is None} <= agreed
    for need in unknown:
        assert need.helm is not None or need.certain


@given(COMMANDS, CHARTS)
def test_needs_are_asked_once_and_tell_why(command: Helm, chart: list[dict[str, Any]]) -> None:
    found = needs(command, chart, "shop")
    keys = [(need.request, need.without, need.helm, need.occasion) for need in found]
    assert len(keys) == len(set(keys))
    for need in found:
        assert need.why and need.request.verb and need.request.resource
        assert need.request.resource != "events"
        assert all(0 <= position < len(chart) for position in need.about)
        rule = PolicyRule((need.request.verb,), (need.request.api_group,), ("*",))
        assert rule_allows(rule, need.request)


@given(COMMANDS, CHARTS)
def test_more_objects_need_no_less(command: Helm, chart: list[dict[str, Any]]) -> None:
    fewer = {need.request for need in needs(command, chart[:-1], "shop")}
    assert fewer <= {need.request for need in needs(command, chart, "shop")}
