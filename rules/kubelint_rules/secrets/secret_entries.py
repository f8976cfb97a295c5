"""Every entry of a Secret that a tree writes, in whatever kind of object it does so.

Shapes besides Secrets: bitnami-labs/sealed-secrets `pkg/apis/sealedsecrets/v1alpha1` (`spec.template.data` stays in
clear), external-secrets `apis/externalsecrets/v1` (`target.template.data`), kustomize `api/types/secretargs.go`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from kubelint.manifests import Field, KubeObject, Project
from kubelint.manifests.kustomize.generated import Generated

from .chart_values import value_documents
from .encodings import is_encrypted
from .literals import Literal, is_filled_elsewhere, literals_in, template_literals
from .secret_objects import SecretValue, is_sealed, secret_values

TEMPLATES: dict[str, tuple[tuple[str, ...], ...]] = {
    "SealedSecret": (("spec", "template", "data"), ("spec", "template", "stringData")),
    "ExternalSecret": (("spec", "target", "template", "data"),),
    "ClusterExternalSecret": (("spec", "externalSecretSpec", "target", "template", "data"),),
    "PushSecret": (("spec", "template", "data"),),
    "ClusterPushSecret": (("spec", "pushSecretSpec", "template", "data"),),
}
"""Kinds that make Secrets, and where they keep what goes into them as it is."""


class Entry(NamedTuple):
    """One entry: its field, its text, and the credentials that it holds in clear. `whole` if it is shown as a whole."""

    field: Field
    text: str
    literals: list[Literal]
    whole: bool = False


def entries_of(obj: KubeObject) -> Iterator[Entry]:
    """The entries of an object that hold credentials."""
    if is_sealed(obj.document.root):
        return
    if obj.kind == "Secret":
        if obj.api_version == "v1" and not is_filled_elsewhere(obj.root):
            yield from _judged(secret_values(obj.root))
        return
    for steps in TEMPLATES.get(obj.kind, ()):
        for key, field in obj.field(*steps).items():
            if type(field.value) is str and not is_encrypted(field.value):
                yield from _kept(Entry(field, field.value, template_literals(key, field.value)))


def entries_generated(project: Project, generated: Generated) -> Iterator[Entry]:
    """The entries of a Secret that a kustomization generates, from literals and files that are read.

    Literals as a whole: that is where what they make is traced back to.
    """
    for key in generated.keys:
        if key.text is not None:
            value = SecretValue(key.field, key.name, key.text, len(key.text))
            yield from _kept(Entry(key.field, key.text, literals_in(value), whole=True))
        for document in key.documents:
            if not is_sealed(document.root) and document not in value_documents(project):
                yield from _judged(_strings(document.root, key.name))


def _strings(root: Field, name: str) -> Iterator[SecretValue]:
    for path, text in root.document.strings():
        field = root.get(*path)
        named = next((step for step in reversed(path) if isinstance(step, str)), name)
        yield SecretValue(field, named, text, len(text))


def _judged(values: Iterator[SecretValue]) -> Iterator[Entry]:
    for value in values:
        encoded = value.text != value.field.value
        yield from _kept(Entry(value.field, value.text or "", literals_in(value), whole=encoded))


def _kept(entry: Entry) -> Iterator[Entry]:
    if entry.literals:
        yield entry
