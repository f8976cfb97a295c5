"""What a `Secret` holds once its `data` is decoded, and which documents hold ciphertext instead.

Shapes: kubernetes `staging/src/k8s.io/api/core/v1/types.go`, `Secret`; SOPS' `stores/stores.go`, `Metadata`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kubelint.manifests import Field

from .encodings import decode_base64, decode_text, is_encrypted, registry_passwords
from .plausibility import is_plausible, is_reference, names_identity, names_secret

# Something in the cluster writes these Secrets, or other objects' values into them.
_FILLED_BY_CONTROLLER = re.compile(
    r"^(?:avp\.kubernetes\.io/path|secretgenerator\.mittwald\.de/|replicator\.v1\.mittwald\.de/replicate-from"
    r"|reflector\.v1\.k8s\.emberstack\.com/reflects|vault\.security\.banzaicloud\.io/|kubernetes\.io/service-account\.name)"
)
_PACKED_TYPES = frozenset({"helm.sh/release.v1"})
_REGISTRY_KEYS = frozenset({".dockerconfigjson", ".dockercfg"})
_ASSIGNMENT = re.compile(
    r"(?:^|[\s,{])[\"']?([A-Za-z_][\w.-]{1,64})[\"']?[ \t]{0,8}[:=][ \t]{0,8}[\"']?([^\s\"',{}\[\]#]{6,256})"
)
_KINDS = (
    ("passphrase", "passphrase"),
    ("pass", "password"),
    ("pwd", "password"),
    ("token", "token"),
    ("key", "key"),
)


@dataclass(frozen=True, slots=True)
class SecretValue:
    """One entry of a Secret: where it stands, its key, its text as pods see it, None where that is not text."""

    field: Field
    key: str
    text: str | None
    size: int


@dataclass(frozen=True, slots=True)
class Literal:
    """A credential in clear: its kind in words and its length in characters."""

    kind: str
    length: int


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
    """The entries of `data`, decoded, and of `stringData`; no templates, no ciphertext."""
    for key, field in secret.get("data").items():
        if isinstance(field.value, str) and _is_clear(field.value):
            yield _decoded(key, field, field.value)
    for key, field in secret.get("stringData").items():
        if isinstance(field.value, str) and not is_encrypted(field.value):
            yield SecretValue(field, key, field.value, len(field.value))


def views(value: SecretValue) -> list[str]:
    """The texts to look for credentials in: the value, and the passwords that a registry configuration packs."""
    if value.text is None:
        return []
    return [value.text, *(registry_passwords(value.text) if value.key in _REGISTRY_KEYS else ())]


def is_filled_elsewhere(secret: Field) -> bool:
    """Whether a controller supplies the values, or the Secret is a packed Helm release."""
    annotations = (name for name, _ in secret.get("metadata", "annotations").items())
    return secret.get("type").value in _PACKED_TYPES or any(map(_FILLED_BY_CONTROLLER.match, annotations))


def literal_in(value: SecretValue) -> Literal | None:
    """The credential that an entry of a Secret holds in clear, judged by its value and, where that is open, by its key."""
    if value.text is None:
        return (
            Literal("binary key", value.size) if names_secret(value.key) and 16 <= value.size <= 256 else None
        )
    text = value.text.strip()
    if value.key in _REGISTRY_KEYS:
        passwords = [
            password for password in registry_passwords(text) if is_plausible(password, certain_place=True)
        ]
        return Literal("registry password", len(passwords[0])) if passwords else None
    if "\n" in text or text.startswith(("{", "[")):
        return _assigned(text)
    if names_identity(value.key) or not is_plausible(text, certain_place=names_secret(value.key)):
        return None
    return Literal(_kind(value.key), len(text))


def _assigned(text: str) -> Literal | None:
    """The first credential that a configuration file in a Secret assigns to a telling name."""
    for match in _ASSIGNMENT.finditer(text):
        name, assigned = match.groups()
        if names_secret(name) and is_plausible(assigned):
            return Literal(f"{_kind(name)} in a configuration", len(assigned))
    return None


def _kind(key: str) -> str:
    return next((kind for word, kind in _KINDS if word in key.lower()), "literal value")


def _is_clear(value: str) -> bool:
    return not is_encrypted(value) and not is_reference(value)


def _decoded(key: str, field: Field, value: str) -> SecretValue:
    raw = decode_base64(value)
    if raw is None:  # plain text where base64 belongs
        return SecretValue(field, key, value, len(value))
    text = decode_text(value)
    if text is not None and is_encrypted(text):
        text = ""
    return SecretValue(field, key, "" if not raw else text, len(raw))
