"""Literals in Secrets: entries that no format gives away, judged by their value and their key."""

import re
from typing import NamedTuple

from kubelint.manifests import Field

from .encodings import registry_passwords
from .plausibility import is_plausible, names_identity, names_secret
from .secret_objects import REGISTRY_KEYS, SecretValue

# Something in the cluster writes these Secrets, or other objects' values into them.
_FILLED_BY_CONTROLLER = re.compile(
    r"^(?:avp\.kubernetes\.io/path|secretgenerator\.mittwald\.de/|replicator\.v1\.mittwald\.de/replicate-from"
    r"|reflector\.v1\.k8s\.emberstack\.com/reflects|vault\.security\.banzaicloud\.io/)"
)
_PACKED_TYPES = frozenset({"helm.sh/release.v1"})
_ASSIGNMENT = re.compile(
    r"(?:^|[\s,{])[\"']?([A-Za-z_][\w.-]{1,64})[\"']?[ \t]{0,8}[:=][ \t]{0,8}[\"']?([^\s\"',{}\[\]#]{6,256})"
)
_KINDS = (
    ("passphrase", "passphrase"),
    ("pass", "password"),
    ("pwd", "password"),
    ("token", "token"),
    ("secret", "secret"),
    ("key", "key"),
)


class Literal(NamedTuple):
    """A credential in clear: its kind in words and its length in characters."""

    kind: str
    length: int


def is_filled_elsewhere(secret: Field) -> bool:
    """Whether a controller supplies the values, or the Secret is a packed Helm release."""
    annotations = (name for name, _ in secret.get("metadata", "annotations").items())
    return secret.get("type").text in _PACKED_TYPES or any(map(_FILLED_BY_CONTROLLER.match, annotations))


def literal_in(value: SecretValue) -> Literal | None:
    """The credential that an entry of a Secret holds in clear, judged by its value and its key."""
    if value.text is None:
        return Literal("binary key", value.size) if names_secret(value.key) and 16 <= value.size <= 256 else None
    text = value.text.strip()
    if value.key in REGISTRY_KEYS:
        passwords = [password for password in registry_passwords(text) if is_plausible(password, certain_place=True)]
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
