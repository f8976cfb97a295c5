"""Renderings are kept under what they depend on, and read back whole or not at all."""

import os
import stat

import pytest

from kubelint.rendering import cache
from kubelint.rendering.cache import RenderCache, cache_folder, key_of

TEXTS = {"web/templates/a.yaml": "a: ü\n"}


def test_what_was_put_is_there(tmp_path):
    RenderCache(tmp_path).put("k", TEXTS)
    assert RenderCache(tmp_path).get("k") == TEXTS
    assert RenderCache(tmp_path).get("other") is None


def test_nobody_else_reads_it(tmp_path):
    RenderCache(tmp_path / "new").put("k", TEXTS)
    for path, mode in ((tmp_path / "new/rendered", 0o700), (tmp_path / "new/rendered/k.json", 0o600)):
        assert stat.S_IMODE(path.stat().st_mode) == mode


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"key": "k"}', '{"key": "k", "texts": {"a": 1}}', "\xff", "[" * 9999]
)
def test_broken_entries_are_none(tmp_path, text):
    kept = RenderCache(tmp_path)
    kept.put("k", TEXTS)
    (tmp_path / "rendered/k.json").write_text(text, encoding="latin-1")
    assert kept.get("k") is None


def test_entries_that_somebody_changed_are_none(tmp_path):
    kept = RenderCache(tmp_path)
    kept.put("k", TEXTS)
    path = tmp_path / "rendered/k.json"
    path.write_text(path.read_text().replace("a: ", "b: "))
    assert kept.get("k") is None


def test_where_nothing_can_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", None):
        kept = RenderCache(folder)
        kept.put("k", TEXTS)
        assert kept.get("k") is None
        kept.prune()


def test_it_does_not_grow(tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "MAX_BYTES", 500)
    kept = RenderCache(tmp_path)
    for number in range(5):
        kept.put(str(number), {"a": "x" * 100})
        os.utime(tmp_path / f"rendered/{number}.json", (number, number))
    kept.prune()
    assert sorted(path.stem for path in (tmp_path / "rendered").iterdir()) == ["3", "4"]


def test_very_large_ones_are_not_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "MAX_ENTRY", 3)
    RenderCache(tmp_path).put("k", TEXTS)
    assert not (tmp_path / "rendered").exists()


def test_every_part_counts():
    keys = [key_of("a", "b"), key_of("ab", ""), key_of("a", None), key_of("a"), key_of("a", "")]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize(
    ("environment", "folder"),
    [
        ({"KUBELINT_CACHE_DIR": "/x", "XDG_CACHE_HOME": "/y"}, "/x"),
        ({"XDG_CACHE_HOME": "/y", "HOME": "/home/a"}, "/y/kubelint"),
        ({"XDG_CACHE_HOME": "relative", "HOME": "/home/a"}, "/home/a/.cache/kubelint"),
        ({"HOME": "/home/a"}, "/home/a/.cache/kubelint"),
        ({"HOME": ""}, None),
        ({}, None),
    ],
)
def test_where_it_is(environment, folder, monkeypatch):
    monkeypatch.setattr("sys.platform", "linux")
    found = cache_folder(environment)
    assert (found and found.as_posix()) == folder
