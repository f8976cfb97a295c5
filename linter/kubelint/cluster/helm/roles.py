"""The smallest roles that let somebody deploy, and their bindings, as manifests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kubelint.cluster.helm.demands import Demand
from kubelint.cluster.rbac import RBAC_GROUP, PolicyRule, Subject
from kubelint.cluster.rbac.smallest import smallest


def granted(found: Iterable[Demand]) -> dict[str, list[PolicyRule]]:
    """What has to be granted for the demands, in as few rules as possible: for the whole cluster under an empty name,
    then by namespaces. What a namespace gets from the whole cluster is left out there.
    """
    wanted: dict[str, list[PolicyRule]] = {}
    for demand in found:
        if demand.lacking:
            wanted.setdefault(demand.namespace, []).append(demand.rule)
    everywhere = smallest(wanted.pop("", []))
    inside = {namespace: smallest(rules, everywhere) for namespace, rules in sorted(wanted.items())}
    return {namespace: rules for namespace, rules in {"": everywhere, **inside}.items() if rules}


def role_manifests(rules: Mapping[str, list[PolicyRule]], subject: Subject, name: str) -> list[dict[str, Any]]:
    """A role called `name` for each namespace, a ClusterRole for the empty one, each followed by its binding."""
    found: list[dict[str, Any]] = []
    for namespace, held in rules.items():
        kind = "Role" if namespace else "ClusterRole"
        metadata = {"name": name, "namespace": namespace} if namespace else {"name": name}
        head = {"apiVersion": f"{RBAC_GROUP}/v1"}
        found.append({**head, "kind": kind, "metadata": metadata, "rules": [_manifest(rule) for rule in held]})
        ref = {"apiGroup": RBAC_GROUP, "kind": kind, "name": name}
        binding = {**head, "kind": f"{kind}Binding", "metadata": {**metadata}, "roleRef": ref}
        found.append({**binding, "subjects": [_subject(subject)]})
    return found


def account_manifest(namespace: str, name: str) -> dict[str, Any]:
    """A service account."""
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name, "namespace": namespace}}


def _manifest(rule: PolicyRule) -> dict[str, list[str]]:
    """A rule with the v1 field names, without those that are empty."""
    fields = {
        "apiGroups": rule.api_groups,
        "resources": rule.resources,
        "resourceNames": rule.resource_names,
        "nonResourceURLs": rule.non_resource_urls,
        "verbs": rule.verbs,
    }
    return {key: list(values) for key, values in fields.items() if values}


def _subject(subject: Subject) -> dict[str, str]:
    if subject.kind == "ServiceAccount":
        return {"kind": subject.kind, "name": subject.name, "namespace": subject.namespace}
    return {"apiGroup": RBAC_GROUP, "kind": subject.kind, "name": subject.name}
