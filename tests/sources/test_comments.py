"""Comments, and what only looks like one."""

import pytest

from kubelint.sources import read_documents
from kubelint.sources.comments import find_comments


@pytest.mark.parametrize("pure", [False, True], ids=["libyaml", "pure"])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: b # c\n", ["# c"]),
        ("a: b #", ["#"]),
        ("# a", ["# a"]),
        ("#\n#b\n", ["#", "#b"]),
        ("a: b#c\n", []),
        ("a: b #c#d # e\n", ["#c#d # e"]),
        ("a: '#b' # c\n", ["# c"]),
        ("a: 'b # c'\n", []),
        ('a: "b # c" # d\n', ["# d"]),
        ('a: "\\x23 b"#c\n', ["#c"]),
        ("a: 'it''s # b' # c\n", ["# c"]),
        ("a: 'b\n  # c\n  d' # e\n", ["# e"]),
        ("a: b\n  c#d\n# e\n", ["# e"]),
        ("a#b: c # d\n", ["# d"]),
        ("'a # b': c\n", []),
        ("a: | # b\n  # c\n  d # e\n# f\n", ["# b", "# f"]),
        ("a: >- # b\n  # c\n", ["# b"]),
        ("a: |\n  b\n # c\n  # d\nx: y\n", ["# c", "# d"]),
        ("a: |+\n  b\n\n# c\n", ["# c"]),
        ("a: |\n  b\n  # c", []),
        ("a: |2\n    # b\n  # c\n # d\n", ["# d"]),
        ("a:\n  - |\n    b\n  # c\n  - d\n", ["# c"]),
        ("a: &x # b\n  c\n", ["# b"]),
        ("a: !t # b\n  |\n  # c\n", ["# b"]),
        ("a: &x |  # b\n  # c\n", ["# b"]),
        ("a: # b\n  c: d\n", ["# b"]),
        ("[a, # b\n c] # d\n", ["# b", "# d"]),
        ("{a: b, # c\n# d\n e: f} # g\n", ["# c", "# d", "# g"]),
        ("%YAML 1.1 # a\n--- # b\nc: d\n... # e\n", ["# a", "# b", "# e"]),
        ("a: b # c\r\n# d\r\ne: |\r\n  # f\r\ng: h # i\r\n", ["# c", "# d", "# i"]),
        ("a: b # c\r# d\re: |\r  # f\rg: h # i\r", ["# c", "# d", "# i"]),
        ("a: b # c\u2028d: e # f\x85g: h\n", ["# c", "# f"]),
        ("a: b\u00a0# c\n", []),  # no-break space is no white space in YAML
        ("\ufeff# a\nb: c # d\n", ["# a", "# d"]),
        ("a: 🦀 # é🦀\n", ["# é🦀"]),
        ("? a # b\n: c # d\n", ["# b", "# d"]),
        ("- # a\n - # b\n   c\n", ["# a", "# b"]),
        ("a: {{ .x }} # b\n", ["# b"]),
        ("", []),
    ],
)
def test_comments(text: str, expected: list[str], pure: bool) -> None:
    comments = find_comments(text, pure=pure)
    assert [comment.text for comment in comments] == expected
    assert [text[comment.span.start : comment.span.end] for comment in comments] == expected


def test_alone_on_the_line() -> None:
    comments = find_comments("# a\n  # b\nc: d # e\r\n# f\re: # g\r # h\n")
    assert [comment.alone for comment in comments] == [True, True, False, True, False, True]


def test_up_to_where_the_text_stops_being_yaml() -> None:
    assert [comment.text for comment in find_comments("# a\nb: c # d\ne: [ # f\n}\n# g\n")] == ["# a", "# d", "# f"]
    assert [comment.text for comment in find_comments("# a\nb: 'c # d\n# e\n")] == ["# a"]


def test_broken_documents_between() -> None:
    source = read_documents("a.yaml", "# a\n---\nb: 'c # d\n---\n# e\nf: '# g' # h\n--- # i\n[ # j\n---\nk: l # m\n")
    assert len(source.problems) == 2
    assert [comment.text for comment in source.comments] == ["# a", "# e", "# h", "# i", "# j", "# m"]
    for comment in source.comments:
        assert source.text[comment.span.start : comment.span.end] == comment.text


def test_json_has_none() -> None:
    assert read_documents("a.json", '{"a": "# b"}').comments == []


def test_many_comments_in_one_long_text() -> None:
    text = "a: b # c\n# d\n" * 20_000
    assert len(find_comments(text)) == 40_000
