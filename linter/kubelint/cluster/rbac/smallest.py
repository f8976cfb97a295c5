"""The fewest rights that are worth some rules, grouped into as few rules as people would write.

What rules are worth follows `covers`; which of them could be limited to names follows kubernetes
`staging/src/k8s.io/apiserver/pkg/endpoints/request/requestinfo.go`.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import replace
from itertools import product

from kubelint.cluster.rbac.rules import PolicyRule, covers

_USUAL = ("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection")


def smallest(rules: Iterable[PolicyRule], held: Iterable[PolicyRule] = ()) -> list[PolicyRule]:
    """Rules that grant what `rules` do beyond `held`, and no more, so that no verb of any could be left out.

    Resources share a rule where their group, names and verbs are the same. They come by group, resource and names,
    verbs in the order in which people name them; what is about URLs comes last.
    """
    grants = dict.fromkeys(covers(held, rules).uncovered)
    wide = [grant for grant in grants if _is_wide(grant)]
    for grant in list(grants):
        if _is_spare(grant, grants, wide):
            del grants[grant]
    return [*_about_resources(grants), *_about_urls(grants)]


def _is_wide(grant: PolicyRule) -> bool:
    """Whether a single grant may take in others that are about other things."""
    return any("*" in text for text in (*grant.verbs, *grant.api_groups, *grant.resources, *grant.non_resource_urls))


def _is_spare(grant: PolicyRule, grants: Container[PolicyRule], wide: Iterable[PolicyRule]) -> bool:
    if grant.resource_names and replace(grant, resource_names=()) in grants:
        return True
    others = (other for other in wide if other != grant and other in grants)
    return any(covers([other], [grant]).covered for other in others)


def _about_resources(grants: Iterable[PolicyRule]) -> Iterator[PolicyRule]:
    """The grants of resources: joined by verbs, then by names, then by resources."""
    verbs: dict[tuple[str, str, tuple[str, ...]], list[str]] = {}
    for grant in grants:
        for group, resource in product(grant.api_groups, grant.resources):
            verbs.setdefault((group, resource, grant.resource_names), []).extend(grant.verbs)
    names: dict[tuple[str, str, bool, tuple[str, ...]], list[str]] = {}
    for (group, resource, named), held in verbs.items():
        names.setdefault((group, resource, bool(named), _ordered(held)), []).extend(named)
    resources: dict[tuple[str, tuple[str, ...], tuple[str, ...]], list[str]] = {}
    for (group, resource, _, held_verbs), found in names.items():
        resources.setdefault((group, tuple(sorted(found)), held_verbs), []).append(resource)
    joined = [PolicyRule(held, (group,), tuple(sorted(of)), named) for (group, named, held), of in resources.items()]
    yield from sorted(joined, key=lambda rule: (rule.api_groups, rule.resources, rule.resource_names, rule.verbs))


def _about_urls(grants: Iterable[PolicyRule]) -> Iterator[PolicyRule]:
    verbs: dict[str, list[str]] = {}
    for grant in grants:
        for url in grant.non_resource_urls:
            verbs.setdefault(url, []).extend(grant.verbs)
    urls: dict[tuple[str, ...], list[str]] = {}
    for url, held in verbs.items():
        urls.setdefault(_ordered(held), []).append(url)
    for joined in sorted(urls):
        yield PolicyRule(joined, non_resource_urls=tuple(sorted(urls[joined])))


def _ordered(verbs: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(verbs, key=lambda verb: (_USUAL.index(verb) if verb in _USUAL else len(_USUAL), verb)))
