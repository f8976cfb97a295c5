"""A repository's own policy files: what is to be encrypted, what hooks run, what git ignores."""

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

__all__ = [
    "CreationRule",
    "GitHook",
    "GitIgnore",
    "GitIgnores",
    "IgnorePattern",
    "SopsMetadata",
    "SopsPolicy",
    "creation_rule",
    "policy_above",
    "sops_metadata",
]
