"""Which rules run, with which options, and how severe their findings are."""

from __future__ import annotations

from dataclasses import replace

from kubelint.checks import Finding, Registry, Rule, Severity
from kubelint.config.model import Profile, Settings


class UnknownSelector(ValueError):
    """A rule, category or incident that does not exist; `suggestion` is the nearest name."""

    def __init__(self, selector: str, suggestion: str | None) -> None:
        super().__init__(f"no rule or category is called `{selector}`")
        self.selector = selector
        self.suggestion = suggestion


def select_rules(registry: Registry, settings: Settings) -> list[Rule]:
    """The rules to run, made with their options.

    A profile gives the start, the configuration turns single rules on and off; `select` replaces that choice and `deselect`
    has the last word. Raises UnknownSelector.
    """
    chosen = {rule.meta.id for rule in registry if _in_profile(rule, settings)}
    if settings.select:
        chosen = _ids(registry, settings.select)
    chosen -= _ids(registry, settings.deselect)
    return [_make(rule, settings) for rule in registry if rule.meta.id in chosen]


def _in_profile(rule: type[Rule], settings: Settings) -> bool:
    setting = settings.rules.get(rule.meta.id)
    if setting is not None:
        return not setting.off
    if settings.profile is Profile.STRICT:
        return True
    return rule.meta.default and (settings.profile is not Profile.MINIMAL or rule.meta.severity is Severity.ERROR)


def _ids(registry: Registry, selectors: tuple[str, ...]) -> set[str]:
    found: set[str] = set()
    for selector in selectors:
        rules = registry.matching(selector)
        if not rules:
            raise UnknownSelector(selector, registry.suggest(selector))
        found.update(rule.meta.id for rule in rules)
    return found


def _make(rule: type[Rule], settings: Settings) -> Rule:
    setting = settings.rules.get(rule.meta.id)
    return rule(rule.Options(**setting.options)) if setting and setting.options else rule()


def with_severity(finding: Finding, settings: Settings) -> Finding:
    """The finding with the severity that the configuration gives to its rule, if it does."""
    setting = settings.rules.get(finding.rule)
    if setting is None or setting.severity is None:
        return finding
    return replace(finding, severity=setting.severity)
