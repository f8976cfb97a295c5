"""Every credential of a document with its place, found in one walk that three rules share."""

from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from kubelint.manifests import Document, Field, Project
from kubelint.manifests.field import FieldSlice

from .credentials import Credential, Family, credentials_in
from .hints import may_hold_credential
from .secret_objects import SecretValue, is_sealed, secret_values, secrets_of, views

Path = tuple[Any, ...]

_MOST_LINES = 25
_ARMOUR, _ARMOUR_END, _LONGEST_ARMOUR = "-----BEGIN ", "-----END ", 32_768
_RELEASE = "helm.sh/release.v1"  # holds a whole release, packed; what was in it is found where it was written


class Place(NamedTuple):
    """A string of a document and the credentials in it; `encoded` if they stand in what it is base64 of."""

    path: Path
    credentials: tuple[Credential, ...]
    encoded: bool = False


class Found(NamedTuple):
    """Credentials of one family in `field`, and the place to point at: all of a string, or one line of a long one."""

    field: Field
    at: Field | FieldSlice
    credentials: list[Credential]


#: By paths and not by fields: those lead back to the document and would keep it alive.
_places: WeakKeyDictionary[Document, list[Place]] = WeakKeyDictionary()


def places_with(family: Family, project: Project) -> Iterator[Found]:
    """Where documents hold credentials of `family`, in order: string by string, and line by line of a text."""
    for document in project.documents:
        if document not in _places:
            _places[document] = list(_scan(document))
        for place in _places[document]:
            credentials = [credential for credential in place.credentials if credential.family is family]
            if credentials:
                yield from _pointed_at(document.field(place.path), credentials, place.encoded)


def _pointed_at(field: Field, credentials: list[Credential], encoded: bool) -> Iterator[Found]:
    text = str(field.value)
    if encoded or "\n" not in text:
        yield Found(field, field, credentials)
        return
    by_line = groupby(sorted(credentials, key=lambda each: each.start), lambda each: each.line)
    lines = [list(group) for _, group in by_line]
    for index, group in enumerate(lines[:_MOST_LINES]):
        rest = [each for line in lines[_MOST_LINES:] for each in line] if index == _MOST_LINES - 1 else []
        start = group[0].start
        here = [each._replace(line=1) for each in group]  # the place says where it is
        yield Found(field, field.slice(start, _end(text, start)), here + rest)


def _end(text: str, start: int) -> int:
    """Where the line ends that a credential starts on; of armour, its last line."""
    if text.startswith(_ARMOUR, start):
        start = max(start, text.find("\n" + _ARMOUR_END, start, start + _LONGEST_ARMOUR) + 1)
    end = text.find("\n", start)
    return end if end >= 0 else len(text)


@lru_cache(maxsize=4)
def _file_may_hold(text: str) -> bool:
    return may_hold_credential(text)


def _scan(document: Document) -> Iterator[Place]:
    root = document.root
    in_clear = _file_may_hold(document.text)
    secrets = list(secrets_of(root))
    if not (in_clear or secrets) or is_sealed(root):
        return
    decoded = {
        value.field.path: (value, () if secret.get("type").value == _RELEASE else _in_views(value))
        for secret in secrets
        for value in secret_values(secret)
    }
    for path, text in _strings(root.value, (), set()):
        if path in decoded:
            value, credentials = decoded[path]
            encoded = value.text != text
        else:
            credentials, encoded = credentials_in(text) if in_clear else (), False
        if credentials:
            yield Place(path, credentials, encoded)


def _in_views(value: SecretValue) -> tuple[Credential, ...]:
    """The credentials in an entry of a Secret; what several views of it show counts once."""
    found: dict[Credential, Credential] = {}
    for view in views(value):
        for credential in credentials_in(view):
            found.setdefault(credential._replace(line=0, start=0), credential)
    return tuple(found.values())


def _strings(value: Any, path: Path, seen: set[int]) -> Iterator[tuple[Path, str]]:
    """Every string, template text too: a file with one `${VAR}` in it can hold a key all the same. No custom tags."""
    if type(value) is str:
        yield path, value
    elif isinstance(value, dict | list) and id(value) not in seen and path[-2:] != ("spec", "encryptedData"):
        seen.add(id(value))
        for step, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _strings(item, (*path, step), seen)
