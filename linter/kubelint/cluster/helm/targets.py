"""The objects of a deployment as requests see them: resource, namespace, name; and which of them are Helm's hooks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kubelint.cluster.helm.resources import NAMESPACES, Resource, Resources
from kubelint.cluster.plain import as_list, as_mapping
from kubelint.cluster.rbac import Request
from kubelint.cluster.rbac.reading import Manifest, as_text, kind_of
from kubelint.cluster.templates import has_template

HOOK = "helm.sh/hook"
_DELETE_POLICY = "helm.sh/hook-delete-policy"
_LOG_POLICY = "helm.sh/hook-output-log-policy"
_KEEP = "helm.sh/resource-policy"
BEFORE_CREATION = "before-hook-creation"


@dataclass(frozen=True, slots=True)
class Target:
    """What requests are about. An empty `namespace` is that of the cluster, an empty `name` is not known.

    `position` is that of the object in the list that was given, None where there is none. `nowhere` says why the
    namespace or the resource is not known, empty if it is.
    """

    resource: Resource
    namespace: str = ""
    name: str = ""
    position: int | None = None
    manifest: Manifest | None = None
    nowhere: str = ""

    @property
    def kind(self) -> str:
        """The kind of the object."""
        return kind_of(self.manifest or {})

    @property
    def spec(self) -> Manifest:
        """The object's spec."""
        return as_mapping((self.manifest or {}).get("spec"))

    @property
    def annotations(self) -> Manifest:
        """The object's annotations, whatever their values."""
        return as_mapping(as_mapping((self.manifest or {}).get("metadata")).get("annotations"))

    @property
    def kept(self) -> bool:
        """Whether Helm never deletes the object."""
        return as_text(self.annotations.get(_KEEP)).strip().lower() == "keep"

    def request(self, verb: str, *, named: bool, subresource: str = "") -> Request:
        """The request. A namespace that is named in a URL counts as the namespace of the request (`NewRequestInfo`)."""
        name = self.name if named else ""
        namespace = self.namespace if self.resource.namespaced else ""
        if self.resource == NAMESPACES and verb not in ("list", "watch"):
            namespace = name
        return Request(verb, self.resource.group, self.resource.plural, subresource, name, namespace)

    def unknown(self, *, named: bool) -> str:
        """Why a request is not fully known; empty if it is."""
        if self.nowhere or not named or self.name or self.position is None:
            return self.nowhere
        return f"the name of a {self.kind} is not known"

    def policies(self, annotation: str) -> frozenset[str]:
        """The words of a list in an annotation."""
        return frozenset(word.strip() for word in as_text(self.annotations.get(annotation)).split(",") if word.strip())


@dataclass(frozen=True, slots=True)
class Hook:
    """An object that Helm runs at events of the release. The events of one that is template text are not known."""

    target: Target
    events: frozenset[str]

    @property
    def deletes(self) -> frozenset[str]:
        """When it is deleted: its policies, `before-hook-creation` where it has none. CRDs never are."""
        if self.target.kind == "CustomResourceDefinition":
            return frozenset()
        return self.target.policies(_DELETE_POLICY) or frozenset({BEFORE_CREATION})

    @property
    def shows_logs(self) -> bool:
        """Whether Helm prints the logs of its pods."""
        return self.target.kind in ("Job", "Pod") and bool(self.target.policies(_LOG_POLICY))


@dataclass(frozen=True, slots=True)
class Targets:
    """The objects of a release, its hooks, and the CRDs that Helm installs beforehand."""

    objects: tuple[Target, ...]
    hooks: tuple[Hook, ...]
    crds: tuple[Target, ...]

    @property
    def everything(self) -> tuple[Target, ...]:
        """The objects and hooks, which to all but Helm are objects as others."""
        return (*self.objects, *(hook.target for hook in self.hooks))


def read_targets(
    objects: Iterable[Manifest], crds: Iterable[Manifest], namespace: str, resources: Resources
) -> Targets:
    """Sort what is deployed into `namespace`. The positions of `crds` follow those of `objects`."""
    given = list(objects)
    plain: list[Target] = []
    hooks: list[Hook] = []
    for target in _targets(enumerate(given), namespace, resources):
        if target.annotations.get(HOOK):
            hooks.append(Hook(target, target.policies(HOOK)))
        else:
            plain.append(target)
    return Targets(tuple(plain), tuple(hooks), tuple(_targets(enumerate(crds, len(given)), namespace, resources)))


def _targets(objects: Iterable[tuple[int, Manifest]], namespace: str, resources: Resources) -> Iterator[Target]:
    for position, obj in objects:
        for item in _listed(obj):
            if as_text(item.get("apiVersion")) and kind_of(item):
                yield _target(position, item, namespace, resources)


def _listed(obj: object) -> Iterator[Manifest]:
    """The object, or the items of a list."""
    item = as_mapping(obj)
    if kind_of(item).endswith("List") and isinstance(item.get("items"), list):
        yield from map(as_mapping, as_list(item.get("items")))
    else:
        yield item


def _target(position: int, obj: Manifest, default: str, resources: Resources) -> Target:
    resource = resources.of(as_text(obj.get("apiVersion")), kind_of(obj))
    metadata = as_mapping(obj.get("metadata"))
    name, written = as_text(metadata.get("name")), as_text(metadata.get("namespace"))
    namespace = written or default
    nowhere = ""
    if not resource.known or has_template(kind_of(obj)) or has_template(as_text(obj.get("apiVersion"))):
        nowhere = f"no file tells the resource of the kind {kind_of(obj)}"
    elif resource.namespaced and (not namespace or has_template(namespace)):
        nowhere = f"the namespace of {kind_of(obj)} {name} is not known"
    shown = "" if has_template(name) else name
    return Target(resource, namespace if resource.namespaced else "", shown, position, obj, nowhere)
