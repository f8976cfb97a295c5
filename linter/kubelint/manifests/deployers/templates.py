"""Which objects of a template are rendered whatever the values are.

A template is no YAML: what stands in a block of `{{ if }}`, `{{ range }}` or `{{ with }}` may be left out or repeated,
and what stands between `{{` and `}}` may become anything. The rest is in the release.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from kubelint.manifests.objects import KubeObject

_HOOK = "helm.sh/hook"
_COMMENT = re.compile(r"\{\{-?\s*/\*")
_WORD = re.compile(r"\{\{-?\s*(if|range|with|define|block|end)\b")
_VISIBLE = re.compile(r"[^\n]")
_SEPARATOR = re.compile(r"^---.*$", re.MULTILINE)
_TOP = re.compile(r"^(apiVersion|kind|metadata)[ ]*:(.*)$", re.MULTILINE)
_NEXT = re.compile(r"^[A-Za-z]", re.MULTILINE)
_NAMES = re.compile(r"^([ ]+)(name|namespace)[ ]*:(.*)$", re.MULTILINE)
_HOOKS = re.compile(rf"""{re.escape(_HOOK)}[\w-]*["']?[ ]*(?::(.*))?""")
_LITERAL = re.compile(r"""(["']?)([A-Za-z0-9][\w./-]*)\1(?:[ ]+\#.*)?""")
_RELEASE = re.compile(r"""(["']?)\{\{-?[ ]*\$?\.Release\.Namespace[ ]*(?:\|[ ]*quote[ ]*)?-?\}\}\1""")


class Sure(NamedTuple):
    """An object that a template surely renders. `name` is empty where values may be in it, `namespace` too; that is
    None where none is written. `in_release`: it is that of the release.
    """

    api_version: str
    kind: str
    name: str
    namespace: str | None
    in_release: bool
    is_hook: bool


def sure_of(obj: KubeObject) -> Sure | None:
    """A rendered object as its template surely renders it; None where other values may make it something else."""
    template = obj.document.template
    inside = [each for each in sure_objects(template) if each.kind == obj.kind]
    alike = {each for each in inside if each.name in ("", obj.name)}
    alike = {each._replace(name="") for each in alike} if len(alike) > 1 else alike
    if len(alike) != 1 or _count(template, obj.kind) != len(inside):
        return None
    found = alike.pop()
    annotations = obj.field("metadata", "annotations").value
    is_hook = isinstance(annotations, dict) and bool(annotations.get(_HOOK))
    if found.api_version != obj.api_version or found.is_hook != is_hook:
        return None
    is_helped = found.namespace is None and not found.in_release and obj.namespace is not None
    return found._replace(namespace="") if is_helped else found


def _count(template: str, kind: str) -> int:
    """How many objects the template may render that are of the kind, as far as that is written in it."""
    written = rf"^kind[ ]*:(?:[ ]*[\"']?{re.escape(kind)}[\"']?[ ]*(?:#.*)?$|.*\{{\{{)"
    return len(re.findall(written, template, re.MULTILINE))


@lru_cache(maxsize=256)
def sure_objects(template: str) -> tuple[Sure, ...]:
    """What a template renders with all values."""
    flat = _without_blocks(template)
    if flat is None:
        return ()
    starts = [0, *(match.end() for match in _SEPARATOR.finditer(flat))]
    ends = [*(match.start() for match in _SEPARATOR.finditer(flat)), len(flat)]
    parts = (_read(flat[start:end], template[start:end]) for start, end in zip(starts, ends, strict=True))
    return tuple(part for part in parts if part is not None)


def _without_blocks(template: str) -> str | None:
    """The text with blocks and their actions made spaces, as long as it was; None where a block has no end."""
    parts: list[str] = []
    depth = at = 0
    for start, end in _actions(template):
        between, action = template[at:start], template[start:end]
        parts.append(_blank(between) if depth else between)
        word = _WORD.match(action)
        parts.append(_blank(action) if depth or word or _COMMENT.match(action) else action)
        if word is not None:
            depth += -1 if word[1] == "end" else 1
        if depth < 0:
            return None
        at = end
    return None if depth else "".join((*parts, template[at:]))


def _actions(template: str) -> Iterator[tuple[int, int]]:
    """Where actions start and end."""
    start = template.find("{{")
    while start >= 0:
        comment = _COMMENT.match(template, start)
        inside = template.find("*/", comment.end()) if comment is not None else start + 2
        end = template.find("}}", inside) if inside >= 0 else -1
        if end < 0:
            return
        yield start, end + 2
        start = template.find("{{", end + 2)


def _blank(text: str) -> str:
    return _VISIBLE.sub(" ", text)


def _read(flat: str, raw: str) -> Sure | None:
    """The object of one document; `raw` is the same text with its blocks."""
    top = {match[1]: match for match in _TOP.finditer(flat)}
    if len(top) != 3 or len(_TOP.findall(flat)) != 3:
        return None
    version, kind = _literal(top["apiVersion"][2]), _literal(top["kind"][2])
    hooks = list(_hooks(flat))
    if not version or not kind or None in hooks or len(hooks) != len(list(_hooks(raw))):
        return None
    inline = top["metadata"][2].partition("#")[0].strip()
    if inline:
        hidden = "namespace" in inline or "{{" in inline
        return Sure(version, kind, "", "" if hidden else None, False, bool(hooks))
    start = top["metadata"].end()
    following = _NEXT.search(flat, start)
    end = following.start() if following is not None else len(flat)
    name, place = _name(flat[start:end]), _namespace(flat[start:end], raw[start:end])
    in_release = place is not None and _RELEASE.fullmatch(place) is not None
    namespace = None if place is None or in_release else _literal(place)
    return Sure(version, kind, name, namespace, in_release, bool(hooks))


def _name(metadata: str) -> str:
    """The name, if it is written as it is."""
    written = list(_NAMES.finditer(metadata))
    indent = min((len(match[1]) for match in written), default=0)
    names = [match[3] for match in written if match[2] == "name" and len(match[1]) == indent]
    return _literal(names[0]) if len(names) == 1 else ""


def _namespace(metadata: str, raw: str) -> str | None:
    """What stands as the namespace; empty where it is not known which does, None where there is surely none."""
    inside = [match[3].strip() for match in _NAMES.finditer(metadata) if match[2] == "namespace"]
    if len(inside) != sum(match[2] == "namespace" for match in _NAMES.finditer(raw)) or len(inside) > 1:
        return ""
    if not inside and not any(match[2] == "name" for match in _NAMES.finditer(metadata)):
        return ""  # something that is included gives the name, and may give the namespace
    return inside[0] if inside else None


def _hooks(text: str) -> Iterator[str | None]:
    """What annotations about hooks say; None for one that values may change."""
    for match in _HOOKS.finditer(text):
        yield match[1] if match[1] is not None and "{{" not in match[1] else None


def _literal(text: str) -> str:
    """A plain value as it is written; empty for any other."""
    match = _LITERAL.fullmatch(text.strip())
    return match[2] if match is not None else ""
