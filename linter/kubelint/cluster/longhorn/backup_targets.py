"""Where Longhorn keeps backups: how a target is declared in each version, and what its Secret must hold.

Follows longhorn-manager `types/types.go` (keys and types of backup stores), `datastore/longhorn.go`
(`GetCredentialFromSecret`), `engineapi/backups.go` (`getBackupCredentialEnv`) and
`webhook/resources/backuptarget/validator.go`.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from difflib import get_close_matches

MOVED_IN = "1.8.0"
"""The version that took the backup target out of the settings."""
CHART_KEYS = {
    "backupTarget": "backupTarget",
    "backupTargetCredentialSecret": "backupTargetCredentialSecret",
    "backupstorePollInterval": "pollInterval",
}
"""The keys of the chart's `defaultSettings` that are gone, and their names in `defaultBackupStore`."""
SETTINGS = frozenset({"backup-target", "backup-target-credential-secret", "backupstore-poll-interval"})
"""The settings that are gone."""

_NEEDED: dict[str, tuple[tuple[str, ...], ...]] = {
    "s3": (("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), ("AWS_IAM_ROLE_ARN",)),
    "cifs": (("CIFS_USERNAME", "CIFS_PASSWORD"),),
    "azblob": (("AZBLOB_ACCOUNT_NAME", "AZBLOB_ACCOUNT_KEY"),),
}
_SHARED = frozenset({"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"})
_KEYS: dict[str, frozenset[str]] = {
    "s3": frozenset(
        {
            "AWS_IAM_ROLE_ARN", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINTS", "AWS_CERT",
            "VIRTUAL_HOSTED_STYLE", "AWS_SIGN_ACCEPT_ENCODING",
        }
    ),
    "cifs": frozenset({"CIFS_USERNAME", "CIFS_PASSWORD"}),
    "azblob": frozenset({"AZBLOB_ACCOUNT_NAME", "AZBLOB_ACCOUNT_KEY", "AZBLOB_ENDPOINT", "AZBLOB_CERT"}),
}  # fmt: skip
KNOWN_KEYS = _SHARED.union(*_KEYS.values())
"""Every key of a credential Secret that Longhorn reads."""
_MAY_END_IN_NEWLINE = frozenset({"AWS_CERT", "AZBLOB_CERT"})
_ALIASES = {
    "AWS_ENDPOINT": "AWS_ENDPOINTS",
    "AWS_ENDPOINT_URL": "AWS_ENDPOINTS",
    "AWS_ENDPOINT_URL_S3": "AWS_ENDPOINTS",
    "AWS_S3_ENDPOINT": "AWS_ENDPOINTS",
    "S3_ENDPOINT": "AWS_ENDPOINTS",
    "S3_ENDPOINTS": "AWS_ENDPOINTS",
    "AWS_ACCESS_KEY": "AWS_ACCESS_KEY_ID",
    "ACCESS_KEY": "AWS_ACCESS_KEY_ID",
    "ACCESS_KEY_ID": "AWS_ACCESS_KEY_ID",
    "S3_ACCESS_KEY": "AWS_ACCESS_KEY_ID",
    "S3_ACCESS_KEY_ID": "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_KEY": "AWS_SECRET_ACCESS_KEY",
    "AWS_SECRET_ACCESS_KEY_ID": "AWS_SECRET_ACCESS_KEY",
    "SECRET_KEY": "AWS_SECRET_ACCESS_KEY",
    "SECRET_ACCESS_KEY": "AWS_SECRET_ACCESS_KEY",
    "S3_SECRET_KEY": "AWS_SECRET_ACCESS_KEY",
    "S3_SECRET_ACCESS_KEY": "AWS_SECRET_ACCESS_KEY",
    "AWS_VIRTUAL_HOSTED_STYLE": "VIRTUAL_HOSTED_STYLE",
    "AZBLOB_ENDPOINTS": "AZBLOB_ENDPOINT",
}
"""Keys that other programs read, and the ones of Longhorn that mean the same."""
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")


def store_type(url: str) -> str | None:
    """The kind of store that a target's URL names: `s3`, `nfs`, `cifs`, `azblob`; None for anything else."""
    match = _SCHEME.match(url.strip())
    return match[1] if match and match[1] in (*_NEEDED, "nfs", "vfs") else None


def needs_credentials(store: str | None) -> bool:
    """Whether a kind of store works with a Secret only (`BackupStoreRequireCredential`)."""
    return store in _NEEDED


def missing_keys(store: str | None, keys: Collection[str]) -> tuple[str, ...]:
    """What a Secret with `keys` lacks for a kind of store, by the first way to log in; nothing where it has enough."""
    ways = _NEEDED.get(store or "", ())
    if not ways or any(set(way) <= set(keys) for way in ways):
        return ()
    return tuple(key for key in ways[0] if key not in keys)


def intended_key(store: str | None, key: str) -> str | None:
    """The key of Longhorn's that somebody meant who wrote `key`; None for what it reads, and for what is no near miss.

    Keys are case-sensitive: `aws_endpoints` is a near miss.
    """
    wanted = _KEYS.get(store or "", frozenset())
    if key in KNOWN_KEYS or not wanted:
        return None
    upper = re.sub(r"[-.]", "_", key).upper()
    meant = upper if upper in KNOWN_KEYS else _ALIASES.get(upper)
    if meant is None:
        meant = next(iter(get_close_matches(upper, sorted(wanted), 1, 0.93)), None)
    return meant if meant in wanted else None


def must_be_trimmed(key: str) -> bool:
    """Whether space around the value of `key` breaks it; a certificate may end in a newline."""
    return key in KNOWN_KEYS and key not in _MAY_END_IN_NEWLINE
