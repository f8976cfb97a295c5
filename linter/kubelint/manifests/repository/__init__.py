"""A repository's own files: what is to be encrypted, what hooks run, what git ignores, files with credentials."""

from kubelint.manifests.repository.credential_files import CredentialFile, CredentialForm
from kubelint.manifests.repository.gitignores import GitIgnore, GitIgnores, IgnorePattern
from kubelint.manifests.repository.hooks import GitHook
from kubelint.manifests.repository.sops import (
    CreationRule,
    SopsMetadata,
    SopsPolicy,
    creation_rule,
    policy_above,
    sops_metadata,
)
from kubelint.manifests.repository.sops_texts import SopsText, sops_text

__all__ = [
    "CreationRule",
    "CredentialFile",
    "CredentialForm",
    "GitHook",
    "GitIgnore",
    "GitIgnores",
    "IgnorePattern",
    "SopsMetadata",
    "SopsPolicy",
    "SopsText",
    "creation_rule",
    "policy_above",
    "sops_metadata",
    "sops_text",
]
