"""Which hosts a play's `hosts:` stands for.

Follows ansible `lib/ansible/inventory/manager.py`: plain patterns add, then `&` keeps, then `!` removes; a pattern is
the name of a group or host, a glob, a regular expression after `~`, and may end with a subscript.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from fnmatch import translate

from kubelint.cluster.templates import has_template
from kubelint.manifests.hosts.ansible_inventory import AnsibleInventory

_SPLIT = re.compile(r"(?:[^\s\[\]:]|\[[^\]]*\])+")
_SUBSCRIPT = re.compile(r"(?P<name>.+)\[(?P<first>-?\d{1,6})(?:(?P<range>[:-])(?P<last>\d{0,6}))?\]$")
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
_QUANTIFIER = re.compile(r"[*+?{]")
_NESTED = re.compile(r"\)[*+{]")
_QUANTIFIERS = 3
_LONGEST = 2000


def split_pattern(text: str) -> list[str]:
    """The parts of a pattern, which are separated by commas or colons."""
    if "," in text:
        return [part.strip() for part in text.split(",") if part.strip()]
    return _SPLIT.findall(text) if not text.startswith("~") else [text]


def match_hosts(inventory: AnsibleInventory, patterns: list[str]) -> list[str] | None:
    """The hosts that `patterns` stand for, in the inventory's order; None where that is not known."""
    if any(has_template(pattern) or len(pattern) > _LONGEST for pattern in patterns):
        return None
    parts = [part for pattern in patterns for part in split_pattern(pattern)]
    plain = [part for part in parts if part[0] not in "!&"]
    chosen: set[str] = set()
    for part in plain or ["all"]:
        found = _one(inventory, part)
        if found is None:
            return None
        chosen |= found
    for sign in "&!":
        for part in (part[1:] for part in parts if part[0] == sign):
            found = _one(inventory, part) if part else set()
            if found is None:
                return None
            chosen = chosen & found if sign == "&" else chosen - found
    return [*(name for name in inventory.hosts if name in chosen), *sorted(chosen - inventory.hosts.keys())]


def _one(inventory: AnsibleInventory, part: str) -> set[str] | None:
    """The hosts of one part without its sign; None where a group in it holds hosts that are not known."""
    subscript = _SUBSCRIPT.match(part) if not part.startswith("~") else None
    name = subscript["name"] if subscript and part not in inventory.hosts else part
    test = _tester(name)
    if test is None:
        return None
    groups = [group for group in {"all", "ungrouped", *inventory.groups} if test(group)]
    if any(inventory.has_unknown(group) for group in groups):
        return None
    found = {host for group in groups for host in inventory.members(group)}
    if not groups or name[:1] == "~" or any(sign in name for sign in "*?[."):
        found |= {host for host in inventory.hosts if test(host)}
    if not found and name in _LOCAL:
        found = {name}
    ordered = [host for host in inventory.hosts if host in found]
    return set(_subscripted(ordered, subscript)) if subscript and name != part else found


def _tester(name: str) -> Callable[[str], object] | None:
    if not name.startswith("~"):
        return re.compile(translate("all" if name == "*" else name)).match
    if len(_QUANTIFIER.findall(name)) > _QUANTIFIERS or _NESTED.search(name):
        return None  # it may take for ever
    try:
        with warnings.catch_warnings(action="ignore"):  # on sets that a later Python may read otherwise
            return re.compile(name[1:]).match
    except (re.error, RecursionError, OverflowError):
        return None


def _subscripted(hosts: list[str], subscript: re.Match[str]) -> list[str]:
    first = int(subscript["first"])
    if subscript["range"] is None:
        return [hosts[first]] if -len(hosts) <= first < len(hosts) else []
    last = int(subscript["last"]) if subscript["last"] else len(hosts) - 1
    return hosts[first : last + 1]
