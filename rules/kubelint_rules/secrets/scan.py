"""Every credential of a document with its place, found in one walk that three rules share."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from kubelint.manifests import Document, Field

from .credentials import Credential, Family, credentials_in
from .hints import may_hold_credential
from .secret_objects import is_sealed, secret_values, secrets_of, views

Path = tuple[Any, ...]


class Place(NamedTuple):
    """A string of a document and the credentials in it."""

    path: Path
    credentials: tuple[Credential, ...]


#: By paths and not by fields: those lead back to the document and would keep it alive.
_places: WeakKeyDictionary[Document, list[Place]] = WeakKeyDictionary()


def places_with(family: Family, document: Document) -> Iterator[tuple[Field, list[Credential]]]:
    """The fields of `document` that hold credentials of `family`, in the order of the document."""
    if document not in _places:
        _places[document] = list(_scan(document))
    for place in _places[document]:
        credentials = [credential for credential in place.credentials if credential.family is family]
        if credentials:
            yield document.field(place.path), credentials


@lru_cache(maxsize=4)
def _file_may_hold(text: str) -> bool:
    return may_hold_credential(text)


def _scan(document: Document) -> Iterator[Place]:
    root = document.root
    in_clear = _file_may_hold(document.text)
    secrets = list(secrets_of(root))
    if not (in_clear or secrets) or is_sealed(root):
        return
    decoded: dict[Path, tuple[Credential, ...]] = {}
    for secret in secrets:
        for value in secret_values(secret):
            found = (credential for view in views(value) for credential in credentials_in(view))
            decoded[value.field.path] = tuple(dict.fromkeys(found))
    for path, text in _strings(root.value, (), set()):
        credentials = decoded[path] if path in decoded else credentials_in(text) if in_clear else ()
        if credentials:
            yield Place(path, credentials)


def _strings(value: Any, path: Path, seen: set[int]) -> Iterator[tuple[Path, str]]:
    """Every string, template text too: a file with one `${VAR}` in it can hold a key all the same. No custom tags."""
    if type(value) is str:
        yield path, value
    elif isinstance(value, dict | list) and id(value) not in seen and path[-2:] != ("spec", "encryptedData"):
        seen.add(id(value))
        for step, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _strings(item, (*path, step), seen)
