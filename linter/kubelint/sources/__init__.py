"""Text, and where things are in it: files found and read, YAML and JSON composed, comments, spans."""

from kubelint.sources.comments import Comment
from kubelint.sources.documents import Problem, SourceDocument, SourceFile, read_documents
from kubelint.sources.nodes import Inside, Node, Pair, Path, Place, Step
from kubelint.sources.text import LineIndex, Position, SourceText, Span

__all__ = [
    "Comment",
    "Inside",
    "LineIndex",
    "Node",
    "Pair",
    "Path",
    "Place",
    "Position",
    "Problem",
    "SourceDocument",
    "SourceFile",
    "SourceText",
    "Span",
    "Step",
    "read_documents",
]
