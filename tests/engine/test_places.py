"""Places inside of strings: some characters of a value, in every style that YAML writes strings in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubelint.checks import Location
from kubelint.engine.places import Places
from kubelint.manifests import Document
from kubelint.manifests.texts import TextSlice
from kubelint.sources import SourceFile, Span, read_documents

STYLES = {
    "literal": "run: |\n  set -e\n  helm upgrade wiki\n",
    "kept": "run: |+\n  set -e\n  helm upgrade wiki\n\n",
    "folded": "run: >-\n  set -e;\n  helm upgrade wiki\n",
    "plain": "run: set -e;\n  helm upgrade wiki\n",
    "single": "run: 'set -e; it''s;\n  helm upgrade wiki'\n",
    "double": 'run: "set\\t-e;\\\n  helm upgrade \\\n  wiki"\n',
}


def place(text, field, start, end):
    source = field.document.source.source
    assert source.text == text
    found = Places({source.path: source}).find(Location.of(field.slice(start, end)))
    return text[found.span.start : found.span.end]


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("word", ["helm", "wiki", "e"])
def test_a_slice_is_where_its_characters_stand(style, word):
    text = STYLES[style]
    field = Document(read_documents("a.yaml", text).documents[0]).root.get("run")
    start = field.value.index(word)
    assert place(text, field, start, start + len(word)) == word


def test_a_slice_in_a_string_in_a_string():
    text = "data:\n  values.yaml: |\n    run: 'helm upgrade wiki'\n"
    outer = Document(read_documents("a.yaml", text).documents[0]).root.get("data", "values.yaml")
    field = outer.embedded()[0].get("run")
    assert place(text, field, 5, 12) == "upgrade"


def test_a_slice_that_is_out_of_the_value_is_all_of_it():
    text = "run: helm\n"
    field = Document(read_documents("a.yaml", text).documents[0]).root.get("run")
    assert place(text, field, 2, 99) == "helm"


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=30), st.data())
def test_any_slice_of_a_quoted_string_begins_and_ends_where_it_does(value, data):
    text = "run: '" + value.replace("'", "''") + "'\n"
    documents = read_documents("a.yaml", text).documents
    field = Document(documents[0]).root.get("run") if documents else None
    if field is None or field.value != value:
        return
    start = data.draw(st.integers(0, len(value) - 1))
    end = data.draw(st.integers(start + 1, len(value)))
    assert place(text, field, start, end).replace("''", "'") == value[start:end]


def test_text_is_pointed_at_by_its_span():
    source = SourceFile("README.md", "# Wiki\n\nkubectl get pods\n")
    found = Places({"README.md": source}).find(Location.of(TextSlice("README.md", Span(8, 15))))
    assert (found.start.line, found.start.column, found.end.column) == (3, 1, 8)
