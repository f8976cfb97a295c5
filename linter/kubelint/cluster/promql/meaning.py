"""What a query asks for: which comparisons decide whether it alerts, and which way each metric moves them."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator
from typing import Literal, NamedTuple

from kubelint.cluster.promql.parsing import Query
from kubelint.cluster.promql.tree import (
    Aggregate,
    Binary,
    Call,
    Expression,
    Negative,
    Number,
    Selector,
    Subquery,
    walk,
)

COMPARISONS = frozenset({"==", "!=", ">", "<", ">=", "<="})
_HIGH = {">": 1, ">=": 1, "<": -1, "<=": -1}
_TURNED = {">": "<", "<": ">", ">=": "<=", "<=": ">=", "==": "==", "!=": "!="}
_OPPOSITE = {">": "<=", "<": ">=", ">=": "<", "<=": ">", "==": "!=", "!=": "=="}
_COMPARED: dict[str, Callable[[float, float], bool]] = {
    "==": operator.eq, "!=": operator.ne, ">": operator.gt, "<": operator.lt, ">=": operator.ge, "<=": operator.le,
}  # fmt: skip
_HIDING = frozenset({"absent", "absent_over_time", "scalar", "vector"})
"""What has a result whether its argument has one or not, or only where it has none."""
_KEEPING = frozenset(
    {
        "abs", "ceil", "floor", "round", "sort", "sort_desc", "scalar", "vector", "avg_over_time", "min_over_time",
        "max_over_time", "sum_over_time", "last_over_time", "quantile_over_time", "label_replace", "label_join",
        "clamp", "clamp_min", "clamp_max", "rate", "irate", "increase", "delta", "deriv", "predict_linear", "sum",
        "avg", "min", "max", "topk", "bottomk", "quantile", "sgn", "ln", "log2", "log10", "sqrt", "exp",
        "first_over_time",
    }
)  # fmt: skip
"""What grows where its argument grows."""

Sign = Literal[-1, 0, 1] | None
"""How a value moves with a metric: against it, not at all, with it; None where that cannot be said."""


class Condition(NamedTuple):
    """A comparison that decides whether the query has a result; where one side is a number it is the right one."""

    op: str
    left: Expression
    right: Expression
    node: Binary


def conditions(expression: Expression) -> Iterator[Condition]:
    """The comparisons that decide, through `and`, `or`, the left of `unless`, aggregations, functions and subqueries;
    one with `bool`, where its 0 or 1 is compared with a number.
    """
    stack: list[Expression] = [expression]
    while stack:
        match stack.pop():
            case Binary(op="and" | "or", left=left, right=right):
                stack += [right, left]
            case Binary(op="unless", left=left):
                stack.append(left)
            case Binary(op=op, left=left, right=right, returns_bool=False) as node if op in COMPARISONS:
                yield from _condition(op, left, right, node)
                stack += [side for side in (right, left) if _holds_condition(side)]
            case Binary(op=op, left=left, right=right) if op not in COMPARISONS:
                stack += [right, left]
            case Aggregate(operand=operand) | Negative(operand=operand) | Subquery(operand=operand):
                stack.append(operand)
            case Call(function=function, arguments=arguments) if function not in _HIDING:
                stack += reversed(arguments)
            case _:
                pass


def _condition(op: str, left: Expression, right: Expression, node: Binary) -> Iterator[Condition]:
    if isinstance(left, Number) and not isinstance(right, Number):
        op, left, right = _TURNED[op], right, left
    if isinstance(left, Binary) and left.returns_bool and isinstance(right, Number):
        yield from _truth(op, left, right.value)
    else:
        yield Condition(op, left, right, node)


def _truth(op: str, asked: Binary, number: float) -> Iterator[Condition]:
    """What must hold for 0 or 1, the answer of a comparison with `bool`, to compare so with a number."""
    if_false, if_true = (_COMPARED[op](answer, number) for answer in (0.0, 1.0))
    if if_false != if_true:
        inner = asked.op if if_true else _OPPOSITE[asked.op]
        yield from _condition(inner, asked.left, asked.right, asked)


def _holds_condition(side: Expression) -> bool:
    return any(isinstance(node, Binary) and node.op in COMPARISONS for node in walk(side))


def named(*names: str) -> Callable[[Selector], Sign]:
    """What `fires_when` and `moves` are to follow: metrics by their names."""
    return lambda selector: 1 if selector.name in names else 0


def fires_when(condition: Condition, chosen: Callable[[Selector], Sign]) -> Literal["high", "low"] | None:
    """Whether the condition holds where a metric is high, or low; None where neither or both.

    `chosen` says how a selector's series move with that metric: 1 where they are it, 0 where they are another.
    """
    direction = _HIGH.get(condition.op)
    moved = _added(moves(condition.left, chosen), _against(moves(condition.right, chosen)))
    if direction is None or not moved:
        return None
    return "high" if direction * moved > 0 else "low"


def moves(expression: Expression, chosen: Callable[[Selector], Sign]) -> Sign:
    """How the expression's value moves with a metric; `chosen` as for `fires_when`."""
    match expression:
        case Selector():
            return chosen(expression)
        case Negative(operand=operand):
            return _against(moves(operand, chosen))
        case Subquery(operand=operand):
            return moves(operand, chosen)
        case Aggregate(op=op, operand=operand):
            return _kept(op, moves(operand, chosen))
        case Call(function=function, arguments=arguments):
            signs: Sign = 0
            for argument in arguments:
                signs = _added(signs, moves(argument, chosen))
            return _kept(function, signs)
        case Binary():
            return _binary(expression, chosen)
        case _:
            return 0


def _binary(expression: Binary, chosen: Callable[[Selector], Sign]) -> Sign:
    left, right = moves(expression.left, chosen), moves(expression.right, chosen)
    match expression.op:
        case "+":
            return _added(left, right)
        case "-":
            return _added(left, _against(right))
        case "/":
            return _scaled(_added(left, _against(right)), expression.right)
        case "*":
            return _scaled(_scaled(_added(left, right), expression.left), expression.right)
        case "and" | "or" | "unless":
            return _added(left, 0 if expression.op != "or" else right)
        case op if op in COMPARISONS and not expression.returns_bool:
            return left
        case _:
            return 0 if left == right == 0 else None


def _scaled(sign: Sign, factor: Expression) -> Sign:
    return _against(sign) if isinstance(factor, Number) and factor.value < 0 else sign


def _kept(function: str, sign: Sign) -> Sign:
    return sign if function in _KEEPING or sign == 0 else None


def _against(sign: Sign) -> Sign:
    if not sign:
        return sign
    return -1 if sign == 1 else 1


def _added(one: Sign, other: Sign) -> Sign:
    if one == 0 or one == other:
        return other
    return one if other == 0 else None


_CLOCKS = frozenset(
    {
        "time",
        "timestamp",
        "hour",
        "minute",
        "day_of_week",
        "day_of_month",
        "day_of_year",
        "month",
        "year",
        "days_in_month",
    }
)


def is_constant(query: Query) -> bool:
    """Whether the query has the same result for ever: no series and no clock in it, as in `vector(1)`."""
    return not query.selectors and not query.calls & _CLOCKS


def looks_back(nodes: Iterable[Expression]) -> bool:
    """Whether more than one moment counts: a range, a subquery, an offset."""
    return any(
        isinstance(node, Subquery) or (isinstance(node, Selector) and (node.range is not None or node.offset))
        for node in nodes
    )
