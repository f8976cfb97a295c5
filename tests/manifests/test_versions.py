import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubelint.manifests.releases.versions import Versions


@pytest.mark.parametrize(
    ("text", "exact", "at_least"),
    [
        ("1.7.2", "1.7.2", False),
        ("v1.8.0", "1.8.0", True),
        ("=1.8.1", "1.8.1", True),
        ("1.8.0-rc.1", "1.8.0-rc.1", False),
        ("1.10.0+up1.9", "1.10.0", True),
        ("^1.7", None, None),
        ("~1.7.1", None, False),
        ("~>1.7", None, False),
        ("^v1.9", None, True),
        (">=1.7.0 <2.0.0", None, None),
        (">= 1.8, < 2", None, True),
        ("1.x", None, None),
        ("1.7.*", None, False),
        ("1.9", None, True),
        ("1.2 - 1.4", None, False),
        ("1.2 - 2", None, None),
        ("^1 || ^2", None, None),
        ("^2 || ^3", None, True),
        ("^1.2||~1.3.0", None, None),
        ("<1.8.0", None, False),
        ("<=1.8.0", None, None),
        (">1.7", None, True),
        ("!=1.9.1, >=1.9", None, True),
        (">2 <1", None, None),
        (">=1.0.0 <1.0.0 || ^2", None, True),
        ("^1.2.3-0", None, None),
        ("*", None, None),
        ("", None, None),
        (None, None, None),
        ("latest", None, None),
        ("main", None, None),
        ("{{ .version }}", None, None),
        ("${VERSION}", None, None),
        ("9" * 500, None, None),
        ("9" * 150 + ".1.1", "9" * 150 + ".1.1", True),
    ],
)
def test_says_for_sure_what_is_sure(text, exact, at_least):
    versions = Versions.parse(text)
    assert (versions.exact, versions.is_at_least("1.8.0")) == (exact, at_least)


def test_keeps_the_text():
    assert Versions.parse(">= 1.8, < 2").text == ">= 1.8, < 2"
    assert not Versions.parse("latest").known and Versions.parse("^1").known


@given(st.text(alphabet="0123456789.xX*^~<>=!|, -+vabc", max_size=30))
def test_never_raises(text):
    assert Versions.parse(text).is_at_least("1.8.0") in (True, False, None)


@given(st.tuples(*[st.integers(0, 20)] * 3), st.tuples(*[st.integers(0, 20)] * 3))
def test_exact_versions_compare_as_numbers(one, other):
    text, wanted = (".".join(map(str, version)) for version in (one, other))
    assert Versions.parse(text).is_at_least(wanted) is (one >= other)
