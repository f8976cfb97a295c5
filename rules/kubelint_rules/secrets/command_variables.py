"""The fix of credentials on the command line of a container: variables that are taken from a Secret.

In `command` and `args` the kubelet puts variables in place of `$(NAME)`; in the commands of probes and hooks it does
not (kubernetes `pkg/kubelet/container/helpers.go`, `ExpandContainerCommandAndArgs`). A script reads them itself, so
that no character of a value means anything to the shell.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from kubelint.checks import Fix
from kubelint.manifests import Container, Edit, Project
from kubelint.manifests.field import Excerpt, FieldSlice
from kubelint.manifests.orders import CONTAINER
from kubelint.manifests.shell.commands import Command, Word
from kubelint.manifests.shell.wrappers import SHELLS

from .command_secrets import CommandSecret
from .references import may_be_made, secret_key, taken_from

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NAME = re.compile(r"[A-Z_][A-Z0-9_]{2,}")
_PASSWORD = "PASSWORD"
_SCRIPT_OPTION = re.compile(r"-[a-z]*c[a-z]*")


class Shown(NamedTuple):
    """A credential on a command line: the command that it belongs to, and the words of the line. `expands` if the
    kubelet puts variables into it.
    """

    secret: CommandSecret
    container: Container
    command: Command
    words: tuple[Word, ...]
    expands: bool

    @property
    def value(self) -> str:
        """The credential without the quotes of a script, which must never leave this package."""
        text = self.secret.text()
        return text[1:-1] if len(text) == self.secret.length + 2 else text


def variable_fix(project: Project, shown: Shown, all_shown: list[Shown]) -> Fix | None:
    """Takes the credential from a Secret called like the object, wherever a command line of the container has it.

    `all_shown` are the credentials on the command lines of the whole pod.
    """
    obj, value = shown.container.pod.obj, shown.value
    alike = [other for other in all_shown if other.container is shown.container and other.value == value]
    name = _variable(alike)
    others = (other for other in all_shown if other.value != value)
    is_free = may_be_made(project, obj, name, value) and all(_named(other) != name for other in others)
    variable = _given(shown.container, name, value)
    if obj.name is None or not is_free or variable is None or _text_for(shown, name) is None:
        return None
    return taken_from(obj.name, name, *_replaced(alike, name), *variable)


def _variable(alike: list[Shown]) -> str:
    """What the variable for one credential is called: by the first of its names that says most."""
    names = [_named(shown) for shown in alike]
    return next((name for name in names if name != _PASSWORD), _PASSWORD)


def _named(shown: Shown) -> str:
    """`DATABASE_PASSWORD` for `--database-password`, `PASSWORD` for `-p`."""
    words = re.sub(r"\W+", "_", _HUMP.sub("_", shown.secret.name)).strip("_").upper()
    return words if _NAME.fullmatch(words) else _PASSWORD


def _replaced(alike: list[Shown], name: str) -> Iterator[Edit]:
    """The edits that put the variable in place of a credential; those of one string from its end on."""
    for shown in sorted(alike, key=_end, reverse=True):
        at, text = shown.secret.at, _text_for(shown, name)
        if text is not None and isinstance(at, FieldSlice):
            yield Excerpt(at.field.document, at.field.path, shown.value, (at.start, at.end)).replace(text)


def _end(shown: Shown) -> int:
    return shown.secret.at.end if isinstance(shown.secret.at, FieldSlice) else 0


def _given(container: Container, name: str, value: str) -> list[Edit] | None:
    """The edits that give the container the variable; None where something else is called so."""
    env = container.get("env")
    for entry in env.elements():
        if entry.get("name").text == name:
            return [] if entry.get("value").text == value else None
    reference = secret_key(str(container.pod.obj.name), name)
    variable = f"{{name: {name}, valueFrom: {{secretKeyRef: {reference}}}}}"
    if env.unknown or not isinstance(env.value, list | None):
        return None
    if env.exists:
        return [env.append(variable)]
    return [container.field.insert("env", f"[{variable}]", CONTAINER)]


def _text_for(shown: Shown, name: str) -> str | None:
    """What is to stand in place of a credential; None where the variable would not be read there, or read wrongly."""
    at, word = shown.secret.at, shown.secret.word
    number = next((index for index, other in enumerate(shown.words) if other.passage is word.passage), None)
    if not shown.expands or number is None or not isinstance(at, FieldSlice) or at.field.characters is not None:
        return None
    text = str(at.field.value)
    shells = [index for index, other in enumerate(shown.words) if _is_shell(other)]
    if not shells or number < shells[0]:
        is_own = "\n" not in text and bool(shown.command.words) and shown.command.words[0] in shown.words
        return f"$({name})" if is_own and at.end - at.start == shown.secret.length else None
    is_script = _SCRIPT_OPTION.fullmatch(shown.words[number - 1].text or "") is not None
    return _in_script(shown.secret, text, at, name) if is_script and shells[-1] < number else None


def _is_shell(word: Word) -> bool:
    return (word.text or "").rpartition("/")[2] in SHELLS


def _in_script(secret: CommandSecret, script: str, at: FieldSlice, name: str) -> str | None:
    """How the shell reads a variable there: never as more than one word."""
    raw = script[at.start : at.end]
    if "\n" in secret.word.raw:  # a document within the script, which may not be expanded
        return None
    if len(raw) == secret.length + 2 and raw[0] == raw[-1] and raw[0] in "'\"":
        return f'"${name}"'
    if len(raw) != secret.length or not set(raw).isdisjoint("'\"\\`$ "):
        return None
    quote = _quote_at(script, secret.word.start, at.start)
    if quote == '"':
        following = script[at.end : at.end + 1]
        return None if following.isalnum() or following == "_" else f"${name}"
    return None if quote is None else f'{quote}"${name}"{quote}'


def _quote_at(script: str, word: int, at: int) -> str | None:
    """The quote that is open at `at` in the word around `word`, empty for none; None where that is hard to say."""
    while word and not script[word - 1].isspace() and script[word - 1] not in ";|&()<>":
        word -= 1
    quote = ""
    for character in script[word:at]:
        if character in "\\`":
            return None
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
    return quote
