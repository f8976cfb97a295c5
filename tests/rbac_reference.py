"""RBAC the slow and obvious way, to hold the model against: every object is looked at for every question.

Only well-formed objects without template text.  Where a role that counts is missing, what follows is not known.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from kubelint.cluster.rbac import PolicyRule, Request, Subject, builtin_manifests

Manifest = Mapping[str, Any]
GROUP = "rbac.authorization.k8s.io"
PLURALS = {"Role": "roles", "ClusterRole": "clusterroles"}
FULL = [PolicyRule(("*",), ("*",), ("*",)), PolicyRule(("*",), (), (), (), ("*",))]


# One rule.


def url_takes_in(owner: str, url: str) -> bool:
    if owner == url:
        return True
    prefix = owner
    while prefix[-1:] == "*":
        prefix = prefix[:-1]
    return prefix != owner and url[: len(prefix)] == prefix


def lets_through(rule: PolicyRule, request: Request) -> bool:
    if not any(verb in ("*", request.verb) for verb in rule.verbs):
        return False
    if request.path:
        return any(url_takes_in(owner, request.path) for owner in rule.non_resource_urls)
    asked = request.resource if request.subresource == "" else request.resource + "/" + request.subresource
    patterns = ["*", asked] if request.subresource == "" else ["*", asked, "*/" + request.subresource]
    if not any(group in ("*", request.api_group) for group in rule.api_groups):
        return False
    if not any(resource in patterns for resource in rule.resources):
        return False
    return len(rule.resource_names) == 0 or request.name in rule.resource_names


# Several rules.


def single_grants(rules: Iterable[PolicyRule]) -> list[PolicyRule]:
    grants = []
    for rule in rules:
        for group in rule.api_groups:
            for resource in rule.resources:
                for verb in rule.verbs:
                    if rule.resource_names:
                        grants += [PolicyRule((verb,), (group,), (resource,), (name,)) for name in rule.resource_names]
                    else:
                        grants.append(PolicyRule((verb,), (group,), (resource,)))
        for url in rule.non_resource_urls:
            for verb in rule.verbs:
                grants.append(PolicyRule((verb,), non_resource_urls=(url,)))
    return grants


def resource_takes_in(owner: str, resource: str) -> bool:
    if owner in ("*", resource):
        return True
    first_slash = resource.find("/")
    return first_slash >= 0 and owner == "*" + resource[first_slash:]


def takes_in(owner: PolicyRule, grant: PolicyRule) -> bool:
    """Whether one rule covers one grant: in each of the five fields."""
    if not all(any(held in ("*", verb) for held in owner.verbs) for verb in grant.verbs):
        return False
    if not all(any(held in ("*", group) for held in owner.api_groups) for group in grant.api_groups):
        return False
    if not all(any(resource_takes_in(held, one) for held in owner.resources) for one in grant.resources):
        return False
    if not all(any(url_takes_in(held, url) for held in owner.non_resource_urls) for url in grant.non_resource_urls):
        return False
    if not owner.resource_names:
        return True
    return len(grant.resource_names) > 0 and all(name in owner.resource_names for name in grant.resource_names)


def uncovered(owner: Sequence[PolicyRule], servant: Iterable[PolicyRule]) -> list[PolicyRule]:
    return [grant for grant in single_grants(servant) if not any(takes_in(held, grant) for held in owner)]


def joined(rules: Sequence[PolicyRule]) -> list[PolicyRule]:
    """Rules about one group, one resource, and one name or none, are one rule with all of their verbs."""
    many: list[PolicyRule] = []
    simple: list[PolicyRule] = []
    for rule in rules:
        one = len(rule.api_groups) == len(rule.resources) == 1 and len(rule.resource_names) < 2
        (simple if one and not rule.non_resource_urls else many).append(rule)
    result = list(many)
    while simple:
        like = [rule for rule in simple if _about(rule) == _about(simple[0])]
        simple = [rule for rule in simple if _about(rule) != _about(like[0])]
        verbs: tuple[str, ...] = ()
        for rule in like:
            verbs += rule.verbs
        result.append(PolicyRule(verbs, *_about(like[0])))
    return result


def _about(rule: PolicyRule) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    return rule.api_groups, rule.resources, rule.resource_names


# Identities.


def is_meant(subject: Subject, user: str, groups: Sequence[str], binding_namespace: str) -> bool:
    if subject.kind == "User":
        return subject.name == user
    if subject.kind == "Group":
        return subject.name in groups
    if subject.kind != "ServiceAccount":
        return False
    namespace = subject.namespace if subject.namespace else binding_namespace
    rest = user
    for part in ("system:serviceaccount:", namespace, ":"):
        if part == "" or not rest.startswith(part):
            return False
        rest = rest[len(part) :]
    return rest == subject.name


def all_groups(user: str, groups: Iterable[str]) -> list[str]:
    """Those given, and of an account those that it is always in."""
    found = list(groups)
    parts = user.split(":")
    if parts[:2] == ["system", "serviceaccount"] and len(parts) == 4 and parts[2] and parts[3]:
        own = ["system:serviceaccounts", "system:serviceaccounts:" + parts[2]]
        found = [group for group in own if group not in found] + found
        if "system:authenticated" not in found:
            found.append("system:authenticated")
    return found


# A cluster: a list of objects, the built-in ones first.


def identity(obj: Manifest) -> tuple[str, str, str]:
    metadata = obj.get("metadata") or {}
    namespace = "" if obj["kind"].startswith("Cluster") else metadata.get("namespace", "")
    return obj["kind"], namespace, metadata.get("name", "")


def whole_cluster(objects: Sequence[Manifest]) -> list[Manifest]:
    given = [identity(obj) for obj in objects]
    return [obj for obj in builtin_manifests() if identity(obj) not in given] + list(objects)


def written(role: Manifest) -> list[PolicyRule]:
    return [PolicyRule.from_manifest(rule) for rule in role.get("rules") or []]


def selectors_of(role: Manifest) -> list[Any]:
    return list((role.get("aggregationRule") or {}).get("clusterRoleSelectors") or [])


def settled_rules(cluster: Sequence[Manifest]) -> dict[tuple[str, str, str], list[PolicyRule]]:
    """The rules of every role, after the aggregating controller has run until nothing changes any more."""
    roles = {identity(obj): obj for obj in cluster if obj["kind"] in PLURALS}
    rules = {key: [] if selectors_of(role) else written(role) for key, role in roles.items()}
    size = -1
    while size != sum(map(len, rules.values())):  # in a circle, their order may never settle
        size = sum(map(len, rules.values()))
        for key, role in roles.items():
            if selectors_of(role):
                rules[key] = _aggregated(role, roles, rules)
    return rules


def _aggregated(role: Manifest, roles: dict[Any, Manifest], rules: dict[Any, list[PolicyRule]]) -> list[PolicyRule]:
    found: list[PolicyRule] = []
    for selector in selectors_of(role):
        for key in sorted(key for key in roles if key[0] == "ClusterRole"):
            labels = roles[key]["metadata"].get("labels") or {}
            wanted = selector.get("matchLabels") or {}
            if key != identity(role) and all(labels.get(name) == value for name, value in wanted.items()):
                for rule in rules[key]:
                    found += [] if rule in found else [rule]
    return found


class Cluster:
    """Who holds what; `missing` lists the roles that were asked for and are not there."""

    def __init__(self, objects: Sequence[Manifest]) -> None:
        self.objects = whole_cluster(objects)
        self.given = list(objects)
        self.rules = settled_rules(self.objects)
        self.missing: list[str] = []

    def held(self, user: str, groups: Iterable[str], namespace: str) -> list[PolicyRule]:
        groups = all_groups(user, groups)
        found: list[PolicyRule] = []
        for kind in ("ClusterRoleBinding", "RoleBinding"):
            for obj in self.objects:
                own = obj["metadata"].get("namespace", "")
                if obj["kind"] != kind or (kind == "RoleBinding" and (own != namespace or not namespace)):
                    continue
                place = own if kind == "RoleBinding" else ""
                subjects = [Subject.from_manifest(entry) for entry in obj.get("subjects") or []]
                if any(is_meant(subject, user, groups, place) for subject in subjects):
                    found += self.referenced(obj["roleRef"], place) or []
        return found

    def referenced(self, ref: Manifest, namespace: str) -> list[PolicyRule] | None:
        if ref["kind"] == "Role" and not namespace:
            return []  # never accepted by the API server
        rules = self.rules.get((ref["kind"], namespace if ref["kind"] == "Role" else "", ref["name"]))
        if rules is None:
            self.missing.append(f"{ref['kind']} {ref['name']} is not in the tree")
        return rules

    def allows(self, user: str, groups: Iterable[str], request: Request) -> bool:
        if "system:masters" in groups:
            return True
        return any(lets_through(rule, request) for rule in self.held(user, groups, request.namespace))

    def lacks_for_role(self, user: str, groups: Sequence[str], role: Manifest, verb: str) -> list[PolicyRule]:
        """What stands against a role's being written; empty if nothing does."""
        kind, namespace, name = identity(role)
        escalate = Request("escalate", GROUP, PLURALS[kind], "", "" if verb == "create" else name, namespace)
        if "system:masters" in groups or self.allows(user, groups, escalate) or self.is_housekeeping(role, verb):
            return []
        held = self.held(user, groups, namespace)
        old = None if verb == "create" else self.old(role)
        gathers = selectors_of(role) or (old is not None and selectors_of(old))
        return uncovered(held, written(role)) or (uncovered(held, FULL) if gathers else [])

    def lacks_for_binding(
        self, user: str, groups: Sequence[str], binding: Manifest, verb: str
    ) -> list[PolicyRule] | None:
        """What stands against a binding's being written, empty if nothing does; None if the role is missing."""
        _, namespace, _ = identity(binding)
        ref = binding["roleRef"]
        bind = Request("bind", GROUP, PLURALS[ref["kind"]], "", ref["name"], namespace)
        if "system:masters" in groups or self.is_housekeeping(binding, verb) or self.allows(user, groups, bind):
            return []
        held = self.held(user, groups, namespace)
        wanted = self.referenced(ref, namespace)
        return None if wanted is None else uncovered(held, wanted)

    def old(self, new: Manifest) -> Manifest | None:
        return next((obj for obj in self.objects if identity(obj) == identity(new)), None)

    def is_housekeeping(self, new: Manifest, verb: str) -> bool:
        """Whether nothing changes but what garbage collection writes; only an update may change nothing at all."""
        old = None if verb == "create" else self.old(new)
        if old is None:
            return False
        if _kept(new) == _kept(old):
            return verb == "update"
        return _kept(new, "ownerReferences", "finalizers") == _kept(old, "ownerReferences", "finalizers")


def _kept(obj: Manifest, *left_out: str) -> Manifest:
    """An object without some of its metadata; an empty list is as good as none."""
    metadata = {key: value for key, value in obj["metadata"].items() if value and key not in left_out}
    return {**{key: value for key, value in obj.items() if value}, "metadata": metadata}


def described(rules: Sequence[PolicyRule]) -> list[str]:
    """The lines of a refusal."""
    lines = set()
    for rule in joined(rules):
        fields = [("APIGroups", rule.api_groups), ("Resources", rule.resources)]
        fields += [("NonResourceURLs", rule.non_resource_urls), ("ResourceNames", rule.resource_names)]
        fields.append(("Verbs", rule.verbs))
        parts = [f"{name}:[{' '.join(json.dumps(text) for text in texts)}]" for name, texts in fields if texts]
        lines.add("{" + ", ".join(parts) + "}")
    return sorted(lines)
