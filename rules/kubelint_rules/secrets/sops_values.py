"""The values of documents that SOPS encrypts, or would: which they are, and which of them are credentials."""

from collections.abc import Callable, Iterator
from typing import Any

from kubelint.manifests import Document, Field

from .credentials import credentials_in
from .encodings import is_encrypted
from .literals import literals_in
from .plausibility import is_plausible, names_secret
from .secret_objects import secret_values, secrets_of, views

Path = tuple[Any, ...]
Selects = Callable[[Path], bool | None]

_CIPHERTEXT = "ENC[AES256_GCM,"


def leaves(root: Field) -> Iterator[tuple[Path, Any]]:
    """The path and the value of each scalar but those that sops wrote itself, by the names of keys."""
    left: list[tuple[Path, Any]] = [((), root.value)]
    seen: set[int] = set()
    while left:
        path, value = left.pop()
        if not isinstance(value, dict | list):
            yield path, value
        elif id(value) not in seen:
            seen.add(id(value))
            steps = sorted(value.items(), key=_name) if isinstance(value, dict) else list(enumerate(value))
            left += [((*path, step), item) for step, item in reversed(steps) if path or step != "sops"]


def in_clear(root: Field, selects: Selects) -> list[Path]:
    """The values that `selects` picks and that are no ciphertext; sops leaves nothing but null and empty text so."""
    return [
        path for path, value in leaves(root) if value not in (None, "") and not _is_ciphertext(value) and selects(path)
    ]


def first_credential(document: Document, selects: Selects) -> Field | None:
    """The first of those picked, by name, that is a credential: in a Secret by what it decodes to, else by its key."""
    root = document.root
    secrets = list(secrets_of(root))
    for secret in secrets:
        for entry in sorted(secret_values(secret), key=lambda entry: entry.key):
            if selects(entry.field.path) and (literals_in(entry) or any(map(credentials_in, views(entry)))):
                return entry.field
    own = {secret.path for secret in secrets}
    for path, value in leaves(root):
        if any(path[: len(prefix)] == prefix for prefix in own) or not isinstance(value, str):
            continue
        if _is_credential(path, value) and selects(path):
            return document.field(path)
    return None


def _name(item: tuple[Any, Any]) -> str:
    return str(item[0])


def _is_ciphertext(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(_CIPHERTEXT)


def _is_credential(path: Path, value: str) -> bool:
    key = next((step for step in reversed(path) if isinstance(step, str)), "")
    return bool(credentials_in(value)) or (names_secret(key) and is_plausible(value) and not is_encrypted(value))
