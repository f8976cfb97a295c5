"""What the files in a container hold, as far as ConfigMaps of the tree are mounted there."""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import join, normpath

from kubelint.manifests.field import Field
from kubelint.manifests.objects import KubeObject
from kubelint.manifests.pods import Container
from kubelint.manifests.project import Project
from kubelint.manifests.scopes import same_cluster


def mounted_file(project: Project, container: Container, path: str) -> Field | None:
    """The text of the file `path`, an absolute path in a container."""
    return next((text for name, text in _files(project, container) or () if name == path), None)


def mounted_folder(project: Project, container: Container, path: str) -> list[Field] | None:
    """The texts of the manifests that stand in the folder `path` itself; None where a volume holds something else."""
    folder = path.rstrip("/")
    mounts = [mount for mount in container.get("volumeMounts").elements() if _at(mount) == folder]
    found = _of_mount(project, container, mounts[0]) if len(mounts) == 1 and mounts[0].get("subPath").absent else None
    if found is None:
        return None
    return [text for name, text in found if name.rpartition("/")[0] == folder and name.endswith(_MANIFESTS)]


_MANIFESTS = (".yaml", ".yml", ".json")


def _files(project: Project, container: Container) -> Iterator[tuple[str, Field]]:
    for mount in container.get("volumeMounts").elements():
        yield from _of_mount(project, container, mount) or ()


def _of_mount(project: Project, container: Container, mount: Field) -> list[tuple[str, Field]] | None:
    """The files below one mount, each with its text; None where they are not known."""
    at, sub = _at(mount), mount.get("subPath")
    source = _config_map(project, container, mount.get("name").text)
    if source is None or at is None or sub.unknown or mount.get("subPathExpr").exists:
        return None
    found = [(name, text) for name, text in source if isinstance(text.value, str)]
    if sub.text is not None:
        return [(at, text) for name, text in found if name == sub.text]
    return [(normpath(join(at, name)), text) for name, text in found]


def _at(mount: Field) -> str | None:
    text = mount.get("mountPath").text
    return text.rstrip("/") if text else None


def _config_map(project: Project, container: Container, volume: str | None) -> list[tuple[str, Field]] | None:
    """The keys of the ConfigMap of a volume, by the paths of their files."""
    volumes = [each for each in container.pod.spec.get("volumes").elements() if each.get("name").text == volume]
    source = volumes[0].get("configMap") if len(volumes) == 1 and volume else None
    name = source.get("name").text if source is not None else None
    found = _find(project, container, name) if name else None
    if source is None or found is None:
        return None
    keys = dict(found.field("data").items())
    items = source.get("items")
    if items.absent:
        return list(keys.items())
    named = [(item.get("path").text, keys.get(item.get("key").text or "")) for item in items.elements()]
    return [(path, text) for path, text in named if path and text is not None]


def _find(project: Project, container: Container, name: str) -> KubeObject | None:
    """The one ConfigMap of a name beside a pod, if no patch changes what it holds."""
    pod = container.pod.obj
    places = project.kustomizations.namespaces(pod)
    found = [
        obj
        for obj in project.find("ConfigMap", name)
        if not obj.partial and same_cluster(obj.scope, pod.scope) and project.kustomizations.namespaces(obj) == places
    ]
    if len(found) != 1 or project.may_be_patched(found[0], "data"):
        return None
    return found[0]
