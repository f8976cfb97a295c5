"""The configuration of k3s and RKE2, wherever it is written: their own files, variables of Ansible, arguments.

Follows k3s `pkg/configfilearg/parser.go`: keys are flags without their dashes; `config.yaml`, then `config.yaml.d/*` by
name; a later file replaces a key, and adds to it where the key ends in `+`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from posixpath import basename, dirname
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from kubelint.manifests.field import Field
from kubelint.manifests.hosts.flags import SERVER_FLAGS, looks_like_config
from kubelint.manifests.hosts.places import At, Value
from kubelint.manifests.scopes import scope_of
from kubelint.manifests.shell.passages import Passage, passage_of_field, passage_of_text
from kubelint.manifests.texts import TextSlice

if TYPE_CHECKING:
    from kubelint.manifests.documents import Document
    from kubelint.manifests.hosts.variable_files import VariableFile

Form = Literal["file", "embedded", "variable", "arguments"]
"""`embedded` is a file that another file holds, such as that of cloud-init."""

_PATH = re.compile(r"(?:^|/)(?P<name>k3s|rke2)/config\.yaml(?:$|\.d/[^/]+\.ya?ml$)")
_DROP_IN = re.compile(r"^(?P<base>.*/|)config\.ya?ml\.d/[^/]+$")
_VARIABLE = re.compile(
    r"(?:k3s|rke2|server|agent|extra)_.*(?:server|agent|config|args|options|yaml)|k3s_(?:server|agent)"
)
_OF_SERVERS = re.compile(r"server|master|control", re.IGNORECASE)
_OF_AGENTS = re.compile(r"agent|worker", re.IGNORECASE)
_MARKS = tuple(sorted(SERVER_FLAGS))
_TOKEN = re.compile(r"""(?:\{\{.{0,400}?\}\}|\$\{[^}]*\}|"[^"]*"|'[^']*'|\S)+""", re.DOTALL)
_LONGEST = 50_000
_KUBERNETES = frozenset({"apiVersion", "kind"})


class Setting(NamedTuple):
    """One flag, its value, and where the value stands. `adds` where it is added to what was set before."""

    flag: str
    value: Any
    at: At
    adds: bool = False

    @property
    def unknown(self) -> bool:
        """Whether the value is filled in later."""
        return Value(self.value, self.at).unknown


class ServerConfig:
    """What one server or agent, or a group of them, is started with."""

    def __init__(
        self, form: Form, name: str, at: Field | TextSlice, settings: Iterable[Setting], repository: str = ""
    ) -> None:
        self.form = form
        self.name = name
        """`k3s`, `rke2`, or the variable that holds it."""
        self.at = at
        """All of it, to point at."""
        self.root = at if isinstance(at, Field) else None
        """The field that holds it; None where it stands in a file of text."""
        self.file = at.document.file if isinstance(at, Field) else at.file
        self.repository = at.document.repository if isinstance(at, Field) else repository
        self.settings = list(settings)
        """In the order in which they take effect."""
        self.owner: VariableFile | None = None
        """The file of variables that it stands in, which says whose it is."""

    def __repr__(self) -> str:
        return f"<ServerConfig {self.name} in {self.file}>"

    @property
    def scope(self) -> str:
        """The cluster or overlay that it belongs to."""
        return scope_of(self.file, self.repository)

    @property
    def place(self) -> tuple[str, object, object]:
        """What tells it from all others."""
        if isinstance(self.at, Field):
            return self.file, self.at.document.index, self.at.path
        return self.file, None, self.at.span

    @property
    def order(self) -> tuple[str, str]:
        """The key by which configurations are sorted, whatever the order of keys in a file."""
        return self.file, self.root.display if self.root is not None else self.name

    def get(self, flag: str) -> list[Setting]:
        """The settings that together make the value of a flag: the last that sets it, and those that add to it."""
        found: list[Setting] = []
        for setting in self.settings:
            if setting.flag == flag:
                found = [*found, setting] if setting.adds else [setting]
        return found

    def values(self, flag: str) -> list[Value]:
        """Each value of a flag that may be repeated, such as `tls-san`, with its place."""
        return [value for setting in self.get(flag) for value in _values(setting)]

    def text(self, flag: str) -> str | None:
        """The one known value of a flag as text; None where it is not set, not known, or not alone."""
        values = self.values(flag)
        return values[0].text if len(values) == 1 else None

    def enabled(self, flag: str) -> bool | None:
        """Whether a switch is on; None where it is not set or not known."""
        values = self.values(flag)
        if len(values) != 1:
            return None
        return _SWITCH.get(str(values[0].value).lower())

    @cached_property
    def flags(self) -> frozenset[str]:
        """All flags that are set."""
        return frozenset(setting.flag for setting in self.settings)

    @property
    def is_server(self) -> bool | None:
        """Whether it is that of a server; None where neither a flag nor the name of its variable tells."""
        return True if self.flags & SERVER_FLAGS or self.role == "server" else None

    @property
    def role(self) -> Literal["server", "agent"] | None:
        """Which of the two the name of the variable says that it is for; None where it does not, or is a file."""
        if self.form == "file":
            return None
        server, agent = _OF_SERVERS.search(self.name), _OF_AGENTS.search(self.name)
        if bool(server) == bool(agent):
            return None
        return "server" if server else "agent"


