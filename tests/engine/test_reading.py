"""An input, read and rendered: what the linter and `kubelint rbac` both start from."""

import pytest
from linting import REGISTRY

from kubelint.config.model import Settings
from kubelint.engine.reading import Input, Reading
from kubelint.rendering.rendered import NoEngine, Rendered, RenderedFile, Trace
from kubelint.sources import read_documents
from kubelint.sources.reading import read_bytes

WRITTEN = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: written}\n"


def reading(render=None):
    return Reading(Input([read_bytes("a.yaml", WRITTEN.encode())], render=render), REGISTRY, Settings())


def rendered(project, holds_secret):
    assert [obj.name for obj in project.all_objects] == ["written"]
    source = read_documents("a.yaml#1", WRITTEN.replace("written", "rendered"))
    file = RenderedFile(source, "1", "a.yaml", lambda *_: Trace("a.yaml"))
    return Rendered((file,), superseded=frozenset({("a.yaml", 0)}))


def names(project):
    return [obj.name for obj in project.all_objects]


def test_what_is_rendered_stands_in_place_of_what_was_written():
    found = reading(rendered)
    assert (names(found.written), names(found.project)) == (["written"], ["rendered"])
    assert set(found.files) == {"a.yaml", "a.yaml#1"}
    assert [source.path for source in found.sources] == ["a.yaml", "a.yaml#1"]
    assert found.failure is None


@pytest.mark.parametrize("render", [None, lambda *_: Rendered()])
def test_nothing_rendered(render):
    found = reading(render)
    assert found.project is found.written
    assert not found.renderings.files


def test_a_renderer_that_crashes_leaves_what_was_written():
    found = reading(lambda *_: 1 // 0)
    assert isinstance(found.failure, ZeroDivisionError)
    assert names(found.project) == ["written"]


def test_no_engine_is_for_the_caller_to_say():
    def render(*_):
        raise NoEngine("none")

    with pytest.raises(NoEngine):
        reading(render)
