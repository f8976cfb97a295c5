"""Literals in Secrets: entries that no format gives away, judged by their value and their key."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from kubelint.manifests import Field

from .credentials import credentials_in
from .encodings import registry_passwords
from .keyed import credential_under
from .named_values import in_text, is_password
from .pairs import kind_of
from .plausibility import is_plausible, names_identity, names_secret
from .secret_objects import REGISTRY_KEYS, SecretValue

RELEASE_TYPE = "helm.sh/release.v1"

# Something in the cluster writes these Secrets, or other objects' values into them.
_FILLED_BY_CONTROLLER = re.compile(
    r"^(?:avp\.kubernetes\.io/(?:path|secret-version)|secretgenerator\.mittwald\.de/"
    r"|secret-generator\.v1\.mittwald\.de/|replicator\.v1\.mittwald\.de/replicate-from$"
    r"|reflector\.v1\.k8s\.emberstack\.com/reflects$|vault\.security\.banzaicloud\.io/|kubed\.appscode\.com/origin)"
)
_PGPASS = re.compile(r"^[^:#\s]{1,128}:(?:\d{1,5}|\*):[^:\s]{1,128}:[^:\s]{1,128}:([^\s]{1,256})", re.MULTILINE)


class Literal(NamedTuple):
    """A credential in clear: its kind in words, its length in characters, where in the entry's text it stands.

    `end` is 0 where it is the whole entry, or cannot be pointed at.
    """

    kind: str
    length: int
    start: int = 0
    end: int = 0


def is_filled_elsewhere(secret: Field) -> bool:
    """Whether a controller supplies the values, or other Secrets' are copied into it."""
    return any(_FILLED_BY_CONTROLLER.match(name) for name, _ in secret.get("metadata", "annotations").items())


def literals_in(value: SecretValue) -> list[Literal]:
    """The credentials that an entry of a Secret holds in clear, judged by its value and its key.

    What the entry proves by itself is not among them: other rules speak of that.
    """
    if value.text is None:
        return [Literal("binary key", value.size)] if names_secret(value.key) and 16 <= value.size <= 256 else []
    text = value.text.strip()
    if value.key in REGISTRY_KEYS or '"auths"' in text:
        packed = [password for password in registry_passwords(text) if is_password(password)]
        return [Literal("registry password", len(packed[0]))] if packed else []
    is_file = "\n" in text or text.startswith(("{", "[", "<"))
    if not is_file and not names_identity(value.key) and is_plausible(text, certain_place=names_secret(value.key)):
        return [] if credentials_in(text) else [Literal(kind_of(value.key), len(text))]
    return list(_in_configuration(value.text))


def _in_configuration(text: str) -> Iterator[Literal]:
    """What a configuration file in a Secret assigns to telling names."""
    for found in in_text(text):
        yield Literal(f"{found.kind} in a configuration", found.end - found.start, found.start, found.end)
    for match in _PGPASS.finditer(text):
        if is_password(match[1]):
            yield Literal("password in a configuration", len(match[1]), *match.span(1))


def template_literals(key: str, text: str) -> list[Literal]:
    """The credentials that the template of a Secret gives `key` by itself, where most comes from elsewhere."""
    if "\n" in text.strip():
        return list(_in_configuration(text))
    found = credential_under(key, text)
    return [Literal(found.kind, found.length)] if found is not None else list(_in_configuration(text))
