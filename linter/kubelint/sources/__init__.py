"""Text, and where things are in it: files found and read, YAML and JSON composed, comments, spans.

What only a report needs (nodes, comments, embedded documents) is imported from its own module.
"""

from kubelint.sources.documents import Problem, SourceDocument, SourceFile, read_documents
from kubelint.sources.paths import Inside, Path, Step
from kubelint.sources.text import LineIndex, Position, SourceText, Span

__all__ = [
    "Inside",
    "LineIndex",
    "Path",
    "Position",
    "Problem",
    "SourceDocument",
    "SourceFile",
    "SourceText",
    "Span",
    "Step",
    "read_documents",
]
