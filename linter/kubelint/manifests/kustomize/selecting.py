"""Which objects a patch or a replacement means: patterns anchored as kustomize anchors them, and label selectors.

Follows kustomize `api/types/selector.go` and `kyaml/resid`; label selectors are those of apimachinery's
`pkg/labels/selector.go`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from kubelint.cluster.go_regexp import compile_go
from kubelint.cluster.templates import has_template
from kubelint.manifests.field import Field
from kubelint.manifests.objects import KubeObject
from kubelint.regexes import regex

_SET = regex(r"\s*([^\s!=,()]+)\s+(in|notin)\s*\(([^)]*)\)\s*")
_EQUAL = regex(r"\s*([^\s!=,()]+)\s*(==|=|!=)\s*([^\s,()!=]*)\s*")
_PRESENT = regex(r"\s*(!?)\s*([^\s!=,()]+)\s*")


class Seen(NamedTuple):
    """What an object may be known by while it is built: its names and namespaces so far; None for any.

    `relabelled` says that labels or annotations may be other than written.
    """

    names: frozenset[str] | None
    namespaces: frozenset[str] | None
    relabelled: bool = False


class Target(NamedTuple):
    """The objects that a patch applies to: patterns, None for any. `exact` compares text instead of patterns."""

    group: str | None = None
    version: str | None = None
    kind: str | None = None
    name: str | None = None
    namespace: str | None = None
    labels: str | None = None
    annotations: str | None = None
    exact: bool = False

    def selects(self, obj: KubeObject, seen: Seen) -> bool:
        """Whether `obj`, known as `seen`, may be among them."""
        return (
            self._meets(self.kind, obj.kind)
            and self._meets(self.group, obj.group)
            and (self.exact or self._meets(self.version, obj.version))
            and self._meets_any(self.name, seen.names)
            and self._meets_any(self.namespace, seen.namespaces)
            and (seen.relabelled or meets_selector(self.labels, obj.labels))
            and (seen.relabelled or meets_selector(self.annotations, obj.annotations))
        )

    def names(self, obj: KubeObject, names: frozenset[str]) -> bool:
        """Whether `obj`, which has been called by `names`, is surely among them: one of its names is given."""
        by_kind = self.kind in (None, obj.kind) and self.group in (None, "", obj.group)
        named = self.literal_name is not None and self.literal_name in names
        return by_kind and named and self.namespace in (None, obj.namespace) and not (self.labels or self.annotations)

    def _meets(self, pattern: str | None, text: str) -> bool:
        if pattern is None or pattern == text:
            return True
        return not self.exact and matches(pattern, text)

    def _meets_any(self, pattern: str | None, texts: frozenset[str] | None) -> bool:
        return pattern is None or texts is None or any(self._meets(pattern, text) for text in texts)

    @property
    def literal_name(self) -> str | None:
        """The one name that is meant; None where several may be."""
        if self.name is None or self.exact or is_literal(self.name):
            return self.name
        return None


def read_target(field: Field) -> Target:
    """The target of a patch; what is absent, empty or template text selects all."""

    def text(key: str) -> str | None:
        return field.get(key).text or None

    return Target(
        text("group"),
        text("version"),
        text("kind"),
        text("name"),
        text("namespace"),
        text("labelSelector"),
        text("annotationSelector"),
    )


_SLOW = regex(r"\([^)]*[+*}|][^)]*\)[+*{]")
"""Repeated groups in which something repeats or branches, which Python may try for ever; Go does not."""


@lru_cache(65536)
def _compiled(pattern: str) -> re.Pattern[str] | None:
    """The pattern ready for use; None where Python cannot read it as Go does, or not in time."""
    return None if _SLOW.search(pattern) or len(pattern) > 1024 else compile_go(pattern)


def matches(pattern: str, text: str, in_doubt: bool = True) -> bool:
    """Whether a pattern matches all of `text`; `in_doubt` where that cannot be told."""
    compiled = _compiled(pattern)
    return in_doubt if compiled is None else compiled.fullmatch(text) is not None


def is_literal(pattern: str) -> bool:
    """Whether `pattern` matches itself and nothing else."""
    return re.escape(pattern.replace("-", "")) == pattern.replace("-", "")


def meets_selector(selector: str | None, labels: Mapping[str, str]) -> bool:
    """Whether `labels` may meet a label selector such as `app=web,tier in (a, b),!old`. In doubt they do."""
    if selector is None or has_template(selector):
        return True
    at = 0
    while at < len(selector):
        if selector[at] in ", ":
            at += 1
            continue
        for form, check in ((_SET, _in_set), (_EQUAL, _is_equal), (_PRESENT, _is_present)):
            found = form.match(selector, at)
            if found is not None and (found.end() == len(selector) or selector[found.end()] == ","):
                if not check(found, labels):
                    return False
                at = found.end()
                break
        else:
            return True
    return True


def _in_set(found: re.Match[str], labels: Mapping[str, str]) -> bool:
    key, operator, body = found.groups()
    value = labels.get(key)
    if value is not None and has_template(value):
        return True
    return (value in {word.strip() for word in body.split(",")}) == (operator == "in")


def _is_equal(found: re.Match[str], labels: Mapping[str, str]) -> bool:
    key, operator, wanted = found.groups()
    value = labels.get(key)
    if value is not None and has_template(value):
        return True
    return (value == wanted) == (operator != "!=")


def _is_present(found: re.Match[str], labels: Mapping[str, str]) -> bool:
    return (found.group(2) in labels) != bool(found.group(1))
