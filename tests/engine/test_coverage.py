"""Which spans hold an offset; and that many suppressions and many comments cost no more than they should."""

from effort import grows_linearly
from hypothesis import given
from hypothesis import strategies as st
from linting import lint_texts

from kubelint.engine.coverage import Stabbing
from kubelint.sources import Span

HEAD = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"
SPANS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 12)).map(lambda pair: Span(pair[0], sum(pair))))


@given(SPANS, st.integers(0, 45))
def test_the_spans_at_an_offset(spans, offset):
    expected = [index for index, span in enumerate(spans) if span.start <= offset <= span.end]
    assert sorted(Stabbing(spans).at(offset)) == expected


def test_many_suppressions_in_one_file():
    def lint(count):
        pairs = "".join(
            f"  k{n}: a\n  # kubelint: ignore[duplicate-key]\n  k{n}: b\n  k{n}: c  # kubelint: ignore[duplicate-key]\n"
            for n in range(count)
        )
        report = lint_texts({"map.yaml": f"{HEAD}data:\n{pairs}"})
        assert not report.findings and report.suppressed == 2 * count

    assert grows_linearly(lint, 250)


def test_many_comments_on_end():
    def lint(count):
        report = lint_texts({"map.yaml": "# kubelint: ignore[no-such-rule]\n" * count + HEAD})
        assert len(report.findings) == count

    assert grows_linearly(lint, 500)


def test_a_list_of_documents_is_looked_up_by_place():
    one = f"---\n{HEAD}data:\n  a: 1\n  # kubelint: ignore[duplicate-key]\n  a: 2\n"
    report = lint_texts({"map.yaml": one * 300})
    assert not report.findings and report.suppressed == 300
