"""Credentials that keys give away: in mappings, in `name`/`value` pairs, and in the configuration that strings hold."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from kubelint.manifests import Field
from kubelint.manifests.field import FieldSlice
from kubelint.manifests.shell.passages import Place

from .config_lines import Assignment, assignments
from .credentials import credentials_in
from .encodings import decode_text, is_encrypted, registry_passwords
from .keyed import credential_under, may_name_secret

MOST = 25
"""How many credentials of one string are told apart; nobody reads on, and places cost time."""


class NamedValue(NamedTuple):
    """A credential by what its key says: the key, its kind and length in characters, the place to point at.

    `proven` if its form is that of the provider whom the key names. `line` is the line of the decoded text that it
    stands on where only the whole can be pointed at; else 0. `more` are those of the same string that are not told
    apart.
    """

    key: str
    kind: str
    length: int
    at: Place
    proven: bool = False
    line: int = 0
    more: int = 0

    def text(self) -> str:
        """The credential, which must never leave this package; empty where it stands in base64."""
        if isinstance(self.at, FieldSlice):
            return str(self.at.field.value)[self.at.start : self.at.end]
        return str(self.at.value).strip() if isinstance(self.at, Field) and not self.line else ""

    def described(self) -> str:
        """`password, 21 characters`, and where to look for it."""
        line = f", on its line {self.line}" if self.line > 1 else ""
        more = f", and {self.more} more" if self.more else ""
        return f"{self.kind}, {self.length} characters{line}{more}"


def named_values(root: Field, told: str = "", skip: Callable[[Field], bool] | None = None) -> Iterator[NamedValue]:
    """The credentials at and below `root`, whose own key is `told`. Anchors are looked at once; `skip` leaves out a
    part.
    """
    seen: set[int] = set()
    left: list[tuple[Field, str]] = [(root, told)]
    while left:
        here, key = left.pop()
        if type(here.value) is str:  # no custom tags: something else replaces those
            yield from in_string(here, key, here.value)
        elif isinstance(here.value, dict | list) and id(here.value) not in seen and not (skip and skip(here)):
            seen.add(id(here.value))
            left += reversed(list(_children(here)))


def _children(here: Field) -> Iterator[tuple[Field, str]]:
    """The values in a collection that may tell, each with the name that says what it is."""
    name: Any = here.get("name").value if isinstance(here.value, dict) else None
    for key, field in here.items():
        told = name if key == "value" and isinstance(name, str) else key
        if may_tell(told, field.value):
            yield field, told
    for field in here.elements():
        if may_tell("", field.value):
            yield field, ""


def may_tell(key: str, value: Any) -> bool:
    """Whether a value is worth a look: a collection, text under a telling key, text that assigns something."""
    if type(value) is str:
        return may_name_secret(key) or ((":" in value or "=" in value or "\n" in value) and may_name_secret(value))
    return isinstance(value, dict | list)


def in_string(field: Field, key: str, text: str) -> Iterator[NamedValue]:
    """The credentials in the string `text`, which `field` holds as it is."""
    if is_encrypted(text):
        return
    found = credential_under(key, text) if "\n" not in text.strip() else None
    if found is not None:
        yield NamedValue(key, found.kind, found.length, field, found.proven)
        return
    inside = in_text(text)
    for index, one in enumerate(inside[:MOST]):
        more = len(inside) - MOST if index == MOST - 1 else 0
        at = field.slice(one.start, one.end) if field.characters is None else field
        yield NamedValue(one.key, one.kind, one.end - one.start, at, one.proven, more=more)


def in_encoded(field: Field, text: str) -> Iterator[NamedValue]:
    """The first credential in the base64 `text` of `field`, and how many there are: only the whole can be shown."""
    decoded = decode_text(text)
    if decoded is None or is_encrypted(decoded):
        return
    found = in_text(decoded)
    if found:
        first, line = found[0], decoded.count("\n", 0, found[0].start) + 1
        yield NamedValue(first.key, first.kind, first.end - first.start, field, first.proven, line, len(found) - 1)


class InText(NamedTuple):
    """A credential in a text, from `start` to `end`."""

    key: str
    kind: str
    start: int
    end: int
    proven: bool = False


def in_text(text: str) -> list[InText]:
    """What configuration text assigns to telling keys and is a credential by nothing but that."""
    found = [one for assignment in assignments(text) if (one := judged(assignment)) is not None]
    return found + list(_registries(text)) if '"auths"' in text else found


def judged(assignment: Assignment) -> InText | None:
    """The credential that an assignment gives, if no other rule speaks of it."""
    key, value, start, end, context, certain = assignment
    if not certain:
        found = credential_under(key, value, context)
        return InText(key, found.kind, start, end, found.proven) if found is not None else None
    is_header = key == "Authorization"
    password = _password_of_header(value) if is_header else value
    if not is_password(password) or credentials_in(context):
        return None
    return InText(key, "token" if is_header and password == value else "password", start, end)


def is_password(value: str) -> bool:
    """Whether a value that stands where only a password can stand is one, and proves no other credential."""
    from .plausibility import is_plausible

    return is_plausible(value, certain_place=True) and not is_encrypted(value) and not credentials_in(value)


def _password_of_header(value: str) -> str:
    """The password in the base64 of basic authentication; the value itself where it is none."""
    pair = decode_text(value)
    return pair.partition(":")[2] if pair is not None and ":" in pair and pair.isprintable() else value


def _registries(text: str) -> Iterator[InText]:
    start = text.find('"auths"')
    for password in registry_passwords(text):
        if is_password(password):
            yield InText("auths", "registry password", start, start + len('"auths"'))
