"""Credentials among the words of commands: options, assignments, headers, and what some programs take in place."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from kubelint.manifests import Field
from kubelint.manifests.field import FieldSlice
from kubelint.manifests.shell.commands import Command, Word
from kubelint.manifests.shell.passages import Place, passage_of_field
from kubelint.manifests.shell.wrappers import SHELLS
from kubelint.regexes import regex

from .keyed import credential_under
from .named_values import in_text, is_password

_HINT = regex(r"pass|pw|secret|token|key|authorization|(?:^|\s)-(?:[uapPw]|-user)", re.IGNORECASE)
_LONG = regex(r"-{1,2}(?:D)?(?P<name>[A-Za-z][\w.-]{1,80})(?P<equals>=)?")
_BARE = regex(r"(?P<name>[A-Za-z_][\w.-]{1,80})=")
_DATABASES = frozenset({"mysql", "mysqldump", "mysqladmin", "mysqlcheck", "mariadb", "mariadb-dump", "mariadb-admin"})
_PAIRS = {
    "curl": ("-u", "--user", "--proxy-user", "-U"),
    "etcdctl": ("--user",),
    "smbclient": ("-U", "--user"),
    "http": ("-a", "--auth"),
}
"""Options whose value is `user:password`, or `user%password`."""
_SHORT = {
    "redis-cli": ("-a",),
    "sshpass": ("-p",),
    "mongo": ("-p",),
    "mongosh": ("-p",),
    "mongodump": ("-p",),
    "mongorestore": ("-p",),
    "docker": ("-p",),
    "podman": ("-p",),
    "skopeo": ("-p",),
    "ldapsearch": ("-w",),
    "ldapadd": ("-w",),
    "ldapmodify": ("-w",),
    "ldapwhoami": ("-w",),
    "mosquitto_pub": ("-P",),
    "mosquitto_sub": ("-P",),
    "cqlsh": ("-p",),
    "rabbitmqadmin": ("-p",),
}
"""Short options that take a password, by program."""


class CommandSecret(NamedTuple):
    """A credential in a command: what names it there, its kind and length, its place; `word` holds it.

    `proven` if its form is that of the provider whom the name names.
    """

    name: str
    kind: str
    length: int
    at: Place
    word: Word
    proven: bool = False

    def text(self) -> str:
        """The credential, which must never leave this package."""
        if isinstance(self.at, FieldSlice):
            return str(self.at.field.value)[self.at.start : self.at.end]
        return self.word.text or ""


def words_of(fields: Iterable[Field]) -> tuple[Word, ...]:
    """The items of `command` and `args` as words, as they are written."""
    passages = [(field, passage_of_field(field)) for field in fields]
    return tuple(
        Word(None if field.unknown or field.value is None else passage.text, passage, 0, len(passage.text))
        for field, passage in passages
    )


def may_hold_secret(text: str) -> bool:
    """Whether the text of a command or script can hold a credential: cheap, to ask before it is read as such."""
    return _HINT.search(text) is not None


def secrets_in(command: Command) -> Iterator[CommandSecret]:
    """The credentials in one command, each at the characters of its value."""
    for assignment in command.assignments:
        yield from _judged(assignment.name, assignment.value)
    program, words = command.name or "", command.words
    if program in SHELLS:  # their scripts are commands of their own
        return
    if command.stdin is not None:
        yield from _in_text(command.stdin)
    for index, word in enumerate(words):
        following = words[index + 1] if index + 1 < len(words) else None
        yield from _in_word(program, word, following)


def _in_word(program: str, word: Word, following: Word | None) -> Iterator[CommandSecret]:
    text = word.text
    if not text:
        return
    option = _LONG.match(text)
    if option is not None and option["equals"]:
        yield from _in_option(program, option["name"], word, word.after(option.end()))
    elif option is not None and option.end() == len(text):
        yield from _in_option(program, option["name"], word, following)
    elif (given := _BARE.match(text)) is not None:
        found = list(_judged(given["name"], word.after(given.end())))
        yield from found or _in_text(word)
    else:
        yield from _in_text(word)
    yield from _in_short(program, word, following)


def _in_option(program: str, name: str, word: Word, value: Word | None) -> Iterator[CommandSecret]:
    """`--name=value` and `--name value`, which is no other option."""
    if value is None or not value.text or (value is not word and value.text.startswith("-") and len(value.text) < 24):
        return
    if f"--{name}" in _PAIRS.get(program, ()):
        yield from _of_pair(f"--{name}", value)
    elif name in ("header", "H"):
        yield from _in_text(value)
    else:
        yield from list(_judged(name, value)) or _in_text(value)


def _in_short(program: str, word: Word, following: Word | None) -> Iterator[CommandSecret]:
    """`-u user:password`, `-p password`, `-ppassword` of the programs that have them."""
    text = word.text or ""
    if program in _DATABASES and text.startswith("-p") and len(text) > 2:
        yield from _certain("-p", word.after(2))
    option = text[:2]
    if following is None or not following.text or following.text.startswith("-"):
        return
    if text == option and option in _PAIRS.get(program, ()):
        yield from _of_pair(option, following)
    elif text == option and option in _SHORT.get(program, ()):
        yield from _certain(option, following)


def _of_pair(option: str, value: Word) -> Iterator[CommandSecret]:
    match = re.search(r"[:%]", value.text or "")
    if match is not None:
        yield from _certain(option, value.after(match.end()))


def _judged(name: str, value: Word) -> Iterator[CommandSecret]:
    """The value if its name says that it is a credential."""
    found = credential_under(name, value.text, f"{name}={value.text}") if value.text and _is_written(value) else None
    if found is not None:
        yield CommandSecret(name, found.kind, found.length, value.at, value, found.proven)


def _certain(name: str, value: Word) -> Iterator[CommandSecret]:
    """The value, which the program takes for a password."""
    if value.text and _is_written(value) and is_password(value.text):
        yield CommandSecret(name, "password", len(value.text), value.at, value)


def _is_written(word: Word) -> bool:
    """Whether the word is written here, and not taken from a variable that is assigned elsewhere."""
    return "$" not in word.raw or (word.text or "") in word.raw


def _in_text(word: Word) -> Iterator[CommandSecret]:
    """Headers and assignments within a word: `Authorization: Bearer …`, `-Dpassword=…`, `password=…;user=…`."""
    text = word.text or ""
    if not _HINT.search(text) or not _is_written(word):
        return
    straight = text in (word.raw, word.raw[1:-1])
    for found in in_text(text):
        part = word.after(found.start)
        at = part.passage.at(part.start, part.start + found.end - found.start) if straight else word.at
        yield CommandSecret(found.key, found.kind, found.end - found.start, at, word, found.proven)
