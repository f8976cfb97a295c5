"""Which rules run, with which options, and how severe their findings are."""

from __future__ import annotations

from kubelint.checks import Finding, Registry, Rule, RuleMeta, Severity
from kubelint.checks.registry import RuleEntry
from kubelint.config.model import Profile, Settings


class UnknownSelector(ValueError):
    """A rule, category or incident that does not exist; `suggestion` is the nearest name."""

    def __init__(self, selector: str, suggestion: str | None) -> None:
        super().__init__(f"no rule or category is called `{selector}`")
        self.selector = selector
        self.suggestion = suggestion


def select_rules(registry: Registry, settings: Settings) -> list[RuleEntry]:
    """The rules to run.

    A profile gives the start, the configuration turns single rules on and off; `select` replaces that choice and
    `deselect` has the last word. Raises UnknownSelector.
    """
    chosen = {entry.meta.id for entry in registry if _in_profile(entry.meta, settings)}
    if settings.select:
        chosen = _ids(registry, settings.select)
    chosen -= _ids(registry, settings.deselect)
    return [entry for entry in registry if entry.meta.id in chosen]


def _in_profile(meta: RuleMeta, settings: Settings) -> bool:
    setting = settings.rules.get(meta.id)
    if setting is not None:
        return not setting.off
    if settings.profile is Profile.STRICT:
        return True
    return meta.default and (settings.profile is not Profile.MINIMAL or meta.severity is Severity.ERROR)


def _ids(registry: Registry, selectors: tuple[str, ...]) -> set[str]:
    found: set[str] = set()
    for selector in selectors:
        rules = registry.matching(selector)
        if not rules:
            raise UnknownSelector(selector, registry.suggest(selector))
        found.update(rule.meta.id for rule in rules)
    return found


def make_rule(entry: RuleEntry, settings: Settings) -> Rule:
    """The rule with its options, ready for one run."""
    rule, setting = entry.rule, settings.rules.get(entry.meta.id)
    return rule(rule.Options(**setting.options)) if setting and setting.options else rule()


def with_severity(finding: Finding, settings: Settings) -> Finding:
    """The finding with the severity that the configuration gives to its rule, if it does."""
    setting = settings.rules.get(finding.rule)
    if setting is None or setting.severity is None:
        return finding
    return finding._replace(severity=setting.severity)
