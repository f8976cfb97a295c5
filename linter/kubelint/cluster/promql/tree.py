"""The syntax tree of a query, in plain values: parentheses are gone, and every selector knows its characters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

Operator = Literal["=", "!=", "=~", "!~"]


class LabelTest(NamedTuple):
    """A matcher in braces."""

    name: str
    op: Operator
    value: str


class Selector(NamedTuple):
    """Series: an instant of them, or a range of `range` seconds. The name is None where only a matcher may say it.

    `ordinal` counts the selectors of the query from its start.
    """

    name: str | None
    matchers: tuple[LabelTest, ...] = ()
    range: float | None = None
    offset: bool = False
    ordinal: int = 0

    def tests(self, label: str) -> list[LabelTest]:
        """The matchers of a label."""
        return [matcher for matcher in self.matchers if matcher.name == label]


class Number(NamedTuple):
    """A number, or a duration in seconds."""

    value: float


class String(NamedTuple):
    """A string."""

    value: str


class Negative(NamedTuple):
    """A minus sign, and what stands behind it."""

    operand: Expression


class Subquery(NamedTuple):
    """`operand[1h:5m]`."""

    operand: Expression


class Call(NamedTuple):
    """A function's call."""

    function: str
    arguments: tuple[Expression, ...]


class Aggregate(NamedTuple):
    """`sum by (job) (operand)`: `labels` are those kept, or dropped where `without` says so."""

    op: str
    operand: Expression
    parameter: Expression | None = None
    labels: tuple[str, ...] = ()
    without: bool = False


class Binary(NamedTuple):
    """An operator between two sides. `on` are the labels to match on, None where all or all but some count."""

    op: str
    left: Expression
    right: Expression
    returns_bool: bool = False
    on: tuple[str, ...] | None = None


Expression = Selector | Number | String | Negative | Subquery | Call | Aggregate | Binary


def children(expression: Expression) -> tuple[Expression, ...]:
    """What an expression is made of, in the order of the text."""
    if isinstance(expression, Selector | Number | String):
        return ()
    if isinstance(expression, Binary):
        return (expression.left, expression.right)
    if isinstance(expression, Call):
        return expression.arguments
    if isinstance(expression, Aggregate) and expression.parameter is not None:
        return (expression.parameter, expression.operand)
    return (expression.operand,)


def walk(expression: Expression) -> Iterator[Expression]:
    """The expression and all below it, in the order of the text."""
    stack = [expression]
    while stack:
        here = stack.pop()
        yield here
        stack.extend(reversed(children(here)))


def selectors(expression: Expression) -> list[Selector]:
    """Every selector, in the order of the text."""
    return [node for node in walk(expression) if isinstance(node, Selector)]
