"""The roles and bindings that everything known to deploy writes, and what the API server makes of them.

Whoever writes one needs the plain verb first, then must hold all that it grants, or `escalate` or `bind` (kubernetes
`pkg/registry/rbac/escalation_check.go`). Only what comes after the plain verb is judged here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from kubelint.cluster.helm import RoleWrite, role_writes
from kubelint.cluster.kinds import RBAC, is_known_group
from kubelint.cluster.rbac import (
    RBAC_GROUP,
    RESOURCES,
    Authorizer,
    Decision,
    PolicyRule,
    Request,
    Subject,
    Verdict,
    applies_to,
    name_of,
    namespace_of,
)
from kubelint.cluster.rbac.catalog import written_rules
from kubelint.cluster.rbac.reading import Manifest, as_list, kind_of
from kubelint.manifests.access import Access, Identity, access_to
from kubelint.manifests.deployers.model import DeployerRun
from kubelint.manifests.deployers.purposes import resources_of
from kubelint.manifests.deployers.requests import KnownRun, is_sure, known_runs
from kubelint.manifests.keeping import once_per_project
from kubelint.manifests.objects import KubeObject
from kubelint.manifests.project import Project

#: Which fields decide, so that nothing is known where a patch may set them.
_DECISIVE = {"Role": ("rules",), "ClusterRole": ("rules", "aggregationRule")}
_BOUND = ("roleRef",)


@dataclass(frozen=True)
class Written:
    """A role or binding that a run writes with a plain verb that its account has, and the answer to that.

    `manifest` is the object in the namespace that it is written to, `obj` where it stands. Where the version of Helm is
    not known, the answer is that to the one that gets further. `creates`: it is about making the object, and not just
    about changing it; `always`: the account gets no other, whether the object exists or not.
    """

    known: KnownRun
    obj: KubeObject
    manifest: Manifest
    decision: Decision
    creates: bool = True
    always: bool = True

    @property
    def refused(self) -> bool:
        """Whether the API server surely refuses it."""
        return self.decision.verdict is Verdict.DENIED

    @property
    def is_binding(self) -> bool:
        """Whether it is a RoleBinding or ClusterRoleBinding."""
        return self.obj.kind.endswith("Binding")

    @property
    def namespace(self) -> str:
        """The namespace that it is written to; empty for what is in none."""
        return namespace_of(self.manifest)

    @property
    def display(self) -> str:
        """`Role shop/reader`."""
        place = f"{self.namespace}/" if self.namespace else ""
        return f"{self.obj.kind} {place}{name_of(self.manifest)}"


@once_per_project
def written_roles(project: Project) -> list[Written]:
    """What every known run writes, in their order; judged once for a project."""
    return [written for known in known_runs(project) for written in _judged(project, known)]


def _judged(project: Project, known: KnownRun) -> Iterator[Written]:
    found = _writes(project, known.run)
    if not found:
        return
    cluster = _cluster(project, access_to(project), known, [writes[0] for writes in found.values()])
    for (position, _), writes in found.items():
        obj = known.run.deployed.objects[position]
        answer = _Answers(cluster, known.identity, writes).settled() if obj is not None else None
        if obj is None or answer is None:
            continue
        decision = answer.decision
        if not is_sure(project, known.run, (position,)) or _is_patched(project, obj):
            decision = Decision(Verdict.UNKNOWN, said=f"what becomes of {obj.display} is not known")
        yield Written(known, obj, writes[0].manifest, decision, answer.creates, answer.always)


def _writes(project: Project, run: DeployerRun) -> dict[tuple[int, str], list[RoleWrite]]:
    """How each role or binding is written, by its position and namespace: not on rare occasions, and known."""
    deployed = run.deployed
    if run.command is None or not any(kind_of(manifest) in RBAC for manifest in deployed.manifests):
        return {}
    found: dict[tuple[int, str], list[RoleWrite]] = {}
    resource_of = resources_of(project)
    for write in role_writes(run.command, deployed.manifests, run.namespace, resource_of=resource_of):
        if not write.occasion.rare and not write.unknown:
            found.setdefault((write.position, namespace_of(write.manifest)), []).append(write)
    return found


def _is_patched(project: Project, obj: KubeObject) -> bool:
    """Whether a kustomization may set what decides, or renames the role that is bound."""
    if any(project.may_be_patched(obj, step) for step in _DECISIVE.get(obj.kind, _BOUND)):
        return True
    ref = obj.field("roleRef")
    kind, name = ref.get("kind").text, ref.get("name").text
    bound = project.find(kind, name) if kind and name else ()
    return any(project.kustomizations.names(role) != {name} for role in bound if not role.partial)


def _cluster(project: Project, access: Access, known: KnownRun, writes: Sequence[RoleWrite]) -> Authorizer:
    """The cluster as the run finds it when it comes to a binding: with the roles that it has written.

    What a binding of the run gives the account counts only afterwards, if the account may write that binding at all;
    else somebody else has.
    """
    identity, objects = known.identity, known.run.deployed.objects
    cluster = access.authorizer(known.run.scope)
    roles = []
    for write in writes:
        obj = objects[write.position]
        settled = obj is not None and is_sure(project, known.run, (write.position,)) and not _is_patched(project, obj)
        if kind_of(write.manifest) in _DECISIVE and settled and not _holds(cluster, write.manifest):
            roles.append(write.manifest)
    own = [write for write in writes if _grants_to(write.manifest, identity)]
    bare = cluster.amended(roles, [write.manifest for write in own])
    later = [write.manifest for write in own if _has_verb(bare, identity, write)]
    return bare if len(later) == len(own) else cluster.amended(roles, later)


def _holds(cluster: Authorizer, role: Manifest) -> bool:
    """Whether the cluster has the role as it is written."""
    if role.get("aggregationRule"):
        return True
    return cluster.role_rules(kind_of(role), name_of(role), namespace_of(role)) == written_rules(role)


def _grants_to(binding: Manifest, identity: Identity) -> bool:
    if kind_of(binding) in _DECISIVE:
        return False
    subjects = [Subject.from_manifest(entry) for entry in as_list(binding.get("subjects"))]
    return applies_to(subjects, identity.user, identity.groups, namespace_of(binding))


def _has_verb(cluster: Authorizer, identity: Identity, write: RoleWrite) -> bool:
    """Whether the plain verb is surely allowed; of an apply on the server, the two that it takes."""
    manifest = write.manifest
    verbs = ("patch", "create") if write.verb == "apply" else (write.verb,)
    name = "" if write.verb == "create" else name_of(manifest)
    resource, namespace = RESOURCES[kind_of(manifest)], namespace_of(manifest)
    requests = (Request(verb, RBAC_GROUP, resource, name=name, namespace=namespace) for verb in verbs)
    return all(cluster.allows(identity.user, identity.groups, each) is Verdict.ALLOWED for each in requests)


class _Answer(NamedTuple):
    decision: Decision
    creates: bool
    always: bool

    @property
    def rank(self) -> int:
        return _ORDER.index(self.decision.verdict)


@dataclass(frozen=True)
class _Answers:
    """The answers to one object, written in several ways."""

    cluster: Authorizer
    identity: Identity
    writes: Sequence[RoleWrite]

    def settled(self) -> _Answer | None:
        """Refused where every version of Helm that may run is; None where the account lacks the plain verb."""
        versions = (3, 4) if any(write.helm for write in self.writes) else (None,)
        answers = [self._of([write for write in self.writes if write.helm in (None, helm)]) for helm in versions]
        known = [answer for answer in answers if answer is not None]
        return min(known, key=lambda answer: answer.rank) if len(known) == len(answers) else None

    def _of(self, writes: Sequence[RoleWrite]) -> _Answer | None:
        asked = [write for write in writes if _has_verb(self.cluster, self.identity, write)]
        if not asked or (any(map(_creates, writes)) and not any(map(_creates, asked))):
            return None
        answers = [_Answer(self._decide(write), _creates(write), True) for write in asked]
        worst = max(answers, key=lambda answer: answer.rank)
        same = [answer for answer in answers if answer.rank == worst.rank]
        return _Answer(worst.decision, any(answer.creates for answer in same), len(same) == len(answers))

    def _decide(self, write: RoleWrite) -> Decision:
        user, groups = self.identity.user, self.identity.groups
        binds = kind_of(write.manifest).endswith("Binding")
        judge = self.cluster.may_write_binding if binds else self.cluster.may_write_role
        decision = judge(user, groups, write.manifest, write.verb)
        if decision.verdict is not Verdict.DENIED:
            return decision
        held = self.cluster.holdings(user, groups, namespace_of(write.manifest))
        return _certain(decision, [each.role for each in held if each.role is not None])


#: From the answer that rules are silent on to the one that they speak of.
_ORDER = (Verdict.ALLOWED, Verdict.UNKNOWN, Verdict.DENIED)


def _creates(write: RoleWrite) -> bool:
    return write.verb in ("create", "apply")


def _certain(decision: Decision, roles: Iterable[Mapping[str, object]]) -> Decision:
    """What is surely missing: to an aggregated role, whatever is installed adds rights on its own resources."""
    if not any(role.get("aggregationRule") for role in roles):
        return decision
    missing = [rule for rule in decision.missing if not _is_custom(rule)]
    if not missing:
        return replace(decision, verdict=Verdict.UNKNOWN)
    return replace(decision, missing=missing)


def _is_custom(rule: PolicyRule) -> bool:
    return any(group != "*" and not is_known_group(group) for group in rule.api_groups)
