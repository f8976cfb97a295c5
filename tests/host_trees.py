"""A project made of texts, and where its facts stand."""

from kubelint.checks import Location
from kubelint.engine.places import Places
from kubelint.manifests import Document, Project
from kubelint.sources import SourceFile, read_documents
from kubelint.sources.text_files import TextFile, text_kind


def tree(files, settings=None, repositories=()):
    """A project of `files`, texts by their paths."""
    yaml = [read_documents(name, text) for name, text in files.items() if text_kind(name) is None]
    texts = [
        TextFile(name, text_kind(name), lambda name=name, text=text: SourceFile(name, text))
        for name, text in files.items()
        if text_kind(name) is not None
    ]
    documents = [Document(document) for source in yaml for document in source.documents]
    project = Project(documents, settings, repositories, texts)
    project.sources = {source.path: source for source in yaml} | {text.path: text.source for text in texts}
    return project


def place(project, at):
    """`file:line:column text` of a place."""
    found = Places(project.sources).find(Location.of(at))
    text = project.sources[found.path].text[found.span.start : found.span.end]
    return f"{found.path}:{found.start.line}:{found.start.column} {text}"
