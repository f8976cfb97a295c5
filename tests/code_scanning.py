"""What GitHub code scanning asks of a SARIF file beyond the schema, as far as its documentation says.

https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support
"""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

LEVELS = ["error", "warning", "note"]
_LINK = re.compile(r"(?<!\\)(?:\\\\)*\[((?:[^\\\[\]]|\\.)*)\]\((\w+)\)")


def violations(log: dict[str, Any]) -> list[str]:
    """Every rule that the log breaks, in words."""
    runs = log.get("runs") or []
    if log.get("version") != "2.1.0" or "$schema" not in log:
        return ["no SARIF 2.1.0"]
    if not 1 <= len(runs) <= 20:
        return [f"{len(runs)} runs"]
    return [problem for run in runs for problem in _run(run)]


def _run(run: dict[str, Any]) -> Iterator[str]:
    driver = run.get("tool", {}).get("driver", {})
    if not driver.get("name") or not re.fullmatch(r"\d+\.\d+\.\d+.*", driver.get("semanticVersion", "")):
        yield "driver without name or semantic version"
    if run.get("columnKind") not in ("utf16CodeUnits", "unicodeCodePoints"):
        yield "nobody knows what columns count"
    rules = driver.get("rules", [])
    if len(rules) > 25_000 or len({rule["id"] for rule in rules}) < len(rules):
        yield "too many rules, or one twice"
    for rule in rules:
        yield from (f"rule {rule['id']}: {problem}" for problem in _rule(rule))
    if "results" not in run:
        yield "no results, not even none"
        return
    results = run["results"]
    if len(results) > 25_000:
        yield "too many results"
    levels = [LEVELS.index(result["level"]) if result.get("level") in LEVELS else 9 for result in results]
    if 9 in levels or levels != sorted(levels):
        yield "levels are missing or not in order"
    for number, result in enumerate(results):
        yield from (f"result {number}: {problem}" for problem in _result(result, rules))


def _rule(rule: dict[str, Any]) -> Iterator[str]:
    if not 1 <= len(rule.get("name", "")) <= 255:
        yield "name"
    for key in ("shortDescription", "fullDescription", "help"):
        if not 1 <= len(rule.get(key, {}).get("text", "")) <= 1024:
            yield key
    if not rule.get("help", {}).get("markdown"):
        yield "no page"
    if rule.get("defaultConfiguration", {}).get("level") not in LEVELS:
        yield "default level"
    yield from _properties(rule.get("properties", {}))


def _properties(properties: dict[str, Any]) -> Iterator[str]:
    tags = properties.get("tags", [])
    if len(tags) > 20 or len(set(tags)) < len(tags):
        yield "tags"
    if properties.get("precision") not in ("very-high", "high", "medium", "low"):
        yield "precision"
    security = properties.get("security-severity")
    if (security is not None) != ("security" in tags):
        yield "a security rule has both the tag and a severity"
    if security is not None and not (isinstance(security, str) and 0 < float(security) <= 10):
        yield "security-severity"
    if security is None and properties.get("problem.severity") not in ("error", "warning", "recommendation"):
        yield "problem.severity"


def _result(result: dict[str, Any], rules: list[dict[str, Any]]) -> Iterator[str]:
    if "suppressions" in result:
        yield "suppressed results are shown as open alerts"
    index = result.get("ruleIndex", -1)
    if not 0 <= index < len(rules) or rules[index]["id"] != result.get("ruleId"):
        yield "its rule is not among the rules"
    text = result.get("message", {}).get("text", "")
    if not 1 <= len(text) <= 1024:
        yield "message"
    if len(result.get("locations", [])) != 1:
        yield "GitHub shows one location"
    related = result.get("relatedLocations", [])
    if len(related) > 1000:
        yield "too many locations"
    for location in (*result.get("locations", []), *related):
        yield from _location(location.get("physicalLocation", {}))
    ids = [location.get("id") for location in related]
    linked = [target for _, target in _LINK.findall(text)]
    if len(set(ids)) < len(ids) or not {*linked} <= {str(number) for number in ids}:
        yield "a link leads nowhere"
    known = result.get("partialFingerprints", {}).get("primaryLocationLineHash", "0:1")
    if not re.fullmatch(r"[0-9a-f]{1,16}:[1-9]\d*", known):
        yield "no hash of a line as GitHub computes it"


def _location(place: dict[str, Any]) -> Iterator[str]:
    uri = place.get("artifactLocation", {}).get("uri", "")
    if not re.fullmatch(r"(?:[\w.~/!$&'()*+,;=@-]|%[0-9A-F]{2})+", uri, re.ASCII):
        yield f"uri {uri!r} is not encoded"
    if uri.startswith("/") or urlsplit(uri).scheme or urlsplit(uri).query:
        yield f"uri {uri!r} is not relative"
    region = place.get("region", {})
    start, end = ((region.get(f"{side}Line", 0), region.get(f"{side}Column", 0)) for side in ("start", "end"))
    if not (1, 1) <= start <= end or min(*start, *end) < 1:
        yield "region"


def links(result: dict[str, Any]) -> dict[str, str]:
    """The texts of the links of a message by the ids of the locations that they lead to."""
    return {target: re.sub(r"\\(.)", r"\1", text) for text, target in _LINK.findall(result["message"]["text"])}


def path_of(result: dict[str, Any]) -> str:
    """The file that a result is in."""
    return unquote(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], errors="surrogateescape")
