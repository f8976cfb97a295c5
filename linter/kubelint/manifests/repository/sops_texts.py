"""What SOPS leaves in files that are no YAML: variables (`.env`) and INI.

Follows sops' `stores/dotenv/store.go`, `stores/ini/store.go` and `stores/flatten.go`: metadata are variables that start
with `sops_`, or the section `sops`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import basename
from typing import NamedTuple

from kubelint.cluster.go_regexp import compile_go
from kubelint.manifests.texts import TextSlice
from kubelint.sources import Span
from kubelint.sources.text_files import TextFile

_VARIABLE = re.compile(r"^(?P<key>[^#=\r\n][^=\r\n]*)=(?P<value>[^\r\n]*)", re.MULTILINE)
_INI = re.compile(
    r"^[ \t]*(?:\[(?P<section>[^\]\r\n]+)\]"
    r"|(?P<key>[^#;=:\[\s][^=:\r\n]*?)[ \t]*[=:][ \t]*(?P<value>[^\r\n]*?))[ \t]*\r?$",
    re.MULTILINE,
)
_PREFIX = "sops_"


class SopsEntry(NamedTuple):
    """One value with the keys that lead to it."""

    path: tuple[str, ...]
    value: str
    at: TextSlice


class SopsText:
    """A file of variables or INI, its entries apart from what sops wrote of itself."""

    def __init__(self, text: TextFile, entries: list[SopsEntry], metadata: dict[str, SopsEntry]) -> None:
        self.file = text.path
        self.entries = entries
        self._metadata = metadata

    @property
    def is_encrypted(self) -> bool:
        """Whether sops has written anything of itself."""
        return not self._metadata.keys().isdisjoint({"mac", "version", "lastmodified"})

    @property
    def mac(self) -> str:
        """The authentication code, empty where there is none."""
        return self._said("mac")

    @property
    def where(self) -> TextSlice:
        """Where what sops wrote of itself begins."""
        return min((entry.at for entry in self._metadata.values()), key=lambda at: at.span.start)

    def encrypts(self, path: tuple[str, ...]) -> bool | None:
        """Whether sops encrypts the value at `path`; None where that cannot be said."""
        if self._said("encrypted_comment_regex") or self._said("unencrypted_comment_regex"):
            return None
        for name, encrypted in (("unencrypted_regex", False), ("encrypted_regex", True)):
            if self._said(name):
                pattern = compile_go(self._said(name))
                return None if pattern is None else any(map(pattern.search, path)) is encrypted
        if self._said("encrypted_suffix"):
            return any(key.endswith(self._said("encrypted_suffix")) for key in path)
        suffix = self._said("unencrypted_suffix") or "_unencrypted"
        return not any(key.endswith(suffix) for key in path)

    def _said(self, name: str) -> str:
        return self._metadata[name].value if name in self._metadata else ""


def sops_text(text: TextFile) -> SopsText | None:
    """The values in a file of variables or INI; None for a file of another name."""
    name = basename(text.path)
    if name.endswith(".ini"):
        entries = list(_of_ini(text))
        own = {entry.path[1]: entry for entry in entries if entry.path[0] == "sops"}
        return SopsText(text, [entry for entry in entries if entry.path[0] != "sops"], own)
    if name.endswith(".env") or name.startswith(".env"):
        entries = list(_of_variables(text))
        own = {entry.path[0].removeprefix(_PREFIX): entry for entry in entries if entry.path[0].startswith(_PREFIX)}
        return SopsText(text, [entry for entry in entries if not entry.path[0].startswith(_PREFIX)], own)
    return None


def _of_variables(text: TextFile) -> Iterator[SopsEntry]:
    for match in _VARIABLE.finditer(text.text):
        yield SopsEntry((match["key"],), match["value"], TextSlice(text.path, Span(*match.span("value"))))


def _of_ini(text: TextFile) -> Iterator[SopsEntry]:
    section = "DEFAULT"
    for match in _INI.finditer(text.text):
        if match["section"] is not None:
            section = match["section"].strip()
        else:
            at = TextSlice(text.path, Span(*match.span("value")))
            yield SopsEntry((section, match["key"].strip()), match["value"], at)
