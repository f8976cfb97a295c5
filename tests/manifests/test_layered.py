from kubelint.manifests import Document
from kubelint.manifests.layered import Assigned, Layered, merged, placed, unknown_layer
from kubelint.sources import read_documents


def root(text):
    return Document(read_documents("values.yaml", text).documents[0]).root


def test_the_first_layer_that_holds_a_key_decides_it():
    values = Layered([root("a: 1\nb: {x: 1}\n"), root("a: 2\nb: {x: 2, y: 3}\nc: 4\n")])
    assert values.value == {"a": 1, "b": {"x": 1, "y": 3}, "c": 4}
    assert values.get("b", "y").integer == 3
    assert values.get("d").absent


def test_null_removes_what_lower_layers_hold():
    values = Layered([root("a: null\n"), root("a: {x: 1}\nb: 2\n")])
    assert values.value == {"b": 2}
    assert values.get("a").absent and values.get("a", "x").absent


def test_a_scalar_and_a_mapping_do_not_mix():
    values = Layered([root("a: {x: 1}\nb: 1\n"), root("a: 5\nb: {x: 1}\n")])
    assert values.value == {"a": {"x": 1}, "b": 1}


def test_a_hidden_layer_above_makes_everything_unknown():
    below = root("a: 1\nb: {x: 1}\n")
    values = Layered([unknown_layer(below), below])
    assert values.get("a").unknown and values.get("b", "x").unknown and values.get("z").unknown
    assert not values.get("z").absent


def test_a_hidden_layer_below_hides_only_what_is_missing_above():
    above = root("a: 1\nb: {x: 1}\n")
    values = Layered([above, unknown_layer(above)])
    assert values.get("a").integer == 1 and values.get("b", "x").integer == 1
    assert values.get("z").unknown and values.get("b", "y").unknown


def test_template_text_is_there_and_unknown():
    values = Layered([root("a: ${REPLICAS}\n"), root("a: 2\n")])
    assert values.get("a").unknown


def test_hidden_layers_alone_are_unknown():
    layer = unknown_layer(root("a: 1\n"))
    assert Layered([layer]).unknown and merged([layer, layer]).unknown
    assert Layered([root("{}").get("values"), layer]).unknown


def test_assignments_make_a_tree():
    at = root("set:\n  a.b: '1'\n  a.c[0]: x\n").get("set")
    fields = [(("a", "b"), placed(at.get("a.b"), 1)), (("a", "c", 0), at.get("a.c[0]"))]
    values = Assigned(fields, at)
    assert values.value == {"a": {"b": 1, "c": ["x"]}}
    assert values.get("a", "b").integer == 1
    assert values.get("a", "b").path == ("set", "a.b")
    assert values.get("a", "c", 0).text == "x"
    assert values.get("a", "d").absent
    assert [field.text for field in values.get("a", "c").elements()] == ["x"]
