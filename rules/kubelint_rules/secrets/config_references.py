"""The fix of entries of ConfigMaps that pods read as variables: the same entry of a Secret."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from kubelint.checks import Fix
from kubelint.manifests import (
    Container,
    Document,
    Edit,
    Field,
    KubeObject,
    PodTemplate,
    Project,
    once_per_project,
    same_cluster,
)

from .named_values import NamedValue
from .references import may_be_made, secret_key

_REFERENCES = frozenset({"configMapKeyRef", "configMapRef", "configMap"})


class _Use(NamedTuple):
    """A reference to a ConfigMap from the variables of a container."""

    pod: PodTemplate
    container: Container
    at: Field

    @property
    def key(self) -> str | None:
        """The one entry that is read; None where all are."""
        return str(self.at.get("key").value) if self.at.name == "configMapKeyRef" else None


def moved_fix(project: Project, obj: KubeObject, found: NamedValue) -> Fix | None:
    """Takes the entry out of the ConfigMap, and has the pods read it from a Secret that is called alike.

    Only where the tree shows who reads the ConfigMap, and all of these read it as variables.
    """
    at = found.at
    if obj.name is None or not isinstance(at, Field) or at.path != (*obj.field("data").path, at.name) or found.line:
        return None
    if not may_be_made(project, obj, at.name, str(at.value)):
        return None
    uses = _uses(project, obj)
    reading = [use for use in uses or () if use.key in (None, at.name)]
    edits = [edit for use in reading for edit in _edits(use, obj.name, at.name)]
    if not reading:
        return None
    return Fix.unsafe(
        f"move `{at.name}` to a Secret `{obj.name}`, to be made first", at.delete(), *dict.fromkeys(edits)
    )


def _uses(project: Project, obj: KubeObject) -> list[_Use] | None:
    """Who reads the ConfigMap; None where somebody reads it in another way, or where that is in doubt."""
    known = {_place(use.at): use for use in _variables(project).get(str(obj.name), ())}
    found = []
    for at in _named(project).get(str(obj.name), ()):
        use = known.get(_place(at))
        if use is None:
            return None
        is_same = _is_beside(project, obj, use.pod.obj)
        if is_same is None or (is_same and (use.pod.obj.partial or use.at.unknown)):
            return None
        found += [use] if is_same else []
    return found


def _is_beside(project: Project, one: KubeObject, other: KubeObject) -> bool | None:
    """Whether both are in the same namespace of the same cluster; None where the tree does not tell."""
    if not same_cluster(one.scope, other.scope):
        return False
    ours, theirs = project.kustomizations.namespaces(one), project.kustomizations.namespaces(other)
    if ours and theirs:
        return ours == theirs if ours & theirs and len(ours | theirs) == 1 else (None if ours & theirs else False)
    return True if one.namespace == other.namespace and one.scope == other.scope else None


def _edits(use: _Use, name: str, key: str) -> Iterator[Edit]:
    """The edits that have a container read the entry from the Secret."""
    source = use.at.document.root.get(*use.at.path[:-1])
    if use.key is not None:
        optional = ", optional: true" if use.at.get("optional").value is True else ""
        yield use.at.delete()
        yield source.insert("secretKeyRef", secret_key(name, key, optional))
        return
    others = use.container.get("envFrom")
    prefix = source.get("prefix").text
    taken = any(
        entry.get("secretRef", "name").value == name and entry.get("prefix").text == prefix
        for entry in others.elements()
    )
    if not taken:
        before = f"prefix: {prefix}, " if prefix else ""
        yield others.append(f"{{{before}secretRef: {{name: {name}}}}}")


@once_per_project
def _variables(project: Project) -> dict[str, list[_Use]]:
    """The references to ConfigMaps from the variables of containers, by name."""
    found: dict[str, list[_Use]] = {}
    for pod in project.pods:
        for container in pod.containers:
            refs = [entry.get("valueFrom", "configMapKeyRef") for entry in container.get("env").elements()]
            refs += [entry.get("configMapRef") for entry in container.get("envFrom").elements()]
            for ref in refs:
                if ref.exists:
                    found.setdefault(str(ref.get("name").value), []).append(_Use(pod, container, ref))
    return found


@once_per_project
def _named(project: Project) -> dict[str, list[Field]]:
    """Everything in the tree that refers to a ConfigMap, by name."""
    found: dict[str, list[Field]] = {}
    for document in project.documents:
        for name, path in _paths(document.root.value, ()):
            found.setdefault(name, []).append(document.root.get(*path))
    return found


def _paths(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[str, tuple[Any, ...]]]:
    if isinstance(value, dict):
        name = value.get("name")
        if isinstance(name, str) and (value.get("kind") == "ConfigMap" or (path and path[-1] in _REFERENCES)):
            yield name, path
    for step, item in value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else ()):
        if isinstance(item, dict | list):
            yield from _paths(item, (*path, step))


def _place(field: Field) -> tuple[Document, tuple[Any, ...]]:
    return field.document, field.path
