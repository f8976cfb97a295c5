"""Rule: removed-longhorn-setting."""

from __future__ import annotations

import json
from collections.abc import Iterator

from kubelint.checks import Category, Finding, Fix, ProjectRule, RuleMeta, Severity
from kubelint.cluster.longhorn.backup_targets import CHART_KEYS, MOVED_IN, SETTINGS
from kubelint.manifests import Edit, Field, FieldKey, KubeObject, Project
from kubelint.manifests.layered import Assigned
from kubelint.manifests.longhorn import is_at_least, is_longhorn, version_of
from kubelint.manifests.releases import Release, ValuesSource
from kubelint_rules.backup.targets import GROUP, MARKS, NAME, Target, default_settings, is_given, replacement

_NEW = "defaultBackupStore"
_OLD = "defaultSettings"


class RemovedLonghornSetting(ProjectRule):
    """A backup target is set where Longhorn has not looked since 1.8.

    ## What it does
    Finds the backup target in the places that Longhorn gave up in 1.8.0: `defaultSettings.backupTarget`,
    `backupTargetCredentialSecret` and `backupstorePollInterval` of the chart's values, in every wrapper;
    `Setting` objects called `backup-target` and so on; and the ConfigMap `longhorn-default-setting`. It is an
    error where the chart's version, or the image of the manager, is 1.8 or later, and a warning where the
    version is not known, or only the Secret or the interval is set there. Where the default target is declared
    in a place that is read, too, it is an info.

    ## Why it matters
    Nothing complains: the chart has no schema for its values, so the old key is ignored. The default backup
    target stays empty, recurring backups fail or do nothing, and the first who notices is whoever needs one.

    ## Example
    ```yaml
    apiVersion: helm.toolkit.fluxcd.io/v2
    kind: HelmRelease
    metadata: {name: longhorn, namespace: longhorn-system}
    spec:
      interval: 1h
      chart:
        spec:
          chart: longhorn
          version: 1.11.0
          sourceRef: {kind: HelmRepository, name: longhorn}
      values:
        defaultSettings:
          backupTarget: nfs://nas.lan:/backups
          defaultReplicaCount: 2
    ```

    ## Use instead
    ```yaml
    apiVersion: helm.toolkit.fluxcd.io/v2
    kind: HelmRelease
    metadata: {name: longhorn, namespace: longhorn-system}
    spec:
      interval: 1h
      chart:
        spec:
          chart: longhorn
          version: 1.11.0
          sourceRef: {kind: HelmRepository, name: longhorn}
      values:
        defaultBackupStore:
          backupTarget: nfs://nas.lan:/backups
        defaultSettings:
          defaultReplicaCount: 2
    ```
    Then ask the cluster whether the target works: `kubectl -n longhorn-system get backuptargets.longhorn.io`
    must say that `default` is available.

    ## When to ignore
    While one set of values serves clusters of both kinds.

    ## Fix safety
    Safe where the version is known: the old keys do nothing. Otherwise a Longhorn before 1.8 would lose its
    target.

    ## References
    - longhorn/website, `content/docs/1.8.0/important-notes`: the settings were removed
    - longhorn/longhorn `chart/values.yaml`, `chart/templates/default-resource.yaml`
    """

    meta = RuleMeta(
        id="removed-longhorn-setting",
        summary="backup target in a setting that Longhorn no longer reads",
        category=Category.BACKUP,
        severity=Severity.ERROR,
        incident=1,
        since="0.1.0",
        fixable=True,
    )
    marks = (*MARKS, "backupstore")

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for each release and each object that sets what is gone."""
        for release in project.releases:
            if is_longhorn(release) and not release.partial:
                yield from self._in_values(project, release)
        for obj in project.objects("Setting", group=GROUP):
            if obj.name in SETTINGS and is_given(obj.field("value")):
                yield from self._in_object(project, obj, obj.field("value"))
        for obj, root in default_settings(project, "longhorn-default-setting"):
            for name in sorted(SETTINGS):
                if is_given(root.get(name)):
                    yield from self._in_object(project, obj, root.get(name))
                    break

    def _in_values(self, project: Project, release: Release) -> Iterator[Finding]:
        removed = version_of(release).is_at_least(MOVED_IN)
        given = [(old, field) for old in CHART_KEYS if is_given(field := release.values.get(_OLD, old))]
        if removed is False or not given:
            return
        name, first = given[0]
        read = replacement(project, release.scope)
        finding = self._ignored(f"`{_OLD}.{name}`", first.key, removed, read, name == "backupTarget")
        moves = read is None or is_given(release.values.get(_NEW, "backupTarget"))
        wanted = {old for old, _ in given if moves and not is_given(release.values.get(_NEW, CHART_KEYS[old]))}
        for old, field in given[1:]:
            finding = finding.label(field.key, f"now `{_NEW}.{CHART_KEYS[old]}`" if old in wanted else "nor is this")
        keys = ", ".join(f"`{CHART_KEYS[old]}`" for old, _ in given if old in wanted)
        finding = finding.help(f"move to `{_NEW}`, as {keys}" if wanted else "remove it")
        yield finding.fix(_move(release, given, wanted, certain=removed is True))

    def _in_object(self, project: Project, obj: KubeObject, at: Field) -> Iterator[Finding]:
        removed = is_at_least(project, obj.scope, MOVED_IN)
        if removed is False or obj.partial:
            return
        name = (obj.name if obj.kind == "Setting" else at.name) or ""
        read = replacement(project, obj.scope)
        finding = self._ignored(f"the setting `{name}`", at, removed, read, name == NAME)
        yield finding.help("remove it" if read else "declare a `BackupTarget` called `default` instead")

    def _ignored(
        self, what: str, at: Field | FieldKey, removed: bool | None, read: Target | None, is_address: bool
    ) -> Finding:
        """A finding: an error only where it is the address that is ignored, and no other is read."""
        lost = is_address and read is None
        severity = Severity.INFO if read else Severity.ERROR if lost and removed else Severity.WARNING
        when = "ignored since Longhorn 1.8" if removed else "ignored if Longhorn is 1.8 or later"
        note = "no volume is backed up there" if lost else "not read any more"
        finding = self.finding(f"{what} is {when}", at=at, note=note, severity=severity)
        return finding.label(read.url, "the default target") if read else finding


def _move(release: Release, given: list[tuple[str, Field]], wanted: set[str], *, certain: bool) -> Fix | None:
    """Take all that is given out, and write what is wanted of it in the new place."""
    source = next((source for source in release.sources if _holds(source, given)), None)
    if source is None:
        return None
    old, new = source.values.get(_OLD), source.values.get(_NEW)
    alone = len(given) == len(list(old.items()))
    edits: list[Edit] = [old.delete()] if alone else [field.delete() for _, field in given]
    make = Fix.safe if certain else Fix.unsafe
    if not wanted:
        return make("remove the old settings", *edits)
    missing = [(CHART_KEYS[name], json.dumps(field.value)) for name, field in given if name in wanted]
    if isinstance(new.value, dict) and new.value:
        edits += [new.insert(key, text) for key, text in missing]
    else:
        text = "{" + ", ".join(f"{key}: {value}" for key, value in missing) + "}"
        edits.append(new.replace(text) if new.exists else source.values.insert(_NEW, text))
    return make(f"move to `{_NEW}`", *edits)


def _holds(source: ValuesSource, given: list[tuple[str, Field]]) -> bool:
    """Whether all that is to be moved stands in one text of the tree."""
    if source.form in ("assignments", "outside") or isinstance(source.values, Assigned):
        return False
    old = source.values.get(_OLD)
    return all(
        (held := old.get(field.name)).path == field.path and held.document is field.document and not field.unknown
        for _, field in given
    )
