"""Texts of alerting rules: which templates are the monitoring system's own, and which language a query is in."""

from __future__ import annotations

import re
from typing import Literal

from kubelint.cluster.templates import has_template
from kubelint.manifests.field import Field
from kubelint.sources.scalars import TaggedText

Language = Literal["promql", "metricsql", "logql", "unknown"]

_ACTION = re.compile(r"\{\{-?\s*(.*?)-?\}\}", re.DOTALL)
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

_STRINGS = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|`[^`]*`|#[^\n]*', re.DOTALL)
_BARE_SELECTOR = re.compile(
    r"\b(?:rate|count_over_time|bytes_rate|bytes_over_time|absent_over_time)\s*\(\s*(\{[^{}]*\})\s*\["
)


def template_text(field: Field) -> str | None:
    """The text as Prometheus gets it, its own `{{ $labels.x }}` included; None where it is no text, or where Helm,
    Flux or another tool fills in something first (`{{ .Values.x }}`, Helm's escapes, `${VAR}`).
    """
    value = field.value
    if not isinstance(value, str) or isinstance(value, TaggedText):
        return None
    if "{{" not in value:
        return field.text
    if _HELM.search(value) or not all(_OWN.match(action) for action in _ACTION.findall(value)):
        return None
    rest = _ACTION.sub("", value)
    return None if has_template(rest) else value


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
