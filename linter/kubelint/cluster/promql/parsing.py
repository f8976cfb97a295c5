"""Parsing a query: the library's tree, put into ours, with the places of the selectors.

The library recurses on the machine's stack and dies with it, so what nests too deep is not handed to it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cached_property, lru_cache
from typing import Any, Literal, NamedTuple

from kubelint.cluster.promql.tokens import Place, Token, depth_of, may_nest, selector_places, tokens_of, unbalanced
from kubelint.cluster.promql.tree import (
    Aggregate,
    Binary,
    Call,
    Expression,
    LabelTest,
    Negative,
    Number,
    Operator,
    Selector,
    String,
    Subquery,
    walk,
)

MAX_DEPTH = 400
"""How deep a query may nest, counting each operator: some thousands would overflow the stack."""
MAX_LENGTH = 1_000_000

_NEWER = re.compile(
    r"\b(?:anchored|smoothed|fill(?:_left|_right)?)\b|\d_\d|\$|\[[^\]\"'`]*[-+*/%^(][^\]]*\]|\boffset\s*[-+]?\s*\("
)
"""What newer Prometheus reads and the library does not: modifiers, underscores, reckoning with durations, variables."""
_METRICSQL = re.compile(
    r"\b(?:default|if|ifnot|keep_metric_names|limit|WITH|with)\b|\[\s*\]|\d(?:Ki|Mi|Gi|Ti|K|M|G|T)i?\b|\bi\]"
)
_FUNCTION = re.compile(r"unknown function with name '(\w+)'")


class Failure(NamedTuple):
    """Why there is no tree. `invalid`: Prometheus refuses the query; `unknown`: another version or tool may read it.

    `start` and `end` are the characters at fault, -1 where that is all of the query.
    """

    kind: Literal["invalid", "unknown"]
    reason: str
    start: int = -1
    end: int = -1


class Query:
    """A query that was parsed."""

    def __init__(self, text: str, root: Expression) -> None:
        self.text = text
        self.root = root

    @cached_property
    def tokens(self) -> list[Token]:
        """The query's words."""
        return tokens_of(self.text)

    @cached_property
    def nodes(self) -> list[Expression]:
        """Every node of the tree, in the order of the text."""
        return list(walk(self.root))

    @cached_property
    def selectors(self) -> list[Selector]:
        """Every selector, in the order of the text."""
        return [node for node in self.nodes if isinstance(node, Selector)]

    @cached_property
    def calls(self) -> frozenset[str]:
        """The functions that are called."""
        return frozenset(node.function for node in self.nodes if isinstance(node, Call))

    @cached_property
    def metrics(self) -> frozenset[str]:
        """The names of the metrics that appear."""
        return frozenset(selector.name for selector in self.selectors if selector.name is not None)

    @cached_property
    def _places(self) -> list[Place]:
        """The places of the selectors; none where words and tree do not agree."""
        places = selector_places(self.tokens)
        named = [selector.name if place.name else "" for selector, place in zip(self.selectors, places, strict=False)]
        agree = len(places) == len(self.selectors) and named == [place.name for place in places]
        return places if agree else []

    def place(self, selector: Selector) -> Place | None:
        """Where a selector of this query stands; None where that cannot be told."""
        return self._places[selector.ordinal] if self._places else None

    def place_of_test(self, selector: Selector, test: LabelTest) -> tuple[int, int] | None:
        """The characters of one of a selector's matchers."""
        place = self.place(selector)
        tests = [found for found in selector.matchers if found.name != "__name__"]
        if place is None or test not in tests or len(tests) != len(place.matchers):
            return None
        return place.matchers[tests.index(test)]


@lru_cache(32_768)
def parse_query(text: str) -> Query | Failure:
    """The tree of `text`, or why there is none. Never raises, and never takes the process down."""
    if len(text) > MAX_LENGTH:
        return Failure("unknown", "it is too long to be read")
    if may_nest(text) > MAX_DEPTH and depth_of(tokens_of(text)) > MAX_DEPTH:
        return Failure("unknown", "it nests too deep to be read")
    import promql_parser

    try:
        parsed = promql_parser.parse(text)
    except ValueError as error:
        return _failure(tokens_of(text), str(error))
    except BaseException as error:  # a panic of the library is no Exception
        if isinstance(error, KeyboardInterrupt | SystemExit | MemoryError):
            raise
        return Failure("unknown", "the parser gave up on it")
    return Query(text, _Conversion().of(parsed))


def _failure(tokens: list[Token], reason: str) -> Failure:
    """Whether Prometheus refuses the query as well, and where."""
    lone = unbalanced(tokens)
    bare = "".join(_spaced(tokens))
    if _NEWER.search(bare) or _METRICSQL.search(bare) or "regex" in reason.lower():
        return Failure("unknown", reason)
    if lone is not None:
        return Failure("invalid", f"`{lone.text}` has no other half", lone.start, lone.end)
    unknown = _FUNCTION.search(reason)
    if unknown:
        return _unknown_function(tokens, unknown[1])
    return Failure("invalid", reason.strip() or "it cannot be parsed")


def _spaced(tokens: list[Token]) -> Iterator[str]:
    """The words as they stand, a blank between those that do not touch; strings are empty."""
    end = 0
    for token in tokens:
        yield " " if token.start > end else ""
        yield '""' if token.kind == "string" else token.text
        end = token.end


