"""Policy rules: what one rule allows, and when a set of rules is worth another.

Two different questions, with two different answers upstream:

* `rule_allows`: does this rule let this request through?  Asked on every request. kubernetes
`plugin/pkg/auth/authorizer/rbac/rbac.go` and `pkg/apis/rbac/v1/evaluation_helpers.go`. * `covers`: does
somebody who holds these rules already hold those?  Asked before a role or a binding is written.
component-helpers `auth/rbac/validation/policy_comparator.go`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

RBAC_GROUP = "rbac.authorization.k8s.io"
EVERYTHING = "*"


@dataclass(frozen=True, slots=True)
class PolicyRule:
    """One entry of `rules`: every combination of its lists is granted.  Order and repetitions are kept as
    written.
    """

    verbs: tuple[str, ...]
    api_groups: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    resource_names: tuple[str, ...] = ()
    non_resource_urls: tuple[str, ...] = ()

    @classmethod
    def from_manifest(cls, rule: object) -> PolicyRule:
        """Read a rule with the v1 field names.  What is absent or not a list of strings is empty; nothing
        raises.
        """
        fields: Mapping[object, object] = rule if isinstance(rule, Mapping) else {}
        return cls(
            verbs=_strings(fields.get("verbs")),
            api_groups=_strings(fields.get("apiGroups")),
            resources=_strings(fields.get("resources")),
            resource_names=_strings(fields.get("resourceNames")),
            non_resource_urls=_strings(fields.get("nonResourceURLs")),
        )

    def texts(self) -> Iterator[str]:
        """Every string that the rule holds."""
        yield from self.verbs
        yield from self.api_groups
        yield from self.resources
        yield from self.resource_names
        yield from self.non_resource_urls

    def __str__(self) -> str:
        """The form used in the API server's messages (`CompactString`)."""
        fields = {
            "APIGroups": self.api_groups,
            "Resources": self.resources,
            "NonResourceURLs": self.non_resource_urls,
            "ResourceNames": self.resource_names,
            "Verbs": self.verbs,
        }
        return "{" + ", ".join(f"{name}:{quoted(texts)}" for name, texts in fields.items() if texts) + "}"


#: What only a cluster administrator holds; asked of who writes an `aggregationRule`.
FULL_AUTHORITY = (
    PolicyRule(("*",), ("*",), ("*",)),
    PolicyRule(("*",), non_resource_urls=("*",)),
)


@dataclass(frozen=True, slots=True)
class Request:
    """What the authorizer is asked.  With a `path` it is about that URL, else about a resource.

    `name` is empty where the request carries none: POST to a collection, list, watch, deletecollection.
    """

    verb: str
    api_group: str = ""
    resource: str = ""
    subresource: str = ""
    name: str = ""
    namespace: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class Coverage:
    """Answer of `covers`: `uncovered` holds the parts of the asked rules that no owner rule covers, broken down."""

    covered: bool
    uncovered: list[PolicyRule]


def rule_allows(rule: PolicyRule, request: Request) -> bool:
    """Whether `rule` alone lets `request` through (`RuleAllows`)."""
    if not _has(rule.verbs, request.verb):
        return False
    if request.path:
        return any(non_resource_url_covers(url, request.path) for url in rule.non_resource_urls)
    return (
        _has(rule.api_groups, request.api_group)
        and _matches_resource(rule.resources, request)
        and (not rule.resource_names or request.name in rule.resource_names)
    )


def _matches_resource(resources: tuple[str, ...], request: Request) -> bool:
    if not request.subresource:
        return _has(resources, request.resource)
    return _has(resources, f"{request.resource}/{request.subresource}") or f"*/{request.subresource}" in resources


def non_resource_url_covers(owner: str, requested: str) -> bool:
    """Whether the URL or URL prefix `owner` takes in `requested`; only a trailing `*` is a wildcard."""
    return owner == requested or (owner.endswith("*") and requested.startswith(owner.rstrip("*")))


def covers(owner: Iterable[PolicyRule], servant: Iterable[PolicyRule]) -> Coverage:
    """Whether the `owner` rules take in all of the `servant` rules.

    The servant rules are taken apart into single grants, and one owner rule must take in a grant whole:
    owner rules are never added up for one grant.
    """
    owners = list(owner)
    uncovered = [
        grant for rule in servant for grant in _grants(rule) if not any(_rule_covers(held, grant) for held in owners)
    ]
    return Coverage(not uncovered, uncovered)


def _grants(rule: PolicyRule) -> Iterator[PolicyRule]:
    """One rule per group, resource, verb and name (`BreakdownRule`)."""
    for group in rule.api_groups:
        for resource in rule.resources:
            for verb in rule.verbs:
                if not rule.resource_names:
                    yield PolicyRule((verb,), (group,), (resource,))
                for name in rule.resource_names:
                    yield PolicyRule((verb,), (group,), (resource,), (name,))
    for url in rule.non_resource_urls:
        for verb in rule.verbs:
            yield PolicyRule((verb,), non_resource_urls=(url,))


def _rule_covers(owner: PolicyRule, grant: PolicyRule) -> bool:
    return (
        _has_all(owner.verbs, grant.verbs)
        and _has_all(owner.api_groups, grant.api_groups)
        and all(_covers_resource(owner.resources, resource) for resource in grant.resources)
        and _covers_names(owner.resource_names, grant.resource_names)
        and all(
            any(non_resource_url_covers(held, url) for held in owner.non_resource_urls)
            for url in grant.non_resource_urls
        )
    )


def _covers_resource(held: tuple[str, ...], resource: str) -> bool:
    if _has(held, resource):
        return True
    _, slash, subresource = resource.partition("/")
    return bool(slash) and f"*/{subresource}" in held


def _covers_names(held: tuple[str, ...], names: tuple[str, ...]) -> bool:
    return not held or (bool(names) and all(name in held for name in names))


def compact(rules: Iterable[PolicyRule]) -> list[PolicyRule]:
    """Join the verbs of rules about one group, one resource and at most one name (`CompactRules`).

    Other rules come first, unchanged.  Upstream leaves the order of the joined rules to chance; here it is
    that of their first appearance.
    """
    kept: list[PolicyRule] = []
    joined: dict[tuple[object, ...], PolicyRule] = {}
    for rule in rules:
        if not _is_simple(rule):
            kept.append(rule)
            continue
        key = (rule.api_groups, rule.resources, rule.resource_names)
        before = joined.get(key)
        joined[key] = rule if before is None else replace(before, verbs=before.verbs + rule.verbs)
    return [*kept, *joined.values()]


def _is_simple(rule: PolicyRule) -> bool:
    return (
        len(rule.api_groups) == 1
        and len(rule.resources) == 1
        and len(rule.resource_names) <= 1
        and not rule.non_resource_urls
    )


def quoted(texts: Iterable[str]) -> str:
    """A list of strings as Go prints it with `%q`: `["a" "b"]`."""
    return "[" + " ".join(quote(text) for text in texts) + "]"


def quote(text: str) -> str:
    """A string as Go prints it with `%q`."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(char if char.isprintable() else repr(char)[1:-1] for char in escaped) + '"'


def _has(values: tuple[str, ...], wanted: str) -> bool:
    return EVERYTHING in values or wanted in values


def _has_all(values: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    return EVERYTHING in values or all(text in values for text in wanted)


def _strings(value: object) -> tuple[str, ...]:
    return tuple(text for text in value if isinstance(text, str)) if isinstance(value, list | tuple) else ()
