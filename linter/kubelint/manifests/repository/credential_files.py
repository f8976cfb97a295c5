"""Files that are called as those with credentials are: keys, variables with passwords, logins, kubeconfigs.

What they hold is for rules to judge. Each is read when somebody asks.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cached_property
from posixpath import basename
from typing import TYPE_CHECKING

from kubelint.manifests.documents import Document
from kubelint.manifests.texts import TextSlice
from kubelint.sources import Span
from kubelint.sources.credential_names import is_structured
from kubelint.sources.text_files import TextFile

if TYPE_CHECKING:
    from kubelint.manifests.project import Project


class CredentialForm(StrEnum):
    """How a file with credentials is written, by its name."""

    KEY = "key"
    """A key in PEM or a form of its own, alone or with other text."""
    KEY_STORE = "key store"
    """PKCS #12 or a Java key store: binary, under a password."""
    VARIABLES = "variables"
    """Lines that give values to names: `.env`, `terraform.tfvars`, `.npmrc`."""
    DOCUMENT = "document"
    """YAML or JSON: a kubeconfig, a talosconfig, a login for registries."""
    LOGINS = "logins"
    """`.pgpass`, a line of fields with a password as the last, and `.netrc`, words in pairs."""
    PASSWORD = "password"
    """Nothing but a password."""


_STORES = (".p12", ".pfx", ".pkcs12", ".jks", ".keystore")
_KEYS = (".pem", ".key", ".agekey", ".ppk", ".p8", ".ovpn")
_KEY_NAMES = frozenset({"id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", "keys.txt", ".vault-token", ".git-credentials"})
_PASSWORD = re.compile(r"[\w.-]*vault[-_]?pass(?:word|wd|phrase)?(?:\.txt)?")


class CredentialFile:
    """One such file."""

    def __init__(self, text: TextFile) -> None:
        self.source = text
        self.file = text.path
        self.name = basename(text.path)
        self.form = credential_form(text.path)

    def __repr__(self) -> str:
        return f"<CredentialFile {self.file}>"

    @property
    def text(self) -> str:
        """What stands in it; empty where it is binary or cannot be read."""
        return self.source.text

    @property
    def head(self) -> bytes:
        """Its first bytes."""
        return self.source.head

    @property
    def ignored(self) -> bool:
        """Whether a `.gitignore` names it, which comes too late: git has it."""
        return self.source.ignored

    @cached_property
    def documents(self) -> list[Document]:
        """What it holds as YAML or JSON, for files that are called as such ones are; nothing where it is broken."""
        source = self.source.source
        return [] if source.problems else [Document(document) for document in source.documents]

    def at(self, start: int, end: int) -> TextSlice:
        """Some of its characters, to point at."""
        return TextSlice(self.file, Span(start, end))


def credential_form(path: str) -> CredentialForm:
    """How the file `path` is written, if its name can be believed."""
    name = basename(path)
    if is_structured(path):
        return CredentialForm.DOCUMENT
    if name.lower().endswith(_STORES):
        return CredentialForm.KEY_STORE
    if name.lower().endswith(_KEYS) or name in _KEY_NAMES:
        return CredentialForm.KEY
    if name in (".pgpass", ".netrc", "_netrc"):
        return CredentialForm.LOGINS
    return CredentialForm.PASSWORD if _PASSWORD.fullmatch(name) else CredentialForm.VARIABLES


def read_credential_files(project: Project) -> list[CredentialFile]:
    """Those of the tree that git has, or takes with whatever is added next."""
    return [CredentialFile(text) for text in project.named_for_credentials if text.committed]
