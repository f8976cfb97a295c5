"""Finds rules: ours and other people's come through the same door, the entry-point group `kubelint.rules`.

An entry point names a package; every module below it is imported and every rule class in it is taken. A module or class whose
name starts with an underscore is left alone.
"""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from importlib import import_module
from types import ModuleType

from kubelint.checks.rule import Category, Rule

GROUP = "kubelint.rules"


class DuplicateRule(Exception):
    """Two rules have the same id."""


class Registry:
    """The known rules by id, in order of category and id."""

    def __init__(self, rules: Iterable[type[Rule]]) -> None:
        order = list(Category)
        self._rules: dict[str, type[Rule]] = {}
        for rule in sorted(rules, key=lambda rule: (order.index(rule.meta.category), rule.meta.id)):
            if self._rules.setdefault(rule.meta.id, rule) is not rule:
                raise DuplicateRule(f"two rules are called `{rule.meta.id}`")
        self._aliases = {alias: rule for rule in self for alias in rule.meta.aliases}

    def __iter__(self) -> Iterator[type[Rule]]:
        return iter(self._rules.values())

    def __contains__(self, rule_id: object) -> bool:
        return rule_id in self._rules or rule_id in self._aliases

    def get(self, rule_id: str) -> type[Rule] | None:
        """The rule of that id or former id."""
        return self._rules.get(rule_id) or self._aliases.get(rule_id)

    def suggest(self, word: str) -> str | None:
        """The id or category most like `word`, if any is."""
        names = [*self._rules, *self._aliases, *(category.value for category in Category)]
        return next(iter(get_close_matches(word, names, 1)), None)

    def matching(self, selector: str) -> list[type[Rule]]:
        """The rules that `selector` names: an id, a category, `incident:N`, or ALL. Empty where it names nothing."""
        if selector == "ALL":
            return list(self)
        if selector.startswith("incident:"):
            return [rule for rule in self if str(rule.meta.incident) == selector.removeprefix("incident:")]
        found = self.get(selector)
        return [found] if found else [rule for rule in self if rule.meta.category.value == selector]


def load_rules() -> Registry:
    """All rules that are installed."""
    return Registry(rule for package in _packages() for rule in rules_in(package))


def _packages() -> Iterator[ModuleType]:
    from importlib.metadata import entry_points

    names = {entry.value for entry in entry_points(group=GROUP)}
    for name in sorted(names | {"kubelint_rules"}):
        yield import_module(name)


def rules_in(package: ModuleType) -> Iterator[type[Rule]]:
    """The rule classes defined in a module or anywhere below a package."""
    yield from _defined_in(package)
    for info in pkgutil.walk_packages(getattr(package, "__path__", []), f"{package.__name__}."):
        yield from _defined_in(import_module(info.name))


def _defined_in(module: ModuleType) -> Iterator[type[Rule]]:
    for member in vars(module).values():
        if (
            inspect.isclass(member)
            and issubclass(member, Rule)
            and member.__module__ == module.__name__
            and "meta" in vars(member)
        ):
            yield member
