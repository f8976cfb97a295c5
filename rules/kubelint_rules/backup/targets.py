"""Where Longhorn is told to put backups, in every form that a version of it reads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from kubelint.checks import Severity
from kubelint.cluster.longhorn.backup_targets import MOVED_IN, store_type
from kubelint.manifests import Field, KubeObject, Project, once_per_project, same_cluster
from kubelint.manifests.longhorn import is_at_least, is_longhorn, namespace_in, namespace_of, version_of
from kubelint.manifests.releases import Release

GROUP = "longhorn.io"
MARKS = ("backupTarget", "backup-target")
"""What stands somewhere in every tree that declares a target."""
NAME, SECRET = "backup-target", "backup-target-credential-secret"
_DEFAULTS = {
    "longhorn-default-resource": ("default-resource.yaml", True),
    "longhorn-default-setting": ("default-setting.yaml", False),
}
"""The ConfigMaps that hold defaults, with their key, and whether versions that know backup targets read it."""


class Target(NamedTuple):
    """One backup target. `secret` may be absent; `namespace` is Longhorn's, None where that is unknown."""

    url: Field
    secret: Field
    scope: str
    namespace: str | None
    certain: bool
    """Whether the installed version surely reads it."""
    whole: bool = True
    """Whether what is not written beside the address is written nowhere."""
    replaces: bool = False
    """Whether it is the default target where Longhorn 1.8 and later look for it."""

    @property
    def store(self) -> str | None:
        """The kind of store: `s3`, `nfs` and so on; None where that is unknown."""
        return store_type(self.url.value) if isinstance(self.url.value, str) else None

    @property
    def error(self) -> Severity:
        """How bad an error is: a warning where another version would not read the target at all."""
        return Severity.ERROR if self.certain else Severity.WARNING


def replacement(project: Project, scope: str) -> Target | None:
    """The default target of a cluster where Longhorn 1.8 and later look for it."""
    return next((each for each in backup_targets(project) if each.replaces and same_cluster(each.scope, scope)), None)


@once_per_project
def backup_targets(project: Project) -> list[Target]:
    """The targets of a tree that Longhorn reads, or may read; found once for all rules."""
    return [target for target in _found(project) if is_given(target.url)]


def is_given(field: Field) -> bool:
    """Whether something is written there; template text is something. The chart makes YAML of it: `"~"` is nothing."""
    return field.exists and field.value not in (None, "", "~", "null")


def default_settings(project: Project, name: str) -> Iterator[tuple[KubeObject, Field]]:
    """The ConfigMaps of Longhorn's defaults called `name` that stand in files, with the mapping that each holds."""
    key, _ = _DEFAULTS[name]
    for obj in project.find("ConfigMap", name):
        if not obj.document.rendering:
            for root in obj.field("data", key).embedded()[:1]:
                yield obj, root


def _found(project: Project) -> Iterator[Target]:
    for release in project.releases:
        if is_longhorn(release) and not release.partial:
            yield from _of_release(release)
    for obj in project.objects("BackupTarget", group=GROUP):
        yield from _of_object(project, obj)
    yield from _of_settings(project)
    for name, (_, new) in _DEFAULTS.items():
        for obj, root in default_settings(project, name):
            read = is_at_least(project, obj.scope, MOVED_IN)
            if read is None or read is new:
                namespace = _namespace(project, obj)
                yield Target(root.get(NAME), root.get(SECRET), obj.scope, namespace, read is not None, replaces=new)


def _of_release(release: Release) -> Iterator[Target]:
    read = version_of(release).is_at_least(MOVED_IN)
    for holder, new in (("defaultBackupStore", True), ("defaultSettings", False)):
        values = release.values.get(holder)
        if read is None or read is new:
            url, secret = values.get("backupTarget"), values.get("backupTargetCredentialSecret")
            yield Target(url, secret, release.scope, namespace_of(release), read is not None, replaces=new)


def _of_object(project: Project, obj: KubeObject) -> Iterator[Target]:
    if obj.partial or is_at_least(project, obj.scope, MOVED_IN) is False:
        return
    whole = not project.may_be_patched(obj, "spec", "credentialSecret")
    url, secret = obj.field("spec", "backupTargetURL"), obj.field("spec", "credentialSecret")
    yield Target(url, secret, obj.scope, _namespace(project, obj), True, whole, obj.name == "default")


def _of_settings(project: Project) -> Iterator[Target]:
    """The targets of Setting objects: the address is one of them, the Secret another."""
    for obj in project.objects("Setting", group=GROUP):
        read = is_at_least(project, obj.scope, MOVED_IN)
        if obj.name == NAME and read is not True:
            found = project.find("Setting", SECRET, obj.namespace)
            secret = found[0].field("value") if found else obj.field("credentialSecret")
            whole = bool(found) and not obj.partial
            yield Target(obj.field("value"), secret, obj.scope, _namespace(project, obj), read is False, whole)


def _namespace(project: Project, obj: KubeObject) -> str | None:
    found = project.kustomizations.namespaces(obj)
    return next(iter(found)) if len(found) == 1 else None if found else namespace_in(project, obj.scope)
