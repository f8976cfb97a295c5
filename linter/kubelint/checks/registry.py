"""Finds rules: ours and other people's come through the same door, the entry-point group `kubelint.rules`.

An entry point names a package; every module below it is imported and every rule class in it is taken. A package may
ship an `index.json` (tools/generate_index.py writes ours) that says what its rules are: then a rule's module is
imported only when a project holds something for it to see, and start-up stays short however many rules there are.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from kubelint.checks.finding import Severity
from kubelint.checks.rule import Category, Rule, RuleMeta

GROUP = "kubelint.rules"
OURS = "kubelint_rules"
INDEX = "index.json"


class DuplicateRule(Exception):
    """Two rules have the same id."""


class RuleEntry:
    """A rule as the registry knows it: its metadata, what it sees, and how to get its class."""

    def __init__(self, meta: RuleMeta, sees: frozenset[str], target: type[Rule] | tuple[str, str]) -> None:
        self.meta = meta
        self.sees = sees
        self._target = target

    @classmethod
    def of(cls, rule: type[Rule]) -> RuleEntry:
        """The entry of a class that is imported already."""
        return cls(rule.meta, rule.sees(), rule)

    @property
    def rule(self) -> type[Rule]:
        """The rule's class, imported now if it was not before."""
        if isinstance(self._target, tuple):
            module, name = self._target
            rule: type[Rule] = getattr(import_module(module), name)
            self._target = rule
        return self._target

    def concerns(self, present: frozenset[str]) -> bool:
        """Whether there is anything for the rule to see among `present`: kinds of objects, and what else rules look
        at.
        """
        return "*" in self.sees or not self.sees.isdisjoint(present)


class Registry:
    """The known rules by id, in order of category and id."""

    def __init__(self, entries: Iterable[RuleEntry]) -> None:
        order = list(Category)
        self._entries: dict[str, RuleEntry] = {}
        for entry in sorted(entries, key=lambda entry: (order.index(entry.meta.category), entry.meta.id)):
            if self._entries.setdefault(entry.meta.id, entry) is not entry:
                raise DuplicateRule(f"two rules are called `{entry.meta.id}`")
        self._aliases = {alias: entry for entry in self for alias in entry.meta.aliases}

    def __iter__(self) -> Iterator[RuleEntry]:
        return iter(self._entries.values())

    def __contains__(self, rule_id: object) -> bool:
        return rule_id in self._entries or rule_id in self._aliases

    def get(self, rule_id: str) -> RuleEntry | None:
        """The rule of that id or former id."""
        return self._entries.get(rule_id) or self._aliases.get(rule_id)

    def suggest(self, word: str, *, categories: bool = True) -> str | None:
        """The id, or category, most like `word`, if any is."""
        from difflib import get_close_matches

        names = [*self._entries, *self._aliases]
        if categories:
            names += [category.value for category in Category]
        return next(iter(get_close_matches(word, names, 1)), None)

    def matching(self, selector: str) -> list[RuleEntry]:
        """The rules that `selector` names: an id, a category, `incident:N`, or ALL. Empty where it names nothing."""
        if selector == "ALL":
            return list(self)
        if selector.startswith("incident:"):
            number = selector.removeprefix("incident:")
            return [entry for entry in self if entry.meta.incident and str(entry.meta.incident) == number]
        found = self.get(selector)
        return [found] if found else [entry for entry in self if entry.meta.category.value == selector]


def load_rules() -> Registry:
    """All rules that are installed."""
    return Registry(entry for package in _packages() for entry in entries_of(package))


def _packages() -> Iterator[ModuleType]:
    names = {OURS}
    path = _installed_path()
    if _others_installed(path):
        from importlib.metadata import distributions

        installed = distributions(path=path)
        names |= {entry.value for found in installed for entry in found.entry_points.select(group=GROUP)}
    for name in sorted(names):
        yield import_module(name)


def _installed_path() -> list[str]:
    """Where packages are installed. Not the current directory: what is linted must not bring rules of its own."""
    try:
        here = str(Path.cwd())
    except FileNotFoundError:  # it was deleted under us
        here = ""
    return [folder for folder in sys.path if Path(folder).is_absolute() and folder != here]


def _others_installed(path: Iterable[str]) -> bool:
    """Whether any installed package but ours names our entry-point group.

    Reading the metadata of everything that is installed costs more than linting a file does, so look at the raw text
    first.
    """
    for folder in path:
        try:
            names = os.listdir(folder)
        except OSError:
            continue
        for name in names:
            if name.endswith((".dist-info", ".egg-info")) and not name.startswith("kubelint-"):
                try:
                    with open(os.path.join(folder, name, "entry_points.txt"), encoding="utf-8") as stream:
                        if GROUP in stream.read():
                            return True
                except OSError:
                    continue
    return False


def entries_of(package: ModuleType) -> Iterator[RuleEntry]:
    """The rules of a package: from its index where it ships one, else from its modules."""
    for folder in getattr(package, "__path__", []):
        try:
            with open(os.path.join(folder, INDEX), encoding="utf-8") as stream:
                index = json.load(stream)
        except FileNotFoundError:
            continue
        yield from map(_indexed, index["rules"])
        return
    for rule in rules_in(package):
        yield RuleEntry.of(rule)


def _indexed(data: dict[str, Any]) -> RuleEntry:
    meta = dict(data["meta"])
    meta["category"] = Category(meta["category"])
    meta["severity"] = Severity(meta["severity"])
    meta["aliases"] = tuple(meta["aliases"])
    return RuleEntry(RuleMeta(**meta), frozenset(data["sees"]), (data["module"], data["class"]))


def index_of(package: ModuleType) -> dict[str, Any]:
    """What an index of `package` says, for the tool that writes it."""
    rules = sorted(rules_in(package), key=lambda rule: rule.meta.id)
    return {
        "rules": [
            {
                "module": rule.__module__,
                "class": rule.__qualname__,
                "sees": sorted(rule.sees()),
                "meta": rule.meta._asdict(),
            }
            for rule in rules
        ]
    }


def rules_in(package: ModuleType) -> Iterator[type[Rule]]:
    """The rule classes defined in a module or anywhere below a package."""
    import pkgutil

    yield from _defined_in(package)
    for info in pkgutil.walk_packages(getattr(package, "__path__", []), f"{package.__name__}."):
        yield from _defined_in(import_module(info.name))


def _defined_in(module: ModuleType) -> Iterator[type[Rule]]:
    for member in vars(module).values():
        if (
            isinstance(member, type)
            and issubclass(member, Rule)
            and member.__module__ == module.__name__
            and "meta" in vars(member)
        ):
            yield member
