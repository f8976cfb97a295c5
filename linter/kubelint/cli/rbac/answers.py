"""What an identity holds in a cluster, and whether that lets a request through, with the places that say so."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple, TypeVar

from kubelint.cli.rbac.clusters import Cluster, Clusters, Spot
from kubelint.cli.rbac.words import Asked
from kubelint.cluster.rbac import (
    Holding,
    PolicyRule,
    Request,
    Verdict,
    name_of,
    namespace_of,
    rule_allows,
)
from kubelint.cluster.rbac.reading import Manifest, as_list, as_mapping, as_text, kind_of, labels_of
from kubelint.cluster.rbac.selectors import Selector
from kubelint.manifests import KubeObject

Answer = TypeVar("Answer")


class Source(NamedTuple):
    """A role or binding and where it stands: None for one that is built in, or not in the tree."""

    kind: str
    name: str
    namespace: str
    spot: Spot | None
    known: bool = True

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"


class HeldRule(NamedTuple):
    """A rule, and where it stands: None if it is built in.  `through` is the role that it was aggregated from."""

    rule: PolicyRule
    spot: Spot | None
    through: Source | None = None


class Held(NamedTuple):
    """What one binding gives in a namespace, or where that is empty in the whole cluster."""

    namespace: str
    binding: Source
    role: Source
    rules: tuple[HeldRule, ...]


class Explanation(NamedTuple):
    """Everything that an identity holds; `unknown` says why there may be more."""

    held: tuple[Held, ...]
    unknown: tuple[str, ...]


class Judgement(NamedTuple):
    """Whether a request is let through; the witness of a yes is a binding with one rule.

    `elsewhere` are the namespaces in which it would be, where it is not in the whole cluster; `rules` is how many
    rules the identity holds there.
    """

    verdict: Verdict
    witness: Held | None
    unknown: tuple[str, ...]
    elsewhere: tuple[str, ...]
    rules: int


class Answered(NamedTuple):
    """One answer, and the names of the clusters that it holds in."""

    names: tuple[str, ...]
    answer: Any


def answer_all(clusters: Iterable[Clusters], ask: Callable[[Cluster], Answer]) -> list[Answered]:
    """The answers of all clusters, equal ones together.

    Alternatives that make no difference to the answer are not spoken of.
    """
    found: dict[Answer, list[str]] = {}
    for cluster in clusters:
        plain = ask(cluster.base)
        told = False
        for group in cluster.variants:
            answers = [(variant.name, ask(variant)) for variant in group]
            if any(answer != plain for _, answer in answers):
                told = True
                for name, answer in answers:
                    found.setdefault(answer, []).append(name)
        if not told:
            found.setdefault(plain, []).append(cluster.base.name)
    return [Answered(tuple(names), answer) for answer, names in found.items()]


def overall(answers: Iterable[Answered]) -> Verdict:
    """The one answer of all clusters; unknown where they differ."""
    verdicts = {answered.answer.verdict for answered in answers}
    return verdicts.pop() if len(verdicts) == 1 else Verdict.UNKNOWN


def explain(cluster: Cluster, asked: Asked, namespace: str = "") -> Explanation:
    """Everything that an identity holds in a cluster; with a `namespace`, what counts there."""
    authorizer, about = cluster.authorizer, (asked.user, asked.groups)
    everywhere = authorizer.holdings(*about)
    held = [_held(cluster, "", holding) for holding in everywhere]
    unknown = [*authorizer.rules_for(*about).unknown]
    for place in [namespace] if namespace else cluster.namespaces:
        own = authorizer.holdings(*about, place)[len(everywhere) :]
        held += [_held(cluster, place, holding) for holding in own]
        unknown += authorizer.rules_for(*about, place).unknown
    held.sort(key=lambda entry: (entry.binding.spot is None, entry.namespace))
    return Explanation(tuple(held), reasons(cluster, asked, unknown))


def judge(cluster: Cluster, asked: Asked, request: Request) -> Judgement:
    """Whether the API server of a cluster lets a request of an identity through."""
    verdict = cluster.authorizer.allows(asked.user, asked.groups, request)
    held = cluster.authorizer.holdings(asked.user, asked.groups, request.namespace)
    if verdict is Verdict.ALLOWED:
        witness = None if asked.is_master else _witness(cluster, held, request)
        return Judgement(verdict, witness, (), (), 0)
    hidden = cluster.authorizer.rules_for(asked.user, asked.groups, request.namespace).unknown
    unknown = reasons(cluster, asked, hidden)
    verdict = Verdict.UNKNOWN if unknown else verdict
    number = sum(len(holding.granted.rules) for holding in held)
    return Judgement(verdict, None, unknown, tuple(_elsewhere(cluster, asked, request)), number)


def _elsewhere(cluster: Cluster, asked: Asked, request: Request) -> Iterator[str]:
    if request.namespace or request.path:
        return
    for namespace in cluster.namespaces:
        request_there = Request(
            request.verb, request.api_group, request.resource, request.subresource, request.name, namespace
        )
        if cluster.authorizer.allows(asked.user, asked.groups, request_there) is Verdict.ALLOWED:
            yield namespace


def reasons(cluster: Cluster, asked: Asked, unknown: Iterable[str]) -> tuple[str, ...]:
    """Why an identity may hold more than is known: what the authorizer says, and what the tree hides or lacks."""
    paths = (path for path in cluster.unread if cluster.tree.may_name(path, asked.kind))
    unread = (f"{path} speaks of a binding, and could not be read" for path in paths)
    strange = [] if cluster.tree.speaks_of(asked) else [f"nothing in the tree speaks of {asked}"]
    return tuple(dict.fromkeys([*strange, *map(cluster.tree.manifests.reason, unknown), *unread]))


def _witness(cluster: Cluster, held: list[Holding], request: Request) -> Held | None:
    """The first binding, and of its role the first rule, that lets a request through; None for system:masters."""
    for holding in held:
        for index, rule in enumerate(holding.granted.rules):
            if rule_allows(rule, request):
                namespace = namespace_of(holding.binding)
                return _held(cluster, namespace, holding, index)
    return None


def _held(cluster: Cluster, namespace: str, holding: Holding, only: int | None = None) -> Held:
    binding = _source(cluster, holding.binding)
    if holding.role is None:
        ref = as_mapping(holding.binding.get("roleRef"))
        kind = as_text(ref.get("kind"))
        inside = namespace if kind == "Role" else ""
        role = Source(kind, as_text(ref.get("name")), inside, None, known=False)
        return Held(namespace, binding, role, ())
    rules = enumerate(holding.granted.rules)
    wanted = [(index, rule) for index, rule in rules if only is None or index == only]
    shown = tuple(_rule(cluster, holding, index, rule) for index, rule in wanted)
    return Held(namespace, binding, _source(cluster, holding.role), shown)


def _source(cluster: Cluster, manifest: Manifest) -> Source:
    obj = cluster.object_of(manifest)
    spot = None if obj is None else cluster.tree.spot(obj)
    return Source(kind_of(manifest), name_of(manifest), namespace_of(manifest), spot)


def _rule(cluster: Cluster, holding: Holding, index: int, rule: PolicyRule) -> HeldRule:
    """The `index`th rule that a role grants, with its place: in the role, or in one that it aggregates."""
    role = holding.role
    assert role is not None
    if not as_mapping(role.get("aggregationRule")).get("clusterRoleSelectors"):
        return HeldRule(rule, _spot_of_rule(cluster, cluster.object_of(role), index))
    for other, place in _aggregated(cluster, role, rule):
        return HeldRule(rule, _spot_of_rule(cluster, cluster.object_of(other), place), _source(cluster, other))
    return HeldRule(rule, None)


def _spot_of_rule(cluster: Cluster, obj: KubeObject | None, index: int) -> Spot | None:
    return None if obj is None else cluster.tree.spot(obj.field("rules", index))


def _aggregated(cluster: Cluster, role: Manifest, rule: PolicyRule) -> Iterator[tuple[Manifest, int]]:
    """The ClusterRoles that write a rule which `role` aggregates, first those that it selects itself."""
    written = as_list(as_mapping(role.get("aggregationRule")).get("clusterRoleSelectors"))
    selectors = [Selector.from_manifest(entry) for entry in written]
    yield from sorted(cluster.writers.get(rule, ()), key=lambda writer: not _selected(writer[0], selectors))


def _selected(role: Manifest, selectors: list[Selector]) -> bool:
    labels = labels_of(role)
    return any(all(need.met_by(labels) for need in selector.requirements) for selector in selectors)
