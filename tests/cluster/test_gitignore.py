"""Patterns of a `.gitignore` taken together. That single ones agree with git is tested where files are found."""

import pytest

from kubelint.cluster.gitignore import GitPatterns, is_pattern


@pytest.mark.parametrize(
    ("lines", "path", "says"),
    [
        (["*.key"], "a/b.key", True),
        (["*.key"], "a/b.yaml", None),
        (["*.key", "!b.key"], "a/b.key", False),
        (["!b.key", "*.key"], "a/b.key", True),
        (["build/"], "build/", True),
        (["build/"], "build", None),
        (["build/"], "build/a.yaml", None),
        (["/*", "!/apps/"], "apps/", False),
        (["/*", "!/apps/"], "apps/a.yaml", None),
        (["x/**"], "x/", None),
        (["x/**"], "x/a.yaml", True),
        (["# a", "", "!", "["], "a", None),
    ],
)
def test_the_last_pattern_that_speaks_of_an_entry_decides(lines: list[str], path: str, says: bool | None) -> None:
    assert GitPatterns(lines).says(path) is says


@pytest.mark.parametrize(
    ("lines", "path", "ignored"),
    [
        (["apps/"], "apps/web/a.yaml", True),
        (["apps"], "apps/web/a.yaml", True),
        (["apps/", "!apps/web/a.yaml"], "apps/web/a.yaml", True),
        (["apps/*", "!apps/web/"], "apps/web/a.yaml", False),
        (["apps/*", "!apps/web/"], "apps/b.yaml", True),
        (["/a.yaml"], "b/a.yaml", False),
        (["**/tests/**"], "a/tests/b/c.yaml", True),
        ([], "a.yaml", False),
    ],
)
def test_what_lies_in_an_ignored_directory_is_ignored(lines: list[str], path: str, ignored: bool) -> None:
    assert GitPatterns(lines).ignore(path) is ignored


@pytest.mark.parametrize(
    ("line", "expected"),
    [("*.key", True), ("", True), ("  ", True), ("# words", True), ("!", False), ("[", False), ("a\\", False)],
)
def test_is_pattern(line: str, expected: bool) -> None:
    assert is_pattern(line) is expected
