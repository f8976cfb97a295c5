"""What Helm complains of is told in one line, without values."""

import pytest

from kubelint.rendering.complaints import complaint

NESTED = """web/templates/a.yaml:6:16
  executing "web/templates/a.yaml" at <include "web.name" .>:
    error calling include:
template: web/templates/_helpers.tpl:2:9: executing "web.name" at <.Values.a.b>: nil pointer evaluating .b"""


@pytest.mark.parametrize(
    ("text", "values", "author", "told"),
    [
        (NESTED, {}, "", "web/templates/_helpers.tpl:2:9: nil pointer evaluating .b"),
        (NESTED.split("template: ")[0] + 'no template "x"', {}, "", 'web/templates/a.yaml:6:16: no template "x"'),
        ("wrong type: map[key:s3cret-x]", {"a": [{"key": "s3cret-x"}]}, "", "wrong type: map[********:********]"),
        ("at line one two", {"a": "one\ntwo"}, "", "at line ******** ********"),
        ("port 54321 is bad", {"a": 54321}, "", "port ******** is bad"),
        ("cGFzc3dvcmQ= is bad", {"a": "password"}, "", "******** is bad"),
        ("set the password", {"a": "password"}, "{{ fail `set the password` }}", "set the password"),
        ("a   b\x1b[0m", {"x": "a   b"}, "", "******** [0m"),
        (
            "x" * 180 + " s3cret-of-mine-which-is-long",
            {"x": "s3cret-of-mine-which-is-long"},
            "",
            "x" * 180 + " ********",
        ),
        ("s3cret-of is bad", {"a": "s3cret-of-mine"}, "", "******** is bad"),
        ("S3CRET-OF-MINE", {"a": "s3cret-of-mine"}, "", "********"),
        ('is "s3c\\"ret-of-mine"', {"a": 's3c"ret-of-mine'}, "", "is ********"),
        ("pin 1.8446744e+08", {"a": 184467440}, "", "pin ********"),
        (
            "cannot unmarshal string into x",
            {"a": "a string of mine, unmarshal it"},
            "",
            "cannot unmarshal string into x",
        ),
        ("set a s3cret", {"a": "my-s3cret-1"}, "{{ fail `set a s3cret` }}", "set a s3cret"),
        ("", {}, "", ""),
    ],
)
def test_complaints(text, values, author, told):
    assert complaint(text, [values], author) == told


def test_long_ones_and_many_values_take_no_time():
    values = {str(number): f"value-{number}" for number in range(20_000)}
    assert len(complaint("x" * 10**6, [values], "")) == 200
