"""PromQL as Prometheus reads it: syntax trees that know their characters, what a comparison asks for, durations.

Follows Prometheus' `promql/parser`. The grammar itself is the library promql-parser's, imported when a query is parsed.
"""

from kubelint.cluster.promql.parsing import Failure, Query, parse_query
from kubelint.cluster.promql.tree import (
    Aggregate,
    Binary,
    Call,
    Expression,
    LabelTest,
    Negative,
    Number,
    Selector,
    String,
    Subquery,
    selectors,
    walk,
)

__all__ = [
    "Aggregate",
    "Binary",
    "Call",
    "Expression",
    "Failure",
    "LabelTest",
    "Negative",
    "Number",
    "Query",
    "Selector",
    "String",
    "Subquery",
    "parse_query",
    "selectors",
    "walk",
]
