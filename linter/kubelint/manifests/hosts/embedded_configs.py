"""Configuration files of k3s and RKE2 that another file writes to its host: cloud-init's, Butane's, an Ansible task's.

Follows cloud-init `cloudinit/config/cc_write_files.py`, coreos/butane `base/v0_5/schema.go`, and the module
`ansible.builtin.copy` with `content`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from kubelint.manifests.documents import Document
from kubelint.manifests.field import Field
from kubelint.manifests.hosts.ansible_plays import Play
from kubelint.manifests.hosts.server_config import ServerConfig, settings_of

_TARGET = re.compile(r"/etc/rancher/(?P<name>k3s|rke2)/config\.yaml(?:\.d/[^/]+\.ya?ml)?")
_PLAIN = (None, "text/plain")

Written = tuple[str, Field]
"""The path of a file, and its contents."""


def embedded_configs(documents: Iterable[Document], plays: Iterable[Play]) -> list[ServerConfig]:
    """One configuration for each document, or playbook, that writes one, its `config.yaml.d` merged in."""
    groups: dict[tuple[str, int, str], list[Written]] = {}
    for written in (*_of_documents(documents), *_of_plays(plays)):
        target = _TARGET.fullmatch(written[0])
        if target is not None:
            document = written[1].document
            groups.setdefault((document.file, document.index, target["name"]), []).append(written)
    return [found for (*_, name), group in groups.items() if (found := _config(name, group)) is not None]


def _config(name: str, group: list[Written]) -> ServerConfig | None:
    """Later files win: `config.yaml` comes before those of its directory, which are read by their names."""
    ordered = sorted(dict(group).items(), key=lambda item: ("config.yaml.d/" in item[0], item[0]))
    roots = [root for _, content in ordered for root in content.embedded() if isinstance(root.value, dict)]
    if not roots:
        return None
    return ServerConfig("embedded", name, roots[0], [setting for root in roots for setting in settings_of(root)])


def _of_documents(documents: Iterable[Document]) -> Iterator[Written]:
    for document in documents:
        root = document.root
        for entry in root.get("write_files").elements():
            if entry.get("path").text and entry.get("encoding").value in _PLAIN:
                yield str(entry.get("path").text), entry.get("content")
        for entry in root.get("storage", "files").elements():
            if entry.get("path").text:
                yield str(entry.get("path").text), entry.get("contents", "inline")


def _of_plays(plays: Iterable[Play]) -> Iterator[Written]:
    for play in plays:
        for task in play.tasks:
            if task.module == "copy" and task.call is not None:
                path, content = task.argument("dest"), task.call.get("content")
                if path and isinstance(content.value, str):
                    yield path, content
