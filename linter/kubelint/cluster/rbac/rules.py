"""Policy rules: what one rule allows, and when a set of rules is worth another.

Two different questions, with two different answers upstream:

- `rule_allows`: does this rule let this request through?  Asked on every request.
  kubernetes `plugin/pkg/auth/authorizer/rbac/rbac.go` and `pkg/apis/rbac/v1/evaluation_helpers.go`.
- `covers`: does somebody who holds these rules already hold those?  Asked before a role or a binding is
  written.  component-helpers `auth/rbac/validation/policy_comparator.go`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

RBAC_GROUP = "rbac.authorization.k8s.io"
EVERYTHING = "*"
_MANY = 16


@dataclass(frozen=True)
class PolicyRule:
    """One entry of `rules`: every combination of its lists is granted.  Order and repetitions are kept as
    written.  Lists are made tuples.
    """

    verbs: tuple[str, ...]
    api_groups: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    resource_names: tuple[str, ...] = ()
    non_resource_urls: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, texts in self.__dict__.items():
            if type(texts) is not tuple:
                object.__setattr__(self, name, tuple(texts))

    @classmethod
    def from_manifest(cls, rule: object) -> PolicyRule:
        """Read a rule with the v1 field names.  What is absent or not a list of strings is empty; nothing
        raises.  Names that cannot be read leave the rule without verbs: no names would be all of them.
        """
        fields: Mapping[object, object] = rule if isinstance(rule, Mapping) else {}
        names = fields.get("resourceNames") or ()
        readable = isinstance(names, list | tuple) and all(isinstance(name, str) for name in names)
        return cls(
            verbs=_strings(fields.get("verbs")) if readable else (),
            api_groups=_strings(fields.get("apiGroups")),
            resources=_strings(fields.get("resources")),
            resource_names=_strings(names),
            non_resource_urls=_strings(fields.get("nonResourceURLs")),
        )

    def texts(self) -> Iterator[str]:
        """Every string that the rule holds."""
        yield from self.verbs
        yield from self.api_groups
        yield from self.resources
        yield from self.resource_names
        yield from self.non_resource_urls

    def matches_name(self, name: str) -> bool:
        """Whether the rule is about the object of a name; an empty name stands for none."""
        return not self.resource_names or name in self._names

    @cached_property
    def _names(self) -> Collection[str]:
        """The names, quick to search in if they are many."""
        return self.resource_names if len(self.resource_names) < _MANY else frozenset(self.resource_names)

    def __str__(self) -> str:
        """The form used in the API server's messages (`CompactString`)."""
        fields = (
            ("APIGroups", self.api_groups),
            ("Resources", self.resources),
            ("NonResourceURLs", self.non_resource_urls),
            ("ResourceNames", self.resource_names),
            ("Verbs", self.verbs),
        )
        return "{" + ", ".join([f"{name}:{quoted(texts)}" for name, texts in fields if texts]) + "}"


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
        return _covers_url(rule, request.path)
    return (
        _has(rule.api_groups, request.api_group)
        and _matches_resource(rule.resources, request)
        and rule.matches_name(request.name)
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

    The servant rules are taken apart into single grants (`BreakdownRule`), and one owner rule must take in a
    grant whole: owner rules are never added up for one grant.  What is left over comes in the order of the
    servant rules, then by group, resource, verb and name, then by URL and verb; repetitions stay.
    """
    owners = _Owners(owner)
    uncovered = [grant for rule in servant for grant in owners.lacking(rule)]
    return Coverage(not uncovered, uncovered)


class _Owners:
    """The owner's rules, found by verb and group: the servant asks for the same few again and again."""

    def __init__(self, rules: Iterable[PolicyRule]) -> None:
        self._rules = list(rules)
        self._found: dict[tuple[str, str], list[PolicyRule]] = {}

    def lacking(self, rule: PolicyRule) -> Iterator[PolicyRule]:
        """The single grants of a rule that no owner rule takes in."""
        for group in rule.api_groups:
            for resource in rule.resources:
                for verb in rule.verbs:
                    holders = [held for held in self._about(verb, group) if _covers_resource(held.resources, resource)]
                    if all(held.resource_names for held in holders):
                        yield from _named(holders, verb, group, resource, rule.resource_names)
        for url in rule.non_resource_urls:
            for verb in rule.verbs:
                if not any(_has(held.verbs, verb) and _is_url_owner(held, url) for held in self._rules):
                    yield PolicyRule((verb,), non_resource_urls=(url,))

    def _about(self, verb: str, group: str) -> list[PolicyRule]:
        found = self._found.get((verb, group))
        if found is None:
            found = [rule for rule in self._rules if _has(rule.verbs, verb) and _has(rule.api_groups, group)]
            self._found[verb, group] = found
        return found


def _named(
    holders: list[PolicyRule], verb: str, group: str, resource: str, names: tuple[str, ...]
) -> Iterator[PolicyRule]:
    """What is lacking if every rule that fits is limited to some names."""
    if not names:
        yield PolicyRule((verb,), (group,), (resource,))
    for name in names:
        if not any(held.matches_name(name) for held in holders):
            yield PolicyRule((verb,), (group,), (resource,), (name,))


def _covers_resource(held: tuple[str, ...], resource: str) -> bool:
    if _has(held, resource):
        return True
    _, slash, subresource = resource.partition("/")
    return bool(slash) and f"*/{subresource}" in held


def _is_url_owner(held: PolicyRule, url: str) -> bool:
    # A rule that is limited to names covers nothing without a name, and a URL has none.
    return not held.resource_names and _covers_url(held, url)


def _covers_url(held: PolicyRule, url: str) -> bool:
    return any(non_resource_url_covers(owner, url) for owner in held.non_resource_urls)


def compact(rules: Iterable[PolicyRule]) -> list[PolicyRule]:
    """Join the verbs of rules about one group, one resource and at most one name (`CompactRules`).

    Other rules come first, unchanged.  Upstream leaves the order of the joined rules to chance; here it is
    that of their first appearance.
    """
    kept: list[PolicyRule] = []
    joined: dict[tuple[tuple[str, ...], ...], list[PolicyRule]] = {}
    for rule in rules:
        if _is_simple(rule):
            joined.setdefault((rule.api_groups, rule.resources, rule.resource_names), []).append(rule)
        else:
            kept.append(rule)
    return [*kept, *map(_joined, joined.values())]


def _joined(rules: list[PolicyRule]) -> PolicyRule:
    if len(rules) == 1:
        return rules[0]
    return replace(rules[0], verbs=tuple(verb for rule in rules for verb in rule.verbs))


def _is_simple(rule: PolicyRule) -> bool:
    return (
        len(rule.api_groups) == 1
        and len(rule.resources) == 1
        and len(rule.resource_names) <= 1
        and not rule.non_resource_urls
    )


def quoted(texts: Iterable[str]) -> str:
    """A list of strings as Go prints it with `%q`: `["a" "b"]`."""
    return "[" + " ".join(map(quote, texts)) + "]"


def quote(text: str) -> str:
    """A string as Go prints it with `%q`."""
    if text.isprintable() and "\\" not in text and '"' not in text:
        return f'"{text}"'
    return '"' + "".join(map(_escaped, text)) + '"'


_ESCAPES = {
    "\\": "\\\\",
    '"': '\\"',
    "\a": "\\a",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\v": "\\v",
}


def _escaped(char: str) -> str:
    if char in _ESCAPES or char.isprintable():
        return _ESCAPES.get(char, char)
    code = ord(char)
    if code < 0x20 or code == 0x7F:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _has(values: tuple[str, ...], wanted: str) -> bool:
    return EVERYTHING in values or wanted in values


def _strings(value: object) -> tuple[str, ...]:
    return tuple([text for text in value if isinstance(text, str)]) if isinstance(value, list | tuple) else ()
