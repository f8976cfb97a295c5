"""Which words of a role's rule can match no request, and what was probably meant.

Follows kubernetes `pkg/apis/rbac/v1/evaluation_helpers.go`: verbs, groups and resources are compared as they
are; the only wildcards are `*` and `*/subresource`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from kubelint.cluster.kinds import REMOVED_GROUPS, groups_of_resource, guess_resource, is_known_group
from kubelint.cluster.rbac import PolicyRule
from kubelint.manifests import Field, KubeObject

from .standard_verbs import REQUEST_VERBS, SPECIAL_VERBS

_VERSION = re.compile(r"v[0-9]+((alpha|beta)[0-9]+)?")
_LIST = re.compile(r"[,;\s]")
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


@dataclass(frozen=True)
class Surroundings:
    """What else is known where a rule stands.

    `granted` are the rules of its role: what one of them grants properly needs no word.  None where a patch may add
    some.  `removed` are the groups that the cluster serves no more.
    """

    custom: CustomResources
    granted: Collection[PolicyRule] | None = ()
    removed: frozenset[str] = REMOVED_GROUPS


class CustomResources:
    """The custom resources that the tree defines."""

    def __init__(self, definitions: Iterable[KubeObject] = ()) -> None:
        self.plurals: set[str] = set()
        self._meant: dict[tuple[str, str], str] = {}
        for crd in definitions:
            names, group = crd.field("spec", "names"), crd.field("spec", "group").text
            plural = names.get("plural").text
            if not plural:
                continue
            self.plurals.add(plural)
            others = (names.get("kind").text, names.get("singular").text, *names.get("shortNames").strings())
            for other in (other for other in others if other and group):
                self._meant[str(group), other.lower()] = plural

    def guess(self, groups: Collection[str], text: str) -> str | None:
        """The plural that is meant by the kind, the singular or a short name of a resource of the one group."""
        name, slash, subresource = text.partition("/")
        plural = self._meant.get((next(iter(groups)), name.lower())) if len(groups) == 1 else None
        return None if plural is None or name in self.plurals else plural + slash + subresource


def mismatches(field: Field, rule: PolicyRule, around: Surroundings) -> Iterator[Mismatch]:
    """The words of a rule that match nothing."""
    odd = [*_misshapen(field)]
    yield from odd
    skip: set[object] = {mismatch.at.path for mismatch in odd}
    yield from _verbs(element for element in field.get("verbs").elements() if element.path not in skip)
    if any(group.unknown for group in field.get("apiGroups").elements()):
        return
    groups = list(_groups((each for each in field.get("apiGroups").elements() if each.path not in skip), rule))
    yield from groups
    elements = (element for element in field.get("resources").elements() if element.path not in skip)
    named = list(_resources(elements, rule, around.custom))
    yield from named
    if not groups and around.granted is not None:
        yield from _misplaced(field, rule, around, skip | {mismatch.at.path for mismatch in named})


def _misshapen(field: Field) -> Iterator[Mismatch]:
    """Words that are no words: lists in one string, patterns, paths without their first slash."""
    for key, what in (("verbs", "verb"), ("apiGroups", "API group"), ("resources", "resource")):
        for element in field.get(key).elements():
            text = element.text or ""
            if _LIST.search(text):
                message = f"the {what} `{text}` matches no request: it is one word, not a list"
                yield Mismatch(element, message, "write an entry for each", certain=True)
            elif "*" in text.removeprefix("*/") and text != "*" and not text.endswith("/*"):
                message = f"the {what} `{text}` matches no request: there are no patterns here"
                yield Mismatch(element, message, "list each that is meant")
    for element in field.get("nonResourceURLs").elements():
        path = element.text or ""
        if path and not path.startswith(("/", "*")):
            message = f"the URL `{path}` matches no request: it is a path and starts with `/`"
            meant = None if ":" in path else f"/{path}"
            yield Mismatch(element, message, f"write `{meant}`" if meant else "write the path alone", meant)
        elif "*" in path.rstrip("*"):
            message = f"the URL `{path}` matches no request: `*` is a wildcard only at the end"
            yield Mismatch(element, message, "list the paths, or end the common part in `*`")


def _verbs(fields: Iterable[Field]) -> Iterator[Mismatch]:
    for field in fields:
        verb = field.text or ""
        if verb != verb.lower() and verb.lower() in REQUEST_VERBS | SPECIAL_VERBS:
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


def _resources(fields: Iterable[Field], rule: PolicyRule, custom: CustomResources) -> Iterator[Mismatch]:
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
        elif custom.guess(rule.api_groups, resource) is not None:
            yield _no_plural(field, resource, custom.guess(rule.api_groups, resource) or "", rule)
        elif _qualified(name) is not None:
            plural, group = _qualified(name) or ("", "")
            message = f"the resource `{resource}` matches no request: its API group stands in `apiGroups`"
            yield Mismatch(field, message, f"write `{plural}`, in the API group `{quoted(group)}`")
        elif guess is None or guess == resource or name in custom.plurals:
            continue
        elif (built_in and rule.api_groups) or name != name.lower():
            yield _no_plural(field, resource, guess, rule)


def _no_plural(field: Field, resource: str, guess: str, rule: PolicyRule) -> Mismatch:
    certain_name = guess if guess not in rule.resources else None
    message = f"the resource `{resource}` matches no request: RBAC knows plural lower-case names only"
    return Mismatch(field, message, f"write `{guess}`", certain_name)


def _qualified(name: str) -> tuple[str, str] | None:
    """Plural and group of `deployments.apps`, as kubectl takes it."""
    plural, dot, group = name.partition(".")
    return (plural, group) if dot and group in groups_of_resource(plural) else None


def _misplaced(field: Field, rule: PolicyRule, around: Surroundings, skip: Collection[object]) -> Iterator[Mismatch]:
    """Built-in resources none of whose groups is named.  Groups that Kubernetes does not serve may have any
    resource.
    """
    if not rule.api_groups or not all(is_known_group(group) for group in rule.api_groups):
        return
    for element in field.get("resources").elements():
        resource = element.text or ""
        plural = resource.partition("/")[0]
        served = groups_of_resource(plural) - around.removed
        if element.path in skip or not served or plural in around.custom.plurals or plural in _LEFTOVERS:
            continue
        if not served & {*rule.api_groups} and not _granted_elsewhere(resource, served, around.granted or ()):
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


def _granted_elsewhere(resource: str, served: frozenset[str], granted: Collection[PolicyRule]) -> bool:
    return any(
        (resource in other.resources or "*" in other.resources)
        and (served & {*other.api_groups} or "*" in other.api_groups)
        for other in granted
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
