"""Credentials that k3s and RKE2 are started with, wherever their configuration is written.

Flags: k3s `docs/cli/server.md` and `docs/cli/agent.md`; each has another that names a file, or a Secret, in its place.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from kubelint.manifests import Field, Project
from kubelint.manifests.field import FieldSlice

from .credentials import credentials_in
from .encodings import is_encrypted
from .plausibility import is_plausible
from .secret_objects import is_sealed

_INSTEAD = {
    "token": "name a file with it by `token-file`",
    "agent-token": "name a file with it by `agent-token-file`",
    "etcd-s3-secret-key": "keep it in a Secret that `etcd-s3-config-secret` names",
    "etcd-s3-session-token": "keep it in a Secret that `etcd-s3-config-secret` names",
}
_VARIABLE = re.compile(r"(?:k3s|rke2)_(?:\w+_)?token")
_IN_VAULT = "encrypt it with ansible-vault"


class ServerToken(NamedTuple):
    """A credential in clear: its file, its kind in words, its place, and what to write in its place."""

    file: str
    kind: str
    at: Field | FieldSlice
    instead: str


def server_tokens(project: Project) -> Iterator[ServerToken]:
    """Those in configuration files, and in Ansible's variables for groups and hosts."""
    for config in project.hosts.server_configs:
        if config.root is not None and is_sealed(config.root.document.root):
            continue
        for flag in config.flags & _INSTEAD.keys():
            for setting in config.get(flag):
                if isinstance(setting.at, Field | FieldSlice) and not setting.unknown and _is_credential(setting.value):
                    kind = f"`{flag}` of {config.name}, {len(str(setting.value))} characters"
                    yield ServerToken(config.file, kind, setting.at, _INSTEAD[flag])
    for variables in project.hosts.variable_files:
        for name, field in variables.root.items():
            if _VARIABLE.fullmatch(name) and not field.unknown and _is_credential(field.value):
                kind = f"variable `{name}`, {len(str(field.value))} characters"
                yield ServerToken(variables.file, kind, field, _IN_VAULT)


def _is_credential(value: object) -> bool:
    if not isinstance(value, str) or is_encrypted(value) or credentials_in(value):
        return False
    return is_plausible(value, certain_place=True)
