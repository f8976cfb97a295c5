"""What is linted never runs and never speaks for itself."""

import json
import os
import subprocess
import sys

import pytest

MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: '1', a: '2'}\n"


def lint(folder, *arguments):
    command = [sys.executable, "-m", "kubelint", "--format", "json", *arguments, "."]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)
    return json.loads(result.stdout)


def test_rules_in_the_linted_tree_are_not_loaded(tmp_path):
    (tmp_path / "map.yaml").write_text(MAP)
    info = tmp_path / "evil-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: evil\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[kubelint.rules]\nevil = evil\n")
    for name in ("evil", "yaml", "click", "semantic_version", "jsonschema", "detect_secrets"):
        (tmp_path / f"{name}.py").write_text("open('was-here', 'w')\n")
    assert [finding["rule"] for finding in lint(tmp_path)["findings"]] == ["duplicate-key"]
    assert not (tmp_path / "was-here").exists()


@pytest.mark.parametrize("tag", ["!!python/object/apply:os.system", "!!python/name:os.system", "!!python/module:os"])
def test_tags_are_data(tmp_path, tag):
    (tmp_path / "map.yaml").write_text(f"{MAP}x: {tag} ['touch was-here']\n")
    assert [finding["rule"] for finding in lint(tmp_path)["findings"]] == ["duplicate-key"]
    assert not (tmp_path / "was-here").exists()


def test_nothing_is_written_into_the_tree(tmp_path):
    (tmp_path / "map.yaml").write_text(MAP)
    lint(tmp_path)
    assert os.listdir(tmp_path) == ["map.yaml"]


def test_version_imports_nothing_heavy():
    code = "import sys; from kubelint.cli.main import run; run(['--version']); print(*sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert {"yaml", "jsonschema", "detect_secrets", "semantic_version"}.isdisjoint(result.stdout.split())


def test_a_clean_run_imports_neither_scanner_nor_validator(tmp_path):
    (tmp_path / "map.yaml").write_text(MAP)
    code = f"import sys; from kubelint.cli.main import run; run(['check', {str(tmp_path)!r}]); print(*sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert {"jsonschema", "detect_secrets", "requests", "ruamel"}.isdisjoint(result.stdout.split())
