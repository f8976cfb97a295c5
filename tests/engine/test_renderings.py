"""What findings in rendered files become in terms of what is written."""

from kubelint.checks import Finding, Fix, Location, Severity
from kubelint.engine.renderings import Renderings
from kubelint.manifests import Document
from kubelint.rendering.rendered import Rendered, RenderedFile, Trace
from kubelint.sources import Span, read_documents

BUILT = read_documents("prod#1", "spec:\n  containers:\n    - name: web\n      image: web:2\n")


def finding_with(*edits):
    return Finding("a-rule", "message", Severity.ERROR, Location("prod#1"), fixes=(Fix.safe("mend it", *edits),))


def renderings(trace):
    return Renderings(Rendered(files=(RenderedFile(BUILT, "prod", "base.yaml", trace),)))


def image():
    return Document(BUILT.documents[0]).root.get("spec", "containers", 0, "image")


def test_a_fix_of_a_field_that_is_written_as_such_is_kept():
    written = Trace("base.yaml", 1, ("spec", "containers", 3, "image"))
    found = renderings(lambda *_: written).without_rendered(finding_with(image().replace("web:3")), lambda _: True)
    (edit,) = found.fixes[0].edits
    assert (edit.file, edit.document, edit.path, edit.text) == ("base.yaml", 1, written.path, "web:3")


def test_a_fix_of_a_field_that_something_else_sets_is_dropped():
    elsewhere = Trace("kustomization.yaml", 0, ("images", 0, "newTag"))
    finding = finding_with(image().replace("web:3"))
    assert renderings(lambda *_: elsewhere).without_rendered(finding, lambda _: True).fixes == ()


def test_a_fix_of_a_template_is_dropped():
    template = Trace("templates/a.yaml", span=Span(3, 9))
    finding = finding_with(image().replace("web:3"))
    assert renderings(lambda *_: template).without_rendered(finding, lambda _: True).fixes == ()
