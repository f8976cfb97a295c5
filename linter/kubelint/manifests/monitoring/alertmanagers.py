"""Configurations of Alertmanager, wherever they stand: files, Secrets, ConfigMaps, the operators' objects, values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from posixpath import basename
from typing import TYPE_CHECKING, Any, Literal

from kubelint.manifests.field import Field
from kubelint.manifests.layered import Layered
from kubelint.manifests.monitoring.plain import (
    plain_inhibit_rule,
    plain_interval,
    plain_receiver,
    plain_route,
    with_prefix,
    within_namespace,
)
from kubelint.manifests.monitoring.routes import InhibitRule, Receiver, Route, TimeInterval, either
from kubelint.manifests.monitoring.searching import find_mappings
from kubelint.manifests.objects import KubeObject
from kubelint.manifests.releases.release import Release
from kubelint.manifests.scopes import scope_of
from kubelint.sources import Path
from kubelint.sources.scalars import PlainScalars
from kubelint.sources.values import UnreadableYaml, build_documents

if TYPE_CHECKING:
    from kubelint.manifests.project import Project

Origin = Literal[
    "file", "Secret", "ConfigMap", "ExternalSecret", "AlertmanagerConfig", "VMAlertmanagerConfig", "VMAlertmanager",
    "values",
]  # fmt: skip

_KEY = re.compile(r"alertmanager\.ya?ml")
"""The key under which the operators and charts keep a configuration: what stands there is one, readable or not."""
_OTHER_KEYS = re.compile(r"config\.ya?ml|.*alertmanager.*\.(?:ya?ml|tmpl)")
_TEXT = re.compile(r"(?:^|[\s{,])[\"']?receivers[\"']?\s*:")
_TEXT_PATHS: dict[Origin, tuple[tuple[str, ...], ...]] = {
    "Secret": (("stringData",), ("data",)),
    "ConfigMap": (("data",),),
    "ExternalSecret": (("spec", "target", "template", "data"),),
}
_GROUPS = {"Secret": "", "ConfigMap": "", "ExternalSecret": "external-secrets.io"}
_IN_VALUES = frozenset({("alertmanager", "config"), ("vmalertmanager", "config")})
_ASSIGNED = re.compile(r"(?:^|\.)receivers\[(\d+)\]\.")
_SEPARATORS = {"AlertmanagerConfig": "/", "VMAlertmanagerConfig": "-"}
"""What the operators put between namespace, name and receiver."""
_ROUTE_KEYS = frozenset({"receiver", "routes", "group_by", "groupBy", "repeat_interval", "group_wait", "matchers"})


class AlertmanagerConfiguration:
    """One configuration: all of Alertmanager's, or the part that an object of the operators adds.

    `field` is the mapping that holds `route` and `receivers`; `unknown` says that what should be a configuration cannot
    be read: encrypted, or made from a template.
    """

    def __init__(self, field: Field, origin: Origin, owner: KubeObject | Release | None = None) -> None:
        self.field = field
        self.origin: Origin = origin
        self.owner = owner
        self.document = field.document
        self.file = field.document.file
        self.global_ = field.get("global")
        self.templates = field.get("templates")

    def __repr__(self) -> str:
        return f"<AlertmanagerConfiguration {self.origin} in {self.file}>"

    @property
    def unknown(self) -> bool:
        """Whether nothing is known of it but that it is there."""
        return not isinstance(self.field.value, dict) or isinstance(self.field.value.get("sops"), dict)

    @property
    def hidden(self) -> bool:
        """Whether there may be routes or receivers that cannot be seen: templates, values from outside of the tree."""
        layered = isinstance(self.field, Layered) and self.field.hidden
        return self.unknown or layered or any(self._hides(name) for name in ("route", "receivers"))

    def _hides(self, name: str) -> bool:
        field = self._receivers_below or self.field.get(name) if name == "receivers" else self.field.get(name)
        return field.unknown or any(item.unknown for item in field.elements())

    @property
    def partial(self) -> bool:
        """Whether a part is missing that stands elsewhere: the rest of a patched object, or a chart's defaults."""
        if self.owner is not None and self.owner.partial:
            return True
        return self.origin == "values" and not (self.field.get("route").exists and self.field.get("receivers").exists)

    @cached_property
    def scope(self) -> str:
        """The cluster or overlay that it belongs to."""
        return self.owner.scope if self.owner is not None else scope_of(self.file, self.document.repository)

    @cached_property
    def route(self) -> Route | None:
        """The root of the routes; None where there is none, or none that is known."""
        field = self.field.get("route")
        return Route(field) if isinstance(field.value, dict) and not self.unknown else None

    @cached_property
    def routes(self) -> list[Route]:
        """All routes, the root first."""
        return [] if self.route is None else list(self.route.walk())

    @cached_property
    def receivers(self) -> list[Receiver]:
        """The receivers, those that are mappings."""
        below = self._receivers_below
        if below is None:
            return [Receiver(field) for field in self._mappings("receivers")]
        return [
            Receiver(field, index in self._assigned)
            for index, field in enumerate(below.elements())
            if isinstance(field.value, dict)
        ]

    @cached_property
    def _assigned(self) -> frozenset[int]:
        """Which receivers Flux puts values from Secrets and the like into, by their places in the list."""
        if not isinstance(self.owner, Release) or self.owner.wrapper != "HelmRelease":
            return frozenset()
        paths = [source.get("targetPath").text or "" for source in self.owner.root.get("spec", "valuesFrom").elements()]
        return frozenset(int(match[1]) for path in paths for match in _ASSIGNED.finditer(path))

    @cached_property
    def _receivers_below(self) -> Field | None:
        """The list of receivers that assignments change items of, so that all of it looks unknown."""
        if not self._assigned or not isinstance(self.field, Layered) or not self.field.get("receivers").unknown:
            return None
        found = (layer.get("receivers") for layer in self.field.layers)
        return next((field for field in found if isinstance(field.value, list) and not field.unknown), None)

    def receiver(self, name: str) -> Receiver | None:
        """The receiver of that name."""
        return next((receiver for receiver in self.receivers if receiver.name == name), None)

    @cached_property
    def inhibit_rules(self) -> list[InhibitRule]:
        """What silences what."""
        return [InhibitRule(field) for field in self._mappings("inhibit_rules")]

    @cached_property
    def intervals(self) -> list[TimeInterval]:
        """The named time intervals, under the newer key and the older."""
        fields = (*self._mappings("time_intervals"), *self._mappings("mute_time_intervals"))
        return [TimeInterval(field.get("name").text, field) for field in fields]

    def _mappings(self, name: str) -> Iterator[Field]:
        if not self.unknown:
            yield from (item for item in either(self.field, name).elements() if isinstance(item.value, dict))

    def plain(self) -> dict[str, Any]:
        """The configuration in the shape of upstream's YAML, whatever it was written in; template text stays text.

        What the operators make of an object's names and matchers is in `as_generated`.
        """
        plain: dict[str, Any] = {} if self.route is None else {"route": plain_route(self.route.field.value)}
        if self.unknown:
            return plain
        lists = {
            "receivers": [plain_receiver(receiver.field.value) for receiver in self.receivers],
            "inhibit_rules": [plain_inhibit_rule(rule.field.value) for rule in self.inhibit_rules],
            "time_intervals": [plain_interval(interval.field.value) for interval in self.intervals],
        }
        plain.update({key: items for key, items in lists.items() if items})
        for key, field in (("global", self.global_), ("templates", self.templates)):
            if field.value is not None:
                plain[key] = field.value
        return plain

    def as_generated(self, *, alone: bool = False) -> dict[str, Any]:
        """`plain`, with what the operators add to an object: its receivers' names start with the object's namespace
        and name, and it is for alerts of its namespace. `alone`: it is the whole configuration of an Alertmanager, or
        matching by namespace is off, so that only names change. Everything else is as it is in `plain`.
        """
        separator = _SEPARATORS.get(self.origin)
        if separator is None or not isinstance(self.owner, KubeObject):
            return self.plain()
        namespace = self.owner.namespace or "default"
        generated = with_prefix(self.plain(), f"{namespace}{separator}{self.owner.name or ''}{separator}")
        return generated if alone else within_namespace(generated, namespace)


