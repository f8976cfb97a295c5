"""SOPS: which files a repository says are to be encrypted, and what an encrypted document says of itself.

Follows sops' `config/config.go` (finding the configuration, the first rule that matches) and `sops.go` (which keys).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from posixpath import basename, dirname
from typing import TYPE_CHECKING, Any

from kubelint.cluster.go_regexp import compile_go
from kubelint.manifests.documents import Document
from kubelint.manifests.field import Field
from kubelint.sources import Path

if TYPE_CHECKING:
    from kubelint.manifests.project import Project

_FILE = ".sops.yaml"
_RECIPIENTS = ("age", "pgp", "kms", "gcp_kms", "hckms", "azure_keyvault", "hc_vault_transit_uri")
_GROUP_RECIPIENTS = {"hc_vault": "hc_vault_transit_uri"}
_RECIPIENT_KEYS = ("arn", "resource_id", "key_id", "vaultUrl", "recipient", "fp", "vault_url", "vault_address")
_MAX_MERGES = 16


class _Selection:
    """Which keys are encrypted: read from a creation rule, or from the metadata of what was encrypted by it."""

    def __init__(self, field: Field) -> None:
        self.field = field
        self.encrypted_regex = field.get("encrypted_regex")
        self.unencrypted_regex = field.get("unencrypted_regex")
        self.encrypted_suffix = field.get("encrypted_suffix")
        self.unencrypted_suffix = field.get("unencrypted_suffix")
        self.encrypted_comment_regex = field.get("encrypted_comment_regex")
        self.unencrypted_comment_regex = field.get("unencrypted_comment_regex")
        self.mac_only_encrypted = field.get("mac_only_encrypted")

    def encrypts(self, path: Path) -> bool | None:
        """Whether sops encrypts the value at `path`; None where that hangs on comments or an unreadable expression.

        Every key on the way counts, indexes do not; without any choice everything but `*_unencrypted` is encrypted.
        """
        keys = [step for step in path if isinstance(step, str)]
        if self.encrypted_comment_regex.value or self.unencrypted_comment_regex.value:
            return None
        for field, encrypted in ((self.unencrypted_regex, False), (self.encrypted_regex, True)):
            if field.value:
                found = _any_matches(field, keys)
                return None if found is None else found is encrypted
        if self.encrypted_suffix.value:
            suffix = self.encrypted_suffix.text
            return None if suffix is None else any(key.endswith(suffix) for key in keys)
        suffix = self.unencrypted_suffix.text or "_unencrypted"
        return None if self.unencrypted_suffix.unknown else not any(key.endswith(suffix) for key in keys)


def _any_matches(field: Field, keys: list[str]) -> bool | None:
    pattern = compile_go(field.text) if field.text is not None else None
    return None if pattern is None else any(pattern.search(key) for key in keys)


class CreationRule(_Selection):
    """One of `creation_rules`: which files it speaks of, who can decrypt them, which of their keys are encrypted."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self.path_regex = field.get("path_regex")

    def __repr__(self) -> str:
        return f"<CreationRule {self.field.display} in {self.field.document.file}>"

    def matches(self, path: str) -> bool | None:
        """Whether it speaks of the file at `path`, relative to the configuration's directory; None where unknown."""
        if self.path_regex.absent or self.path_regex.value == "":
            return True
        return None if self._pattern is None else self._pattern.search(path) is not None

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        return compile_go(self.path_regex.text) if self.path_regex.text is not None else None

    @cached_property
    def recipients(self) -> dict[str, list[str]]:
        """Who can decrypt, by kind (`age`, `pgp`, `kms`, …), those of key groups too; what is known of them."""
        return read_recipients(self.field)


