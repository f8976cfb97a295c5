"""The settings of a run."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple

from kubelint.checks import Severity
from kubelint.manifests import ClusterSettings

CONFIG_NAMES = ("kubelint.yaml", ".kubelint.yaml")
BASELINE_NAME = "kubelint-baseline.json"
NOTHING: Mapping[str, Any] = MappingProxyType({})


class Profile(StrEnum):
    """How much to say: `minimal` runs the rules whose default is error, `recommended` all but those off by default,
    `strict` all.
    """

    MINIMAL = "minimal"
    RECOMMENDED = "recommended"
    STRICT = "strict"


class RuleSetting(NamedTuple):
    """What the configuration says of one rule: a severity that replaces its own, whether it runs, its options."""

    severity: Severity | None = None
    off: bool = False
    options: Mapping[str, Any] = NOTHING


class IgnoreEntry(NamedTuple):
    """Findings that the configuration silences: of these rules, in these paths (globs), about these objects."""

    rules: tuple[str, ...]
    paths: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()
    reason: str = ""
    until: date | None = None


class Settings(NamedTuple):
    """Everything that a run can be told. `fail_on` is None where no finding is to fail it; `origin` is the file it
    came from.
    """

    cluster: ClusterSettings = ClusterSettings()
    profile: Profile = Profile.RECOMMENDED
    rules: Mapping[str, RuleSetting] = NOTHING
    exclude: tuple[str, ...] = ()
    per_file_ignores: Mapping[str, tuple[str, ...]] = NOTHING
    ignore: tuple[IgnoreEntry, ...] = ()
    require_reasons: bool = False
    fail_on: Severity | None = Severity.WARNING
    select: tuple[str, ...] = ()
    deselect: tuple[str, ...] = ()
    suppressions: bool = True
    origin: str | None = None
