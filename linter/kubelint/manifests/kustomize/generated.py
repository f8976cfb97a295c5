"""The ConfigMaps and Secrets that kustomizations make: no manifest holds them, and they exist all the same."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from kubelint.manifests.documents import Document
from kubelint.manifests.field import Field
from kubelint.manifests.kustomize.effects import journey
from kubelint.manifests.kustomize.graph import Graph
from kubelint.manifests.kustomize.kustomization import Kustomization

_LISTS = {"ConfigMap": "configMapGenerator", "Secret": "secretGenerator"}


class GeneratedKey(NamedTuple):
    """One key: its name, the entry that brings it, and the literal or the file behind it.

    `documents` are those of the file where the tree reads it as YAML. `name` is empty for a file of many keys
    (`envs`).
    """

    name: str
    field: Field
    text: str | None = None
    file: str | None = None
    documents: tuple[Document, ...] = ()


class Generated(NamedTuple):
    """A ConfigMap or Secret that a generator makes.

    `name` is what manifests call it, None where that is template text. `names` and `namespaces` are those over all
    kustomizations that include it, without the hash at the end; empty where unknown. `hashed` says whether a hash of
    the content follows the name, which references get too.
    """

    kind: str
    name: str | None
    names: frozenset[str]
    namespaces: frozenset[str]
    field: Field
    kustomization: Kustomization
    keys: tuple[GeneratedKey, ...]
    behavior: str
    hashed: bool
    is_open: bool

    def key(self, name: str) -> GeneratedKey | None:
        """The key of that name."""
        return next((key for key in self.keys if key.name == name), None)


def generated(kind: str, graph: Graph) -> Iterator[Generated]:
    """What the generators of a kind ("ConfigMap" or "Secret") make, in the order of the files."""
    key = _LISTS.get(kind)
    for member in graph.members if key is not None else ():
        if member.flux is None:
            for entry in member.root.get(str(key)).elements():
                if isinstance(entry.value, dict):
                    yield _read(kind, entry, member, graph)


def _read(kind: str, entry: Field, member: Kustomization, graph: Graph) -> Generated:
    written = entry.get("namespace")
    chains = graph.chains_from(member)
    ways = [journey(kind, "", entry.get("name"), written.text, chain) for chain in chains.found]
    names, namespaces = [way.name for way in ways], [way.namespace for way in ways]
    keys = tuple(_keys(entry, member, graph.documents))
    known = all(not entry.get(name).unknown for name in ("literals", "files", "envs", "env"))
    return Generated(
        kind,
        entry.get("name").text,
        _all_known(names, chains.complete),
        _all_known(namespaces, chains.complete),
        entry,
        member,
        keys,
        entry.get("behavior").text or "create",
        _is_hashed(entry, member),
        not known or any(not key.name for key in keys),
    )


def _all_known(texts: list[str | None], complete: bool) -> frozenset[str]:
    known = frozenset(text for text in texts if text is not None)
    return known if complete and None not in texts else frozenset()


def _is_hashed(entry: Field, member: Kustomization) -> bool:
    disabled = (entry.get("options"), member.root.get("generatorOptions"))
    return not any(options.get("disableNameSuffixHash").boolean for options in disabled)


def _keys(entry: Field, member: Kustomization, files: Mapping[str, list[Document]]) -> Iterator[GeneratedKey]:
    for field in entry.get("literals").elements():
        if isinstance(field.value, str):
            name, _, text = field.value.partition("=")
            yield GeneratedKey("" if field.unknown and "=" not in field.value else name, field, _unquoted(text))
    for field in entry.get("files").elements():
        if field.text is not None:
            name, equals, path = field.text.partition("=")
            found = member.path_of(path if equals else name)
            key = name if equals else posixpath.basename(name)
            yield GeneratedKey(key, field, None, found, tuple(files.get(found, ())))
    for field in (*entry.get("envs").elements(), entry.get("env")):
        if field.text is not None:
            yield GeneratedKey("", field, None, member.path_of(field.text))


def _unquoted(text: str) -> str:
    """The value of a literal, without the quotes around it (`api/kv/kv.go`)."""
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text
