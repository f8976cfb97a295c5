"""The workloads that read Secrets in a way that lasts as long as a pod: variables, and single files of a volume."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from posixpath import dirname
from typing import Literal, NamedTuple

from kubelint.cluster.plain import as_mapping
from kubelint.cluster.reloader import KINDS
from kubelint.cluster.templates import has_template
from kubelint.manifests import Field, KubeObject, PodTemplate, Project, once_per_project
from kubelint.manifests.releases import Release
from kubelint.manifests.secret_sources import SecretSource

Way = Literal["env", "envFrom", "subPath"]


class Use(NamedTuple):
    """One Secret that a workload reads: its name, where that is written, and how it is read."""

    secret: str
    at: Field
    way: Way


class Consumer(NamedTuple):
    """A workload, or a release whose values tell what its workload reads."""

    name: str
    kind: str | None
    """The kind of the workload; None for a release of a chart that may make any."""
    own_name: str | None
    scope: str
    namespaces: frozenset[str]
    file: str
    workload: Mapping[str, object]
    """The workload's own annotations."""
    pod: Mapping[str, object]
    """The annotations of its pods."""
    open: bool
    """Whether it may have annotations that are not known."""
    uses: tuple[Use, ...]
    holder: Field | None
    """The mapping in which `annotations` of the workload are written; None where that is not for sure."""

    def may_read(self, source: SecretSource) -> bool:
        """Whether a Secret is, or may well be, in the same namespace; in doubt, if it is written close by."""
        if self.namespaces and source.namespaces:
            return not self.namespaces.isdisjoint(source.namespaces)
        one, other = dirname(self.file), dirname(source.at.document.file)
        return f"{one}/".startswith(f"{other}/") or f"{other}/".startswith(f"{one}/")


@once_per_project
def consumers(project: Project) -> list[Consumer]:
    """Every workload of a tree that reads a Secret for as long as its pod lives; found once for all rules."""
    from kubelint_rules.rotation.chart_consumers import release_consumers

    found = [_of_pod(project, pod) for pod in project.pods if _is_restarted(pod)]
    found += [each for release in project.releases for each in release_consumers(project, release)]
    return [each for each in found if each.uses]


def annotations_of(field: Field) -> tuple[dict[str, object], bool]:
    """The annotations of a mapping, and whether there may be others."""
    return dict(as_mapping(field.value)), field.unknown or field.get("").unknown or bool(getattr(field, "hidden", 0))


def env_uses(container: Field) -> Iterator[Use]:
    """What a container's variables are taken from; `env` may be a list, or a mapping by the variables' names."""
    env = container.get("env")
    for entry in (*env.elements(), *(field for _, field in env.items())):
        for ref in (entry.get("valueFrom", "secretKeyRef"), entry.get("secretKeyRef")):
            if ref.get("name").exists:
                yield from _use(ref.get("name"), "env")
    for entry in container.get("envFrom").elements():
        if entry.get("secretRef", "name").exists:
            yield from _use(entry.get("secretRef", "name"), "envFrom")


def _use(name: Field, way: Way) -> Iterator[Use]:
    if isinstance(name.value, str):
        yield Use(name.value, name, way)


def _is_restarted(pod: PodTemplate) -> bool:
    obj = pod.obj
    return (
        obj.kind in KINDS and not obj.partial and not obj.document.rendering and "helm.sh/hook" not in obj.annotations
    )


def _of_pod(project: Project, pod: PodTemplate) -> Consumer:
    obj = pod.obj
    own, own_open = annotations_of(obj.field("metadata", "annotations"))
    inner, inner_open = annotations_of(pod.metadata.get("annotations"))
    uses = [use for container in pod.containers for use in env_uses(container.field)]
    uses += _single_files(pod)
    return Consumer(
        obj.display,
        obj.kind,
        obj.name,
        obj.scope,
        project.kustomizations.namespaces(obj),
        obj.file,
        own,
        inner,
        own_open or inner_open or _may_be_annotated(project, obj),
        tuple(use for use in uses if not has_template(use.secret)),
        obj.field("metadata"),
    )


def _may_be_annotated(project: Project, obj: KubeObject) -> bool:
    places = (("metadata", "annotations"), ("spec", "template", "metadata", "annotations"))
    return any(project.may_be_patched(obj, *steps) for steps in places)


def _single_files(pod: PodTemplate) -> Iterator[Use]:
    """The Secrets of which a single path is mounted."""
    names: dict[str, list[Field]] = {}
    for volume in pod.spec.get("volumes").elements():
        found = [volume.get("secret", "secretName")]
        found += [source.get("secret", "name") for source in volume.get("projected", "sources").elements()]
        names[str(volume.get("name").value)] = [field for field in found if isinstance(field.value, str)]
    for container in pod.containers:
        for mount in container.get("volumeMounts").elements():
            path = next((field for key in ("subPath", "subPathExpr") if (field := mount.get(key)).value), None)
            if path is not None:
                for name in names.get(str(mount.get("name").value), ()):
                    yield Use(str(name.value), path, "subPath")


def release_scope(release: Release) -> frozenset[str]:
    """The namespace of a release, empty where it is unknown."""
    return frozenset() if release.namespace is None else frozenset((release.namespace,))
