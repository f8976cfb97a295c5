"""Names of nodes: which texts are names, and which names are one."""

from __future__ import annotations

from ipaddress import ip_address

from kubelint.cluster.templates import has_template
from kubelint.regexes import regex

_NAME = regex(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*")
_PLACEHOLDER = regex(
    r"(?:change-?me|replace-?me|placeholder|hostname|host-?name|node-?name|nodename|name|todo|fixme|tbd|x{2,}|foo|bar|none"
    r"|null|your-.*|example-.*|my-?node|my-?host|localhost)(?:\..*)?"
)
_LONGEST = 253


def node_name(text: object) -> str | None:
    """The name of a node that `text` is, in lower case; None for templates, placeholders, addresses and the like."""
    if not isinstance(text, str) or len(text) > _LONGEST or has_template(text):
        return None
    name = text.strip().lower()
    if _NAME.fullmatch(name) is None or _PLACEHOLDER.fullmatch(name) or is_address(name):
        return None
    return name


def is_address(text: str) -> bool:
    """Whether `text` is an IP address."""
    if not text[:1].isdigit() and ":" not in text:
        return False
    try:
        ip_address(text.strip("[]").partition("%")[0])
    except ValueError:
        return False
    return True


def short_name(name: str) -> str:
    """The first part of a name: `pi1` of `pi1.example.org`."""
    return name.partition(".")[0]


def same_node(one: str, other: str) -> bool:
    """Whether two names may be those of one node: equal but for case, or one is the other's first part."""
    first, second = one.lower(), other.lower()
    if first == second:
        return True
    return ("." not in first or "." not in second) and short_name(first) == short_name(second)
