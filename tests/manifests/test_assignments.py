import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubelint.manifests import Document
from kubelint.manifests.releases.assignments import assigned, assignment, assignments, read_assignments
from kubelint.sources import read_documents

BIG = 2**63


def field(text="value: 3\n", *steps):
    return Document(read_documents("a.yaml", text).documents[0]).root.get(*(steps or ("value",)))


def read(text, **options):
    return [(found.path, found.value) for found in read_assignments(text, **options)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("replicaCount=2", [(("replicaCount",), 2)]),
        ("a.b[0].c=v,d={x,y},e=TRUE", [(("a", "b", 0, "c"), "v"), (("d",), ["x", "y"]), (("e",), True)]),
        ("a=", [(("a",), "")]),
        ("a={}", [(("a",), [""])]),
        ("a={1,true,x\\,y}", [(("a",), [1, True, "x,y"])]),
        ("nodeSelector.kubernetes\\.io/arch=arm64", [(("nodeSelector", "kubernetes.io/arch"), "arm64")]),
        ("a=x\\,y,b=2", [(("a",), "x,y"), (("b",), 2)]),
        ("a[1][2]=x", [(("a", 1, 2), "x")]),
        ("a=null", [(("a",), None)]),
        ("a=007,b=-5,c=1.5,d=0", [(("a",), "007"), (("b",), -5), (("c",), "1.5"), (("d",), 0)]),
        (f"a={BIG},b={BIG - 1}", [(("a",), str(BIG)), (("b",), BIG - 1)]),
        ("a=b=c", [(("a",), "b=c")]),
        ("a..b=1,c=2", [(("c",), 2)]),
        ("=1,a=2", [(("a",), 2)]),
        ("a=1,b", [(("a",), 1)]),
        ("a=1,b,c=2", [(("a",), 1)]),
        ("a[x]=1", []),
        ("a[-1]=1", []),
        ("a[70000]=1", []),
        ("a[0]b=1", []),
        ("a={1,2", []),
        ("", []),
        (".".join("a" * 31) + "=1", []),
    ],
)
def test_reads_what_helm_reads(text, found):
    assert read(text) == found


def test_strings_stay_strings():
    assert read("a=1,b={2,true},c=null", strings=True) == [(("a",), "1"), (("b",), ["2", "true"]), (("c",), "null")]


def test_what_is_filled_in_later_is_one_value():
    assert read("a=${{ format('x,y', z) }},b=1") == [(("a",), "${{ format('x,y', z) }}"), (("b",), 1)]
    assert read("a={{ .x, 1 }},b=1") == [(("a",), "{{ .x, 1 }}"), (("b",), 1)]
    assert read("a=$TAG,b=1") == [(("a",), "$TAG"), (("b",), 1)]
    assert read("a=v$TAG,b=1", expanded=True) == [(("a",), "${}"), (("b",), 1)]


def test_a_name_that_is_filled_in_may_be_any():
    assert read("a=1,${X}.b=2,c=3") == [(("a",), 1), ((), None)]
    at = field()
    values = assigned(assignments("a=1,${X}=2", at), at)
    assert values.get("a").unknown and values.get("z").unknown


def test_knows_where_values_stand():
    text = "a.b=12,c={x,y},d=z"
    found = {item.path: text[item.start : item.end] for item in read_assignments(text)}
    assert found == {("a", "b"): "12", ("c",): "{x,y}", ("d",): "z"}


@pytest.mark.parametrize(
    ("name", "value", "typed", "path", "read"),
    [
        ("replicaCount", "1", True, ("replicaCount",), 1),
        ("replicaCount", "1", False, ("replicaCount",), "1"),
        ("replicaCount", 1, False, ("replicaCount",), 1),
        ("enabled", True, True, ("enabled",), True),
        ("a.b", "x,y", True, ("a", "b"), "x,y"),
        ("a.b", "x\\,y", True, ("a", "b"), "x,y"),
        ("a.b", "{x,y}", True, ("a", "b"), ["x", "y"]),
        ("servers[0].zones[0].zone", ".", True, ("servers", 0, "zones", 0, "zone"), "."),
    ],
)
def test_reads_pairs(name, value, typed, path, read):
    ((found, result),) = assignment(name, value, field(), typed=typed)
    assert (found, result.value, result.path) == (path, read, ("value",))


@pytest.mark.parametrize("name", [None, "", 5, [], {}, "a[", "a.", ".", ",", "a,b"])
def test_a_pair_without_a_name_sets_nothing(name):
    assert assignment(name, "x", field(), typed=True) == []


def test_a_template_makes_a_pair_unknown():
    at = field("value: ${REPLICAS}\n")
    ((path, found),) = assignment("replicaCount", at.value, at, typed=True)
    assert path == ("replicaCount",) and found.unknown
    ((path, found),) = assignment("{{ .name }}", "1", field(), typed=True)
    assert path == () and found.unknown


@given(st.text(alphabet="ab.,=[]{}\\01$() \n'\"", max_size=40), st.booleans(), st.booleans())
def test_never_raises(text, strings, expanded):
    at = field()
    values = assigned(assignments(text, at, strings=strings, expanded=expanded), at)
    assert values.value is None or isinstance(values.value, dict)
    for found in read_assignments(text, strings=strings, expanded=expanded):
        assert 0 <= found.start <= found.end <= len(text)


@given(st.dictionaries(st.text(alphabet="abc", min_size=1, max_size=3), st.text(max_size=6), max_size=4))
def test_what_is_escaped_comes_back(values):
    def escaped(text):
        return "".join(f"\\{character}" if character in "\\,{}[].=" else character for character in text)

    known = {key: value for key, value in values.items() if not set(value) & set("${<#@_%")}
    text = ",".join(f"{key}={escaped(value)}" for key, value in known.items())
    assert {path[0]: value for path, value in read(text, strings=True)} == known
