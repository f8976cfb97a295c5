"""Which words of a role's rule can match no request, and what was probably meant.

Follows kubernetes `pkg/apis/rbac/v1/evaluation_helpers.go`: verbs, groups and resources are compared as they
are; the only wildcards are `*` and `*/subresource`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from kubelint.cluster.rbac import PolicyRule
from kubelint.manifests import Field
from kubelint.manifests.kinds import REMOVED_GROUPS, groups_of_resource, guess_resource, is_known_group

STANDARD_VERBS = frozenset(
    {
        "get",
        "list",
        "watch",
        "create",
        "update",
        "patch",
        "delete",
        "deletecollection",
        "bind",
        "escalate",
        "impersonate",
        "use",
    }
)
_VERSION = re.compile(r"v[0-9]+((alpha|beta)[0-9]+)?")
#: Written for the group whose name it resembles; a CustomResourceDefinition can't have a group without a dot.
_MISNAMED_GROUPS = {
    "core": "",
    "rbac": "rbac.authorization.k8s.io",
    "rbac.authorization": "rbac.authorization.k8s.io",
    "networking": "networking.k8s.io",
    "storage": "storage.k8s.io",
    "scheduling": "scheduling.k8s.io",
    "coordination": "coordination.k8s.io",
    "discovery": "discovery.k8s.io",
    "apiextensions": "apiextensions.k8s.io",
}
#: PodSecurityPolicies are gone; roles that still name them are a leftover, not a mistake.
_LEFTOVERS = frozenset({"podsecuritypolicies"})


@dataclass(frozen=True)
class Mismatch:
    """A word that matches nothing.  `meant` replaces it, if that is certain; `certain` says that nothing can
    ever match it.
    """

    at: Field
    message: str
    help: str
    meant: str | None = None
    certain: bool = False

    @property
    def widens(self) -> bool:
        """Whether `meant` turns a rule that grants nothing into one that grants everything."""
        return self.meant == "*"


def mismatches(
    field: Field, rule: PolicyRule, siblings: Collection[PolicyRule], custom: Collection[str]
) -> Iterator[Mismatch]:
    """The words of a rule that match nothing.

    `siblings` are the other rules of its role: what one of them grants properly needs no word.  `custom`
    holds the plural names of the tree's custom resources.
    """
    yield from _verbs(field.get("verbs").elements())
    if any(group.unknown for group in field.get("apiGroups").elements()):
        return
    groups = list(_groups(field.get("apiGroups").elements(), rule))
    yield from groups
    named = list(_resources(field.get("resources").elements(), rule, custom))
    yield from named
    if not groups:
        skip = {mismatch.at.path for mismatch in named}
        yield from _misplaced(field, rule, siblings, {*custom}, skip)


def _verbs(fields: Iterable[Field]) -> Iterator[Mismatch]:
    for field in fields:
        verb = field.text or ""
        if verb != verb.lower() and verb.lower() in STANDARD_VERBS:
            message = f"the verb `{verb}` matches no request: verbs are compared in lower case"
            yield Mismatch(field, message, f"write `{verb.lower()}`", verb.lower(), certain=True)


def _groups(fields: Iterable[Field], rule: PolicyRule) -> Iterator[Mismatch]:
    for field in fields:
        group = field.text or ""
        name, slash, version = group.partition("/")
        if slash:
            meant = name if _VERSION.fullmatch(version) else None
            message = f"the API group `{group}` matches no request: groups are written without a version"
            yield Mismatch(field, message, f"write `{quoted(name)}`", meant, certain=True)
        elif group in _MISNAMED_GROUPS:
            meant = _MISNAMED_GROUPS[group]
            message = f"the API group `{group}` matches no request: there is no group of this name"
            yield Mismatch(field, message, f"write `{quoted(meant)}`", meant)
        elif _VERSION.fullmatch(group):
            wanted = _only_group(rule.resources)
            message = f"the API group `{group}` matches no request: that is a version, not a group"
            yield Mismatch(field, message, 'name the group, the core group as `""`', wanted)


def _resources(fields: Iterable[Field], rule: PolicyRule, custom: Collection[str]) -> Iterator[Mismatch]:
    built_in = all(is_known_group(group) for group in rule.api_groups)
    for field in fields:
        resource = field.text or ""
        name, _, subresource = resource.partition("/")
        guess = guess_resource(resource)
        if subresource == "*":
            meant = "*" if name == "*" else None
            message = f"the resource `{resource}` matches no request: `*` stands for everything, or before the slash"
            help_text = "write `*`" if name == "*" else f"list the subresources, such as `{_example(name)}`"
            yield Mismatch(field, message, help_text, meant)
        elif guess is None or guess == resource or name in custom:
            continue
        elif (built_in and rule.api_groups) or name != name.lower():
            certain_name = guess if guess not in rule.resources else None
            message = f"the resource `{resource}` matches no request: RBAC knows plural lower-case names only"
            yield Mismatch(field, message, f"write `{guess}`", certain_name)


def _misplaced(
    field: Field,
    rule: PolicyRule,
    siblings: Collection[PolicyRule],
    custom: set[str],
    skip: Collection[object],
) -> Iterator[Mismatch]:
    """Built-in resources none of whose groups is named.  Groups that Kubernetes does not serve may have any
    resource.
    """
    if not rule.api_groups or not all(is_known_group(group) for group in rule.api_groups):
        return
    for element in field.get("resources").elements():
        resource = element.text or ""
        plural = resource.partition("/")[0]
        served = groups_of_resource(plural) - REMOVED_GROUPS
        if element.path in skip or not served or plural in custom or plural in _LEFTOVERS:
            continue
        if not served & {*rule.api_groups} and not _granted_elsewhere(resource, served, siblings):
            yield _wrong_group(field, element, rule, served)


def _wrong_group(field: Field, element: Field, rule: PolicyRule, served: frozenset[str]) -> Mismatch:
    right = sorted(served)
    groups = " or ".join(f"`{quoted(group)}`" for group in right)
    given = ", ".join(f"`{quoted(group)}`" for group in rule.api_groups)
    message = f"the resource `{element.text}` in the API group {given} matches no request: it is in {groups}"
    sole = len(rule.api_groups) == 1 and _only_group(rule.resources) is not None
    # Where every resource of the rule is in one other group, the group is the wrong word, not the resource.
    at = field.get("apiGroups", 0) if sole and len(rule.resources) == 1 else element
    meant = right[0] if sole and len(rule.resources) == 1 and len(right) == 1 else None
    return Mismatch(at, message, f"grant it in the API group {groups}", meant)


def _granted_elsewhere(resource: str, served: frozenset[str], siblings: Collection[PolicyRule]) -> bool:
    return any(
        (resource in other.resources or "*" in other.resources)
        and (served & {*other.api_groups} or "*" in other.api_groups)
        for other in siblings
    )


def _only_group(resources: Iterable[str]) -> str | None:
    """The one group in which all of the resources are served, if there is such."""
    found: set[frozenset[str]] = {groups_of_resource(name.partition("/")[0]) - REMOVED_GROUPS for name in resources}
    group = next(iter(found)) if len(found) == 1 else frozenset[str]()
    return next(iter(group)) if len(group) == 1 else None


def _example(plural: str) -> str:
    return f"{plural}/log" if plural == "pods" else f"{plural}/status"


def quoted(group: str) -> str:
    """A group as it is written: the core group as an empty string."""
    return group or '""'