class SopsPolicy:
    """One `.sops.yaml`."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.file = document.file
        self.folder = dirname(document.file)
        self.field = document.root

    def __repr__(self) -> str:
        return f"<SopsPolicy {self.file}>"

    @cached_property
    def rules(self) -> list[CreationRule]:
        """The creation rules, those that are mappings."""
        return [
            CreationRule(item) for item in self.field.get("creation_rules").elements() if isinstance(item.value, dict)
        ]

    @property
    def unknown(self) -> bool:
        """Whether there may be rules that cannot be seen."""
        rules = self.field.get("creation_rules")
        return rules.unknown or any(item.unknown for item in rules.elements())

    def relative(self, file: str) -> str:
        """The path of `file`, below this configuration, as its rules see it."""
        return file.removeprefix(f"{self.folder}/") if self.folder else file

    def rule_for(self, file: str) -> CreationRule | None:
        """The first rule that speaks of `file`; None where none does, or where one before it cannot be read."""
        for rule in [] if self.unknown else self.rules:
            matches = rule.matches(self.relative(file))
            if matches is not False:
                return rule if matches else None
        return None

    def is_sure(self, file: str) -> bool:
        """Whether what `rule_for` says of `file` is known for sure."""
        for rule in self.rules:
            matches = rule.matches(self.relative(file))
            if matches is not False:
                return matches is True and not self.unknown
        return not self.unknown


class SopsMetadata(_Selection):
    """What sops wrote into a document that it encrypted: its top-level `sops`."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self.mac = field.get("mac")
        self.version = field.get("version")
        self.last_modified = field.get("lastmodified")

    @cached_property
    def recipients(self) -> dict[str, list[str]]:
        """Who can decrypt, by kind."""
        return read_recipients(self.field)


def read_policies(project: Project) -> list[SopsPolicy]:
    """The SOPS configurations of the tree, in the order of the files."""
    return [
        SopsPolicy(document)
        for document in project.documents
        if document.index == 0 and basename(document.file) == _FILE
    ]


def policy_above(policies: Iterable[SopsPolicy], file: str, repository: str = "") -> SopsPolicy | None:
    """The configuration nearest above `file` in its repository.

    sops looks upwards from where it is called; that is taken to be the file's directory, or one without a
    configuration between.
    """
    above = [
        policy
        for policy in policies
        if policy.document.repository == repository and (not policy.folder or file.startswith(f"{policy.folder}/"))
    ]
    return max(above, key=lambda policy: len(policy.folder), default=None)


def creation_rule(policies: Iterable[SopsPolicy], file: str, repository: str = "") -> CreationRule | None:
    """The creation rule that `file` falls under; None where there is none, or where that is unknown."""
    policy = policy_above(policies, file, repository)
    return None if policy is None else policy.rule_for(file)


def sops_metadata(document: Document) -> SopsMetadata | None:
    """What sops wrote into `document`; None where it is not encrypted with sops."""
    field = document.root.get("sops")
    if not isinstance(field.value, dict) or field.value.keys().isdisjoint({"mac", "lastmodified"}):
        return None
    return SopsMetadata(field)


def read_recipients(field: Field) -> dict[str, list[str]]:
    """The recipients of a creation rule or of metadata, those of its key groups and of what they merge too."""
    found: dict[str, list[str]] = {}
    for group in _groups(field, 0):
        for name in (*_RECIPIENTS, *_GROUP_RECIPIENTS):
            names = [one for one in _names(group.get(name)) if one]
            if names:
                found.setdefault(_GROUP_RECIPIENTS.get(name, name), []).extend(names)
    return found


def _groups(field: Field, depth: int) -> Iterator[Field]:
    yield field
    if depth < _MAX_MERGES:
        for name in ("key_groups", "merge"):
            for group in field.get(name).elements():
                yield from _groups(group, depth + 1)


def _names(field: Field) -> Iterator[str]:
    """The names in a text with commas, in a list of texts, or in a list of mappings."""
    if field.text is not None:
        yield from (name.strip() for name in field.text.split(","))
    for item in field.elements():
        if item.text is not None:
            yield item.text.strip()
        names: list[Any] = [item.get(key).text for key in _RECIPIENT_KEYS]
        yield from (name for name in names if name is not None)
