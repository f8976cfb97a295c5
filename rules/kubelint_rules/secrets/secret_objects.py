"""What a `Secret` holds once its `data` is decoded, and which documents hold ciphertext instead.

Shapes: kubernetes `staging/src/k8s.io/api/core/v1/types.go`, `Secret`; SOPS' `stores/stores.go`, `Metadata`.
"""

from collections.abc import Iterator
from typing import NamedTuple

from kubelint.manifests import Field

from .encodings import decode_base64, decode_text, is_encrypted, registry_passwords
from .standard_base64 import meant_base64

REGISTRY_KEYS = frozenset({".dockerconfigjson", ".dockercfg"})


class SecretValue(NamedTuple):
    """One entry of a Secret: where it stands, its key, its text as pods see it, None where that is not text."""

    field: Field
    key: str
    text: str | None
    size: int


def is_sealed(root: Field) -> bool:
    """Whether a document's values are ciphertext or a schema: SOPS, a CustomResourceDefinition."""
    sops = root.get("sops")
    if sops.get("mac").exists or sops.get("version").exists:
        return True
    return bool(root.get("kind").value == "CustomResourceDefinition")


def secrets_of(root: Field) -> Iterator[Field]:
    """The roots of the Secrets in a document: itself, or the items of a list."""
    if root.get("kind").value == "Secret" and root.get("apiVersion").value == "v1":
        yield root
    elif str(root.get("kind").value).endswith("List"):
        for item in root.get("items").elements():
            yield from secrets_of(item)


def secret_values(secret: Field) -> Iterator[SecretValue]:
    """The entries of `data`, decoded, and of `stringData`; no ciphertext."""
    for key, field in secret.get("data").items():
        if isinstance(field.value, str) and not is_encrypted(field.value):
            yield _decoded(key, field, field.value)
    for key, field in secret.get("stringData").items():
        if isinstance(field.value, str) and not is_encrypted(field.value):
            yield SecretValue(field, key, field.value, len(field.value))


def views(value: SecretValue) -> list[str]:
    """The texts to look for credentials in: the value, and the passwords that a registry configuration packs."""
    if value.text is None:
        return []
    return [value.text, *(registry_passwords(value.text) if value.key in REGISTRY_KEYS else ())]


def _decoded(key: str, field: Field, value: str) -> SecretValue:
    raw = decode_base64(value)
    if raw is None:  # plain text where base64 belongs, or base64 with a mistake
        meant = meant_base64(value)
        return SecretValue(field, key, value, len(value)) if meant is None else _decoded(key, field, meant)
    text = decode_text(value)
    if text is not None and is_encrypted(text):
        text = ""
    return SecretValue(field, key, "" if not raw else text, len(raw))
