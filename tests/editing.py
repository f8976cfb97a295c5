"""What tests of fixes share: something to fix, and making edits as the engine does."""

from kubelint.engine.fixing.changes import CannotEdit, changed
from kubelint.engine.fixing.edits import changes_of
from kubelint.engine.fixing.independent import NotAsMeant, check
from kubelint.manifests.field import Edit
from kubelint.sources import Inside, read_documents

INSIDE = Inside(0)
DNS = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: coredns, namespace: kube-system}
spec:
  replicas: 1
  selector: {matchLabels: {k8s-app: kube-dns}}
  template:
    metadata: {labels: {k8s-app: kube-dns}}
    spec: {containers: [{name: coredns, image: coredns/coredns:1.12.1}]}
"""
"""Cluster DNS that one drain takes down."""


def made(text: str, edits: list[tuple], path: str = "a.yaml", document: int = 0) -> str | None:
    """The text after `edits`, each without its file and document; None where they are refused."""
    source = read_documents(path, text)
    full = [Edit(path, document, *edit) for edit in edits]
    try:
        after = changed(source.text, changes_of(source, full))
        check(source, after, full)
    except (CannotEdit, NotAsMeant):
        return None
    return after
