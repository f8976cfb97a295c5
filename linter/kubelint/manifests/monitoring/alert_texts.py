"""Texts of alerting rules: which templates are the monitoring system's own, and which language a query is in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from kubelint.cluster.templates import has_template
from kubelint.manifests.field import Field
from kubelint.sources.scalars import TaggedText

Language = Literal["promql", "metricsql", "logql", "unknown"]

_OWN = re.compile(
    r"""[$."(/]|`[^`{]*`|-?\d|\Z
    |(?:if|else|end|range|with|define|template|block|break|continue
    |and|or|not|eq|ne|lt|le|gt|ge|len|index|slice|print|printf|println|html|js|urlquery|call
    |query|first|label|value|sortByLabel|strvalue|humanize|humanize1024|humanizeDuration|humanizePercentage
    |humanizeTimestamp|toTime|toDuration|now|title|toUpper|toLower|match|reReplaceAll|graphLink|tableLink
    |args|tmpl|safeHtml|pathPrefix|externalURL|parseDuration|stripPort|stripDomain|urlQueryEscape
    |Replace|ToLower|ToUpper|trim\w*|regexReplaceAll\w*|default|__\w+__|fromJson|unixEpoch\w*|date|count
    )\b""",
    re.VERBOSE,
)
"""How an action of Prometheus' or Loki's templates begins; a bare name (`{{ cluster }}`) is somebody else's."""
_HELM = re.compile(
    r"""\{\{-?\s*(?:"(?:\\.|[^"\\])*(?:\{\{|\}\})|`[^`]*(?:\{\{|\}\}))"""
    r"|\{\{[^{}]*\.(?:Values|Release|Chart|Capabilities|Files|Template)\b"
)
"""What Helm replaces: its own objects, and braces that it is to leave alone, in quotes."""

_STRINGS = re.compile(r'"(?:\\.|[^"\\])*+"?|\'(?:\\.|[^\'\\])*+\'?|`[^`]*`|#[^\n]*', re.DOTALL)
_BARE_SELECTOR = re.compile(
    r"\b(?:rate|count_over_time|bytes_rate|bytes_over_time|absent_over_time)\s*\(\s*(\{[^{}]*\})\s*\["
)


class Action(NamedTuple):
    """An action of a template, `{{ … }}`: where it stands, and what stands between the braces."""

    start: int
    end: int
    body: str


def actions(text: str) -> Iterator[Action]:
    """The actions of a template, in order; what is not closed is none."""
    start = text.find("{{")
    while start >= 0:
        close = text.find("}}", start + 2)
        if close < 0:
            return
        yield Action(start, close + 2, text[start + 2 : close].removeprefix("-").removesuffix("-").strip())
        start = text.find("{{", close + 2)


def _without_actions(text: str) -> str:
    rest, end = [], 0
    for action in actions(text):
        rest.append(text[end : action.start])
        end = action.end
    return "".join([*rest, text[end:]])


def template_text(field: Field) -> str | None:
    """The text as Prometheus gets it, its own `{{ $labels.x }}` included; None where it is no text, or where Helm,
    Flux or another tool fills in something first (`{{ .Values.x }}`, Helm's escapes, `${VAR}`).
    """
    value = field.value
    if not isinstance(value, str) or isinstance(value, TaggedText):
        return None
    if "{{" not in value:
        return field.text
    if _HELM.search(value) or not all(_OWN.match(action.body) for action in actions(value)):
        return None
    return None if has_template(_without_actions(value)) else value


def query_text(field: Field) -> str | None:
    """The query in `field` as text: a number is a query too; a boolean is not, and LogQL's own templates stay."""
    value = field.value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return template_text(field)


def language_of(query: str) -> Language:
    """What the words of `query` say: LogQL where it has a pipe or a line filter, which PromQL has not; unknown where it
    counts what a selector without any metric selects; else PromQL, which MetricsQL extends.

    Follows the grammars of Prometheus (`promql/parser/generated_parser.y`) and Loki (`pkg/logql/syntax`).
    """
    bare = _STRINGS.sub(lambda match: "" if match[0][0] == "#" else '""', query)
    if "|" in bare:
        return "logql"
    selectors = [match[1] for match in _BARE_SELECTOR.finditer(bare)]
    named = re.compile(r"__name__|(?:^\{|,)\s*\"\"\s*(?:,|\}$)")
    if any(selector != "{}" and not named.search(selector) for selector in selectors):
        return "unknown"
    return "promql"
