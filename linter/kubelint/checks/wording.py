"""Words for messages."""

from collections.abc import Iterable


def named(words: Iterable[str]) -> str:
    """`bind` and `escalate`: words in backticks, joined as people do."""
    quoted = [f"`{word}`" for word in words]
    return " and ".join([", ".join(quoted[:-1]), quoted[-1]] if len(quoted) > 1 else quoted)
