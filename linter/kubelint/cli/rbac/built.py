"""What a kustomization builds: with kustomize or kubectl where there is one, else as far as reading tells."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from kubelint.cli.rbac.clusters import Tree
from kubelint.cluster.rbac import RBAC_GROUP
from kubelint.engine.renderings import Renderings
from kubelint.manifests import KubeObject
from kubelint.manifests.field import Field
from kubelint.manifests.kustomize.effects import Journey, journey
from kubelint.manifests.kustomize.generated import Generated
from kubelint.manifests.kustomize.graph import closure
from kubelint.manifests.kustomize.kustomization import Kustomization
from kubelint.manifests.objects import read_objects
from kubelint.rendering.kustomize import build_kustomization

_LATER = "${patched}"
_SETTLED = ("rules", "roleRef", "aggregationRule")
_HASHED = re.compile(r"(.+)-[a-z0-9]{10}")


class Built(NamedTuple):
    """An object as it is applied, and where it is written. Its name is empty where a hash of the content is part of
    it, so that it is another one each time.
    """

    manifest: dict[str, Any]
    at: Field | KubeObject


class Build(NamedTuple):
    """What a kustomization builds, and what is to be said of that."""

    objects: list[Built]
    notes: list[str]


def built_objects(tree: Tree, member: Kustomization, render: bool) -> Build:
    """The objects of a kustomization. Its Secrets are never built, but read."""
    generated = list(_generated(tree, member))
    renderings = _renderings(tree, member) if render else None
    if renderings is not None and renderings.files:
        found = [*_of_build(renderings, member, generated), *_read(tree, member, frozenset({"Secret"}))]
        return Build([*found, *(_unnamed(each) for each in generated if each.kind == "Secret")], [])
    notes = [f"{file}: {reason}" for file, reason in renderings.skipped] if renderings is not None else []
    found = [*_read(tree, member), *(_unnamed(each) for each in generated)]
    if not render:
        notes += [
            f"{inner.file}: it includes `{field.text or field.value}`, which is not in the tree"
            for inner in below(member)
            for field in inner.unresolved
        ]
    patched = any(inner.patches or inner.replacements for inner in below(member))
    return Build(found, [*notes, *(["its patches are not applied: no program here builds it"] if patched else [])])


def _renderings(tree: Tree, member: Kustomization) -> Renderings | None:
    root, written = tree.workspace.root, tree.reading.written
    rendered = build_kustomization(root, written, member, tree.reading.secrets.finds)
    return None if rendered is None else Renderings(rendered)


def _of_build(renderings: Renderings, member: Kustomization, generated: list[Generated]) -> Iterator[Built]:
    hashed = {name for each in generated if each.hashed and each.kind == "ConfigMap" for name in each.names}
    for document in renderings.documents():
        for obj in read_objects(document):
            match = _HASHED.fullmatch(obj.name or "") if obj.kind == "ConfigMap" else None
            name = "" if match is not None and match[1] in hashed else obj.name
            yield Built(_named(obj, name, obj.namespace), member.document.root)


def _read(tree: Tree, member: Kustomization, kinds: frozenset[str] | None = None) -> Iterator[Built]:
    """The objects that are written, with the names and namespaces that the kustomization gives them."""
    project = tree.reading.written
    for obj in project.objects(kinds):
        if obj.partial or obj.group == "kustomize.config.k8s.io":
            continue
        ways = [chain for chain in project.kustomizations.inclusions(obj.file) if member in chain]
        for chain in {chain[: chain.index(member) + 1] for chain in ways}:
            way = journey(obj.kind, obj.group, obj.field("metadata", "name"), obj.namespace, chain)
            manifest = _named(obj, way.name or _LATER, _namespace(way))
            for key in _SETTLED if obj.group == RBAC_GROUP else ():
                if project.may_be_patched(obj, key):
                    manifest[key] = _LATER
            yield Built(manifest, obj)


def _namespace(way: Journey) -> str | None:
    """Where the object ends up; None where nothing says it, template text where that is not known."""
    hidden = any(stage.member.is_opaque or stage.member.namespace.unknown for stage in way.stages)
    return _LATER if way.namespace is None and hidden else way.namespace


def _named(obj: KubeObject, name: str | None, namespace: str | None) -> dict[str, Any]:
    metadata = obj.field("metadata").value
    named = {**(metadata if isinstance(metadata, dict) else {}), "name": name or ""}
    if namespace is not None:
        named["namespace"] = namespace
    return {**obj.root.value, "apiVersion": obj.api_version, "kind": obj.kind, "metadata": named}


def _generated(tree: Tree, member: Kustomization) -> Iterator[Generated]:
    graph = tree.reading.written.kustomizations.graph
    for kind in ("ConfigMap", "Secret"):
        for each in tree.reading.written.kustomizations.generated(kind):
            if any(member in chain for chain in graph.chains_from(each.kustomization).found):
                yield each


def _unnamed(generated: Generated) -> Built:
    """What a generator makes, as it is called at the end."""
    names, namespaces = generated.names, generated.namespaces
    name = next(iter(names)) if len(names) == 1 and not generated.hashed else ""
    metadata = {"name": name, **({"namespace": next(iter(namespaces))} if len(namespaces) == 1 else {})}
    return Built({"apiVersion": "v1", "kind": generated.kind, "metadata": metadata}, generated.field)


def below(member: Kustomization) -> list[Kustomization]:
    """A kustomization and all that it includes."""
    return closure([member], lambda each: (*each.children, *each.components))