def read_alertmanagers(project: Project) -> list[AlertmanagerConfiguration]:
    """Every configuration of Alertmanager in `project`; what two releases share is listed once, under the first."""
    found: dict[tuple[str, int, Path], AlertmanagerConfiguration] = {}
    for one in (*_in_files(project), *_in_texts(project), *_in_objects(project), *_in_values(project)):
        found.setdefault((one.file, one.document.index, one.field.path), one)
    return list(found.values())


def _in_files(project: Project) -> Iterator[AlertmanagerConfiguration]:
    for document in project.documents:
        value = document.source.value
        template = isinstance(value, str) and _KEY.fullmatch(basename(document.file))
        if template or (_is_configuration(value) and "kind" not in value):
            yield AlertmanagerConfiguration(document.root, "file")


def _is_configuration(value: Any) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get("receivers"), list):
        return False
    route = value.get("route")
    return isinstance(route, dict) and (not route or not _ROUTE_KEYS.isdisjoint(route))


def _in_texts(project: Project) -> Iterator[AlertmanagerConfiguration]:
    """Texts under the keys of Secrets, ConfigMaps and what becomes a Secret."""
    for origin, paths in _TEXT_PATHS.items():
        for obj in project.objects(origin, _GROUPS[origin]):
            for path in paths:
                coded = origin == "Secret" and path == ("data",)
                for key, text in obj.field(*path).items():
                    yield from _in_text(key, text, coded, origin, obj)


