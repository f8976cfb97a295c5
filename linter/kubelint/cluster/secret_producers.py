"""The Secrets that objects other than Secrets make, with which keys, and whether they change by themselves.

Follows the types of each operator: external-secrets `apis/externalsecrets/v1`, bitnami-labs/sealed-secrets
`pkg/apis/sealedsecrets/v1alpha1`, cert-manager `pkg/apis/certmanager/v1`, hashicorp/vault-secrets-operator
`api/v1beta1`, kubernetes-sigs/secrets-store-csi-driver `apis/v1`, and of 1Password, Doppler, Infisical and Bitwarden.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from kubelint.cluster.plain import as_list, as_mapping
from kubelint.cluster.templates import has_template

Path = tuple[str | int, ...]
_ZERO = re.compile(r"0|(?:0+(?:\.0*)?(?:ns|us|µs|ms|s|m|h))+")
"""No time at all, as Go writes durations: `0`, `0s`, `0h0m0s`."""


class MadeSecret(NamedTuple):
    """One Secret that an object makes.

    `name` is None where template text gives it. `keys` leads from each key that it surely has to where that is written,
    with a text that is known to be its value, or None. `open` says that it may have more keys, `rotates` that
    what it holds changes without a change to the object; `at` is where the Secret's name is written; `immutable` says
    that the API server refuses any change to it.
    """

    name: str | None
    keys: Mapping[str, tuple[Path, str | None]]
    open: bool
    rotates: bool
    at: Path
    annotations: Mapping[str, object]
    immutable: bool = False


def made_secrets(group: str, kind: str, root: object) -> list[MadeSecret]:
    """What an object with that group, kind and `root` makes; nothing for other kinds, and for Secrets themselves."""
    spec = as_mapping(as_mapping(root).get("spec"))
    return list(_made(group, kind, as_mapping(root), spec))


KINDS = frozenset(
    {
        "ExternalSecret", "ClusterExternalSecret", "SealedSecret", "Certificate", "VaultStaticSecret",
        "VaultDynamicSecret", "VaultPKISecret", "HCPVaultSecretsApp", "SecretProviderClass", "OnePasswordItem",
        "DopplerSecret", "InfisicalSecret", "BitwardenSecret", "SopsSecret",
    }
)  # fmt: skip
"""The kinds that make Secrets."""

_SIMPLE: dict[str, tuple[str, ...]] = {
    "Certificate": ("secretName",),
    "VaultStaticSecret": ("destination", "name"),
    "VaultDynamicSecret": ("destination", "name"),
    "VaultPKISecret": ("destination", "name"),
    "HCPVaultSecretsApp": ("destination", "name"),
    "DopplerSecret": ("managedSecret", "name"),
    "InfisicalSecret": ("managedSecretReference", "secretName"),
    "BitwardenSecret": ("secretName",),
}
"""Kinds that name one Secret, below `spec`, and do not say in the tree which keys it gets."""


def never_refreshes(spec: object) -> tuple[str, ...] | None:
    """Where below its `spec` an ExternalSecret says that it is fetched once only; None where it does not.

    `refreshPolicy` is that of `external-secrets.io/v1`: under `OnChange` the object itself says when.
    """
    fields = as_mapping(spec)
    policy, interval = fields.get("refreshPolicy"), fields.get("refreshInterval")
    if policy == "CreatedOnce":
        return ("refreshPolicy",)
    if policy not in (None, "Periodic"):
        return None
    return ("refreshInterval",) if _is_zero(interval) else None


def is_generated(spec: object) -> bool:
    """Whether an ExternalSecret takes values from a generator, which makes a new one with each refresh."""
    for entry in as_list(as_mapping(spec).get("dataFrom")):
        if as_mapping(as_mapping(entry).get("sourceRef")).get("generatorRef"):
            return True
    sources = (as_mapping(entry).get("sourceRef") for entry in as_list(as_mapping(spec).get("data")))
    return any(as_mapping(source).get("generatorRef") for source in sources)


def _is_zero(interval: object) -> bool:
    if isinstance(interval, int):
        return not isinstance(interval, bool) and interval == 0
    return isinstance(interval, str) and _ZERO.fullmatch(interval) is not None


def _made(group: str, kind: str, root: Mapping[str, object], spec: Mapping[str, object]) -> Iterator[MadeSecret]:
    if kind == "ExternalSecret" and group == "external-secrets.io":
        yield from _external(root, spec, ("spec",), _own_name(root))
    elif kind == "ClusterExternalSecret" and group == "external-secrets.io":
        inner = as_mapping(spec.get("externalSecretSpec"))
        outer = _text(spec.get("externalSecretName")) if "externalSecretName" in spec else _own_name(root)
        yield from _external(root, inner, ("spec", "externalSecretSpec"), outer)
    elif kind == "SealedSecret" and group == "bitnami.com":
        yield _sealed(root, spec)
    elif kind == "SecretProviderClass" and group.startswith("secrets-store.csi"):
        yield from _mounted(spec)
    elif kind == "OnePasswordItem":
        yield MadeSecret(_own_name(root), {}, True, True, ("metadata", "name"), {})
    elif kind == "SopsSecret":
        yield from _templates(spec)
    elif kind in _SIMPLE and group:
        yield _simple(root, kind)


def _own_name(root: Mapping[str, object]) -> str | None:
    return _text(as_mapping(root.get("metadata")).get("name"))


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and not has_template(value) else None


def _external(
    root: Mapping[str, object], spec: Mapping[str, object], steps: Path, own_name: str | None
) -> Iterator[MadeSecret]:
    target = as_mapping(spec.get("target"))
    if target.get("creationPolicy") == "None":
        return
    template = as_mapping(target.get("template"))
    named = "name" in target
    keys, is_open = _external_keys(spec, template, steps)
    bare = target.get("template") is None and steps == ("spec",)  # then its own annotations are copied
    yield MadeSecret(
        _text(target.get("name")) if named else own_name,
        keys,
        is_open or target.get("creationPolicy") == "Merge",
        never_refreshes(spec) is None and spec.get("refreshPolicy") != "OnChange",
        (*steps, "target", "name") if named else ("metadata", "name"),
        _annotations(root if bare else template),
        target.get("immutable") is True,
    )


def _annotations(holder: Mapping[str, object]) -> Mapping[str, object]:
    return as_mapping(as_mapping(holder.get("metadata")).get("annotations"))


def _external_keys(
    spec: Mapping[str, object], template: Mapping[str, object], steps: Path
) -> tuple[dict[str, tuple[Path, str | None]], bool]:
    """The keys of a template where it has `data`, unless it is merged with what is fetched; else what is fetched."""
    keys: dict[str, tuple[Path, str | None]] = {}
    is_open = bool(template.get("templateFrom"))
    written = as_mapping(template.get("data"))
    for key, value in written.items():
        known = _text(value)
        keys[key] = ((*steps, "target", "template", "data", key), known)
    fetched = not (written or is_open) or template.get("mergePolicy") == "Merge"
    if fetched:
        is_open = is_open or bool(spec.get("dataFrom"))
        for index, entry in enumerate(as_list(spec.get("data"))):
            name = as_mapping(entry).get("secretKey")
            if isinstance(name, str):
                keys[name] = ((*steps, "data", index, "secretKey"), None)
    is_open = is_open or any(has_template(key) for key in keys)
    return {key: place for key, place in keys.items() if not has_template(key)}, is_open


def _sealed(root: Mapping[str, object], spec: Mapping[str, object]) -> MadeSecret:
    template = as_mapping(spec.get("template"))
    keys: dict[str, tuple[Path, str | None]] = {}
    keys |= {key: (("spec", "encryptedData", key), None) for key in as_mapping(spec.get("encryptedData"))}
    keys |= {key: (("spec", "template", "data", key), None) for key in as_mapping(template.get("data"))}
    is_open = isinstance(spec.get("data"), str) or any(has_template(key) for key in keys)
    known = {key: place for key, place in keys.items() if not has_template(key)}
    immutable = template.get("immutable") is True
    return MadeSecret(_own_name(root), known, is_open, True, ("metadata", "name"), _annotations(template), immutable)


def _mounted(spec: Mapping[str, object]) -> Iterator[MadeSecret]:
    for index, entry in enumerate(as_list(spec.get("secretObjects"))):
        fields, at = as_mapping(entry), ("spec", "secretObjects", index)
        keys: dict[str, tuple[Path, str | None]] = {}
        for place, item in enumerate(as_list(fields.get("data"))):
            key = as_mapping(item).get("key")
            if isinstance(key, str):
                keys[key] = ((*at, "data", place, "key"), None)
        annotations = as_mapping(fields.get("annotations"))
        yield MadeSecret(_text(fields.get("secretName")), keys, False, True, (*at, "secretName"), annotations)


def _templates(spec: Mapping[str, object]) -> Iterator[MadeSecret]:
    for index, entry in enumerate(as_list(spec.get("secretTemplates"))):
        name = _text(as_mapping(entry).get("name"))
        yield MadeSecret(name, {}, True, False, ("spec", "secretTemplates", index, "name"), {})


def _simple(root: Mapping[str, object], kind: str) -> MadeSecret:
    value: object = root.get("spec")
    holder: Mapping[str, object] = {}
    for step in _SIMPLE[kind]:
        holder, value = as_mapping(value), as_mapping(value).get(step)
    annotations = as_mapping(holder.get("secretTemplate") if kind == "Certificate" else holder).get("annotations")
    return MadeSecret(_text(value), {}, True, True, ("spec", *_SIMPLE[kind]), as_mapping(annotations))
