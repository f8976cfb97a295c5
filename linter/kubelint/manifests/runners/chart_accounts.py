"""What the chart `gha-runner-scale-set` makes besides runners: their service account, and in some modes a role for it.

Follows actions-runner-controller `charts/gha-runner-scale-set/templates/_helpers.tpl`, `autoscalingrunnerset.yaml` and
`kube_mode_role.yaml`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kubelint.cluster.rbac import RBAC_GROUP
from kubelint.cluster.templates import has_template
from kubelint.manifests.field import Field
from kubelint.manifests.project import Project
from kubelint.manifests.runners.pools import placed_pools
from kubelint.manifests.runners.releases import ReleasedSet

_KUBERNETES = ("kubernetes", "kubernetes-novolume")
_HOOK_RULES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("", "pods", ("get", "list", "create", "delete")),
    ("", "pods/exec", ("get", "create")),
    ("", "pods/log", ("get", "list", "watch")),
    ("batch", "jobs", ("get", "list", "create", "delete")),
    ("", "secrets", ("get", "list", "create", "delete")),
)


def account_field(values: Field) -> Field:
    """Where the values of a release name the service account of the runners."""
    return values.get("template", "spec", "serviceAccountName")


def own_account(released: ReleasedSet) -> str | None:
    """The account that the chart makes for runners whose values name none; None where it is not known."""
    mode, name = released.values.get("containerMode", "type"), released.model.pool().name
    if has_template(name) or mode.unknown or released.model.experimental:
        return None
    suffix = "kube-mode" if mode.value in _KUBERNETES else "no-permission"
    return f"{name.replace('_', '-')}-gha-rs-{suffix}"


def own_roles(project: Project) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The roles and bindings that the chart makes for its own accounts, with the scope of each.

    They let the container hooks start a job's pod, which is less than a deployment needs.
    """
    for placed in placed_pools(project):
        if placed.released is not None and account_field(placed.released.values).absent:
            release, account = placed.released.release, own_account(placed.released)
            if account is not None and account.endswith("-kube-mode") and release.namespace is not None:
                yield from ((release.scope, manifest) for manifest in _hook_rights(account, release.namespace))


def _hook_rights(account: str, namespace: str) -> Iterator[Mapping[str, Any]]:
    rules = [
        {"apiGroups": [group], "resources": [resource], "verbs": list(verbs)} for group, resource, verbs in _HOOK_RULES
    ]
    yield {**_named("Role", account, namespace), "rules": rules}
    subject = {"kind": "ServiceAccount", "name": account, "namespace": namespace}
    role = {"apiGroup": RBAC_GROUP, "kind": "Role", "name": account}
    yield {**_named("RoleBinding", account, namespace), "roleRef": role, "subjects": [subject]}


def _named(kind: str, name: str, namespace: str) -> dict[str, Any]:
    return {
        "apiVersion": f"{RBAC_GROUP}/v1",
        "kind": kind,
        "metadata": {"name": name, "namespace": namespace},
    }
