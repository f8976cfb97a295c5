"""The words that this category's rules share. None of them can name a value."""

from collections.abc import Iterable

from .credentials import Credential

REMEDY = (
    "revoke and rotate it first, since everyone with a clone has it; then keep it in SOPS, Sealed Secrets or External "
    "Secrets, and purge it from history with `git filter-repo`"
)

_SAMPLE_FOLDERS = frozenset({"tests", "test", "testdata", "examples", "example", "docs", "samples", ".archive"})


def is_sample(file: str) -> bool:
    """Whether a file lies where tests, examples and retired files lie, so that its credentials are less likely live."""
    return not _SAMPLE_FOLDERS.isdisjoint(file.split("/")[:-1])


def described(credentials: Iterable[Credential]) -> str:
    """`GitHub token, 40 characters, on its line 6`, and how many others stand beside it."""
    first, *others = credentials
    line = f", on its line {first.line}" if first.line > 1 else ""
    more = f", and {len(others)} more" if others else ""
    return f"{first.kind}, {first.length} characters{line}{more}"