_SWITCH = {"true": True, "false": False}


def _values(setting: Setting) -> list[Value]:
    if isinstance(setting.at, Field) and isinstance(setting.value, list):
        return [Value(item.value, item) for item in setting.at.elements()]
    return [Value(setting.value, setting.at)]


def config_files(documents: Iterable[Document]) -> list[ServerConfig]:
    """The configuration files of the tree, each `config.yaml` merged with the directory beside it."""
    groups: dict[str, list[tuple[str, Field]]] = {}
    for document in documents:
        if _is_config(document):
            drop_in = _DROP_IN.match(document.file)
            base = drop_in["base"] if drop_in else f"{dirname(document.file)}/".lstrip("/")
            key = f"{base}config.yaml" if drop_in or basename(document.file) == "config.yaml" else document.file
            groups.setdefault(key, []).append((document.file, document.root))
    found = []
    for key, parts in groups.items():
        roots = [root for _, root in sorted(parts, key=lambda part: (part[0] != key, part[0]))]
        path = _PATH.search(key)
        settings = [setting for root in roots for setting in settings_of(root)]
        found.append(ServerConfig("file", path["name"] if path else "k3s", roots[0], settings))
    return found


def _is_config(document: Document) -> bool:
    value = document.root.value
    if not isinstance(value, dict) or not value or not _KUBERNETES.isdisjoint(value):
        return False
    if _PATH.search(document.file):
        return True
    return "_vars/" not in document.file and looks_like_config(value)


def variable_configs(variables: Iterable[tuple[str, Field]]) -> Iterator[ServerConfig]:
    """The configurations that variables hold: as a mapping, as YAML text, or as arguments."""
    for name, field in variables:
        if isinstance(field.value, dict):
            if looks_like_config(field.value, least=1 if _VARIABLE.match(name) else 2):
                yield ServerConfig("variable", name, field, settings_of(field))
        elif _VARIABLE.match(name) is None:
            continue
        elif isinstance(field.value, str):
            yield from _of_text(name, field)
        elif isinstance(field.value, list):
            yield from _of_list(name, field)


def _of_text(name: str, field: Field) -> Iterator[ServerConfig]:
    text = field.value
    if "--" in text:
        settings = list(arguments(passage_of_field(field)))
        if any(setting.flag in SERVER_FLAGS for setting in settings) or name.startswith("extra_"):
            yield ServerConfig("arguments", name, field, settings)
        return
    if any(mark in text for mark in _MARKS):
        for root in field.embedded():
            if isinstance(root.value, dict) and looks_like_config(root.value):
                yield ServerConfig("variable", name, root, settings_of(root))


def _of_list(name: str, field: Field) -> Iterator[ServerConfig]:
    """A list of `flag: value` texts, as the RKE2 role of lablabs has it, or of arguments."""
    settings = []
    for item in field.elements():
        text = item.value
        if not isinstance(text, str):
            return
        flag, colon, value = text.partition(":")
        if colon and flag.strip().replace("-", "").isalnum() and not flag.startswith("-"):
            start = len(flag) + 1 + len(value) - len(value.lstrip())
            settings.append(Setting(flag.strip(), _plain(value), item.slice(start, len(text)), adds=True))
        else:
            settings += arguments(passage_of_field(item))
    if len({setting.flag for setting in settings} & SERVER_FLAGS) > 1:
        yield ServerConfig("arguments", name, field, settings)


def settings_of(root: Field) -> Iterator[Setting]:
    """The settings of a mapping of flags."""
    for key, field in root.items():
        yield Setting(key.removesuffix("+").lstrip("-"), field.value, field, key.endswith("+"))


def text_config(name: str, value: Value, repository: str) -> ServerConfig | None:
    """The configuration that a variable of an INI file holds as arguments."""
    if not isinstance(value.at, TextSlice) or not isinstance(value.value, str) or _VARIABLE.match(name) is None:
        return None
    span = value.at.span
    quoted = (span.end - span.start - len(value.value)) // 2
    settings = list(arguments(passage_of_text(value.at.file, value.value, span.start + quoted)))
    known = any(setting.flag in SERVER_FLAGS for setting in settings)
    return ServerConfig("arguments", name, value.at, settings, repository) if known else None


def arguments(passage: Passage) -> Iterator[Setting]:
    """The flags in a string of command-line arguments; a flag given again adds to the first."""
    text = passage.text if len(passage.text) <= _LONGEST else ""
    tokens = list(_TOKEN.finditer(text))
    index = 0
    while index < len(tokens):
        word, start = tokens[index].group(), tokens[index].start()
        index += 1
        if not word.startswith("--") or len(word) < 3:
            continue
        flag, equals, raw = word[2:].partition("=")
        at = start + len(flag) + 3
        if not equals and index < len(tokens) and not tokens[index].group().startswith("-"):
            raw, at = tokens[index].group(), tokens[index].start()
            index += 1
        elif not equals:
            yield Setting(flag, True, passage.at(start, tokens[index - 1].end()), adds=True)
            continue
        quoted = len(raw) > 1 and raw[0] == raw[-1] and raw[0] in "\"'"
        yield Setting(flag, _plain(raw), passage.at(at + quoted, at + len(raw) - quoted), adds=True)


def _plain(raw: str) -> str:
    text = raw.strip()
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text
