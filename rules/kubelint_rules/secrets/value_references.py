"""The fix of credentials in the values of a release: what brings values in from a Secret.

Flux sets one value with `targetPath`, as `helm --set` does (fluxcd/helm-controller `api/v2/reference_types.go`,
fluxcd/pkg `chartutil`); k3s reads more values from the keys of Secrets since v1.30.12, v1.31.8 and v1.32.4
(k3s-io/helm-controller `pkg/apis/helm.cattle.io/v1/types.go`, `ValuesSecrets`). Both leave lists as a whole.
"""

import json
import re
from typing import Any

from kubelint.checks import Fix
from kubelint.manifests import Document, Edit, Field, KubeObject, Project, once_per_project
from kubelint.manifests.orders import HELM_CHART, HELM_RELEASE

from .named_values import NamedValue
from .references import is_free, taken_from, takes_fixes

_TARGET = re.compile(r"[a-zA-Z0-9_\-.\\/]{1,250}")
_VALUES = "values.yaml"
_SPECIAL = re.compile(r"[.\\]")
_NO_KEY = re.compile(r"[^-._a-zA-Z0-9]")
_WRAPPERS = {("HelmRelease", "helm.toolkit.fluxcd.io"): "valuesFrom", ("HelmChart", "helm.cattle.io"): "valuesSecrets"}


def reference_fix(project: Project, found: NamedValue) -> Fix | None:
    """Takes the value out of the object that gives it, and has that read it from a Secret `NAME-values`."""
    at = found.at
    if not isinstance(at, Field) or at.characters is not None or found.line:
        return None
    for obj, root in _given(project).get(at.document, ()):
        steps = at.path[len(root) :]
        if at.path[: len(root)] == root and steps and all(isinstance(step, str) for step in steps):
            return _fix(project, obj, at, [str(step) for step in steps])
    return None


@once_per_project
def _given(project: Project) -> dict[Document, list[tuple[KubeObject, tuple[Any, ...]]]]:
    """The objects that give values of their own, each with the path to them."""
    found: dict[Document, list[tuple[KubeObject, tuple[Any, ...]]]] = {}
    for release in project.releases:
        obj = release.obj
        if obj is None or (obj.kind, obj.group) not in _WRAPPERS or project.may_be_patched(obj, "spec", _key(obj)):
            continue
        for source in release.sources:
            if source.form in ("inline", "text") and source.values.document is obj.document:
                found.setdefault(obj.document, []).append((obj, source.values.path))
    return found


def _key(obj: KubeObject) -> str:
    """The field that brings values in from Secrets."""
    return _WRAPPERS[obj.kind, obj.group]


def _fix(project: Project, obj: KubeObject, at: Field, steps: list[str]) -> Fix | None:
    secret, references = f"{obj.name}-values", obj.field("spec", _key(obj))
    if references.unknown or not isinstance(references.value, list | None):
        return None
    if not takes_fixes(obj) or not is_free(project, secret):
        return None
    found = _of_flux(references, secret, steps) if obj.kind == "HelmRelease" else _of_k3s(references, secret)
    return None if found is None else taken_from(secret, found[0], at.delete(), *found[1])


def _of_flux(references: Field, secret: str, steps: list[str]) -> tuple[str, list[Edit]] | None:
    """The key of the Secret and the edit that sets one value; None where the path cannot be said, or is set already."""
    target = ".".join(_SPECIAL.sub(r"\\\g<0>", step) for step in steps)
    if not _TARGET.fullmatch(target) or any(entry.get("targetPath").value == target for entry in references.elements()):
        return None
    key = _NO_KEY.sub("_", ".".join(steps))
    entry = {"kind": "Secret", "name": secret, "valuesKey": key, "targetPath": target}
    return key, [_added(references, json.dumps(entry), HELM_RELEASE)]


def _of_k3s(references: Field, secret: str) -> tuple[str, list[Edit]]:
    """The key of the Secret and the edit that reads it as a file of values, which may stand there already."""
    entry = {"name": secret, "keys": [_VALUES]}
    is_there = any(
        other.get("name").value == secret and _VALUES in other.get("keys").strings() for other in references.elements()
    )
    return _VALUES, [] if is_there else [_added(references, json.dumps(entry), HELM_CHART)]


def _added(references: Field, item: str, order: tuple[str, ...]) -> Edit:
    is_empty = references.exists and not references.value
    return references.replace(f"[{item}]") if is_empty else references.append(item, order)
