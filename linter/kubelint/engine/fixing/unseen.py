"""The lines of files that hold secrets."""

from __future__ import annotations

from collections.abc import Iterable

from kubelint.checks import Registry
from kubelint.config.model import Settings
from kubelint.engine.masks import Masks
from kubelint.engine.report import Report
from kubelint.engine.secret_search import SecretSearch
from kubelint.manifests import Document, Project
from kubelint.sources import SourceFile


def secret_lines(files: Iterable[SourceFile], registry: Registry, settings: Settings) -> frozenset[str]:
    """The lines of `files` in which something stands that may not be shown: a value of a Secret, or what the rules on
    secrets find.
    """
    by_path = {file.path: file for file in files}
    masks = Masks(by_path)
    for location in SecretSearch(registry, settings).locations(list(by_path.values())):
        masks.add_credential(location)
    documents = (Document(source) for file in by_path.values() for source in file.documents)
    for obj in Project(documents).objects("Secret"):
        masks.add_secret(obj)
    report = Report()
    masks.hide_in(report)
    found: set[str] = set()
    for path, file in by_path.items():
        for span in report.masked.get(path, ()):
            first, last = (file.lines.position(offset).line for offset in span)
            found.update(file.lines.line(number) for number in range(first, last + 1))
        secrets = report.secrets.get(path)
        if secrets is not None:
            lines = map(file.lines.line, range(1, len(file.lines) + 1))
            found.update(line for line in lines if secrets.redact(line) != line)
    return frozenset(found)