def _in_text(
    key: str, text: Field, coded: bool, origin: Origin, obj: KubeObject
) -> Iterator[AlertmanagerConfiguration]:
    if not isinstance(text.value, str) or not (_KEY.fullmatch(key) or _OTHER_KEYS.fullmatch(key)):
        return
    roots = (
        _decoded(text) if coded else text.embedded() if _KEY.fullmatch(key) or _may_hold_receivers(text.value) else []
    )
    known = [root for root in roots if _is_configuration(root.value)]
    for root in known:
        yield AlertmanagerConfiguration(root, origin, obj)
    if not known and _KEY.fullmatch(key) and not any(isinstance(root.value, dict) for root in roots):
        yield AlertmanagerConfiguration(text, origin, obj)


def _decoded(text: Field) -> list[Field]:
    """The documents in a text that is base64. No character of them stands in the file: their fields lie below that of
    the text, so that whoever points at one points at its key.
    """
    import base64
    import binascii

    try:
        plain = base64.b64decode("".join(text.value.split()), validate=True).decode()
        return [Field(text.document, text.path, one.value) for one in build_documents(plain, PlainScalars())]
    except (binascii.Error, UnicodeDecodeError, UnreadableYaml, ValueError):
        return []


def _may_hold_receivers(text: str) -> bool:
    return "route" in text and _TEXT.search(text) is not None


def _in_objects(project: Project) -> Iterator[AlertmanagerConfiguration]:
    for obj in project.objects("AlertmanagerConfig", "monitoring.coreos.com"):
        yield AlertmanagerConfiguration(obj.field("spec"), "AlertmanagerConfig", obj)
    for obj in project.objects("VMAlertmanagerConfig", "operator.victoriametrics.com"):
        yield AlertmanagerConfiguration(obj.field("spec"), "VMAlertmanagerConfig", obj)
    for obj in project.objects("VMAlertmanager", "operator.victoriametrics.com"):
        text = obj.field("spec", "configRawYaml")
        if text.exists:
            roots = [root for root in text.embedded() if isinstance(root.value, dict)]
            yield from (AlertmanagerConfiguration(root, "VMAlertmanager", obj) for root in roots or [text])


def _in_values(project: Project) -> Iterator[AlertmanagerConfiguration]:
    for release in project.releases:
        own = release.chart.name == "alertmanager"

        def wanted(path: Path, mapping: dict[str, Any], own: bool = own) -> bool:
            if _is_configuration(mapping):
                return True
            named = path[-2:] in _IN_VALUES or (own and path == ("config",))
            return named and (isinstance(mapping.get("route"), dict) or isinstance(mapping.get("receivers"), list))

        for field in find_mappings(release.values, wanted, _may_hold_receivers):
            yield AlertmanagerConfiguration(field, "values", release)