def _unknown_function(tokens: list[Token], name: str) -> Failure:
    """A function that the library does not know: a slip of the pen where one is spelt nearly so, else a newer one."""
    from difflib import get_close_matches

    meant = get_close_matches(name, _FUNCTIONS, 1, 0.85)
    if not meant or name in _OTHERS:
        return Failure("unknown", f"unknown function `{name}`")
    token = next((token for token in tokens if token.text == name), None)
    start, end = (token.start, token.end) if token else (-1, -1)
    return Failure("invalid", f"there is no function `{name}`; `{meant[0]}` may be meant", start, end)


class _Conversion:
    """Puts the library's nodes into ours, and counts the selectors."""

    def __init__(self) -> None:
        self._count = 0

    def of(self, node: Any) -> Expression:
        """Our node for one of the library's."""
        name = node.__class__.__name__
        while name == "ParenExpr":
            node = node.expr
            name = node.__class__.__name__
        convert = _CONVERSIONS.get(name)
        return convert(self, node) if convert else String("")

    def number(self, node: Any) -> Expression:
        return Number(float(node.val))

    def string(self, node: Any) -> Expression:
        return String(str(node.val))

    def negative(self, node: Any) -> Expression:
        operand = self.of(node.expr)
        return Number(-operand.value) if isinstance(operand, Number) else Negative(operand)

    def subquery(self, node: Any) -> Expression:
        return Subquery(self.of(node.expr))

    def call(self, node: Any) -> Expression:
        return Call(node.func.name, tuple(map(self.of, node.args)))

    def aggregate(self, node: Any) -> Expression:
        parameter = None if node.param is None else self.of(node.param)
        modifier = node.modifier
        without = modifier is not None and str(modifier.type).endswith("Without")
        labels = () if modifier is None else tuple(modifier.labels)
        return Aggregate(str(node.op), self.of(node.expr), parameter, labels, without)

    def binary(self, node: Any) -> Expression:
        op = str(node.op).split(maxsplit=1)[0]  # "> bool" is an operator to the library
        modifier = node.modifier
        matching = None if modifier is None else modifier.matching
        on = None
        if matching is not None and str(matching.type).endswith("Include"):
            on = tuple(matching.labels)
        left = self.of(node.lhs)
        return Binary(op, left, self.of(node.rhs), bool(modifier and modifier.return_bool), on)

    def matrix(self, node: Any) -> Expression:
        return self._selector(node.vector_selector, node.range.total_seconds())

    def vector(self, node: Any) -> Expression:
        return self._selector(node, None)

    def _selector(self, node: Any, seconds: float | None) -> Selector:
        name = node.name
        written = node.matchers
        matchers = written.matchers
        tests = tuple([LabelTest(one.name, _OPERATORS[str(one.op)], one.value) for one in matchers]) if matchers else ()
        if name is None:
            name = next((test.value for test in tests if test.name == "__name__" and test.op == "="), None)
        self._count += 1
        return Selector(name, tests, seconds, node.offset is not None, self._count - 1)


_OPERATORS: dict[str, Operator] = {
    "MatchOp.Equal": "=",
    "MatchOp.NotEqual": "!=",
    "MatchOp.Re": "=~",
    "MatchOp.NotRe": "!~",
}
_CONVERSIONS: dict[str, Callable[[_Conversion, Any], Expression]] = {
    "NumberLiteral": _Conversion.number,
    "StringLiteral": _Conversion.string,
    "UnaryExpr": _Conversion.negative,
    "SubqueryExpr": _Conversion.subquery,
    "Call": _Conversion.call,
    "AggregateExpr": _Conversion.aggregate,
    "BinaryExpr": _Conversion.binary,
    "MatrixSelector": _Conversion.matrix,
    "VectorSelector": _Conversion.vector,
}
_FUNCTIONS = frozenset(
    {
        "abs", "absent", "absent_over_time", "avg_over_time", "ceil", "changes", "clamp", "clamp_max",
        "clamp_min", "count_over_time", "day_of_month", "day_of_week", "day_of_year", "days_in_month", "delta",
        "deriv", "exp", "floor", "histogram_quantile", "hour", "idelta", "increase", "irate", "label_join",
        "label_replace", "last_over_time", "max_over_time", "min_over_time", "minute", "month",
        "predict_linear", "present_over_time", "quantile_over_time", "rate", "resets", "round", "scalar",
        "sort", "sort_desc", "stddev_over_time", "stdvar_over_time", "sum_over_time", "time", "timestamp",
        "vector", "year",
    }
)  # fmt: skip
"""Functions whose names are misspelt most; a misspelling of any other is taken for a function that is not known."""
_OTHERS = frozenset(
    {
        "absent_over_time_prometheus", "ascent_over_time", "bytes_over_time", "bytes_rate",
        "changes_prometheus", "count_eq_over_time", "count_gt_over_time", "count_le_over_time",
        "count_ne_over_time", "delta_prometheus", "deriv_fast", "descent_over_time", "distinct_over_time",
        "first_over_time", "hoeffding_bound_lower", "ideriv", "increase_prometheus", "increase_pure",
        "integrate", "irate_prometheus", "label_copy", "label_del", "label_keep", "label_map", "label_move",
        "label_set", "label_value", "lag", "lifetime", "mad_over_time", "median_over_time", "minute_of_hour",
        "mode_over_time", "quantiles_over_time", "range_over_time", "rate_over_sum", "rollup_rate",
        "sort_by_label", "sort_by_label_desc", "sum2_over_time", "sum_eq_over_time", "sum_gt_over_time",
        "sum_le_over_time", "tfirst_over_time", "tlast_over_time", "tmax_over_time", "tmin_over_time",
        "ts_of_max_over_time", "ts_of_min_over_time", "zscore_over_time",
    }
)  # fmt: skip
"""Functions of MetricsQL, LogQL and newer Prometheus that are spelt much like those above."""
