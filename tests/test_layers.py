"""Imports go one way: the contracts in pyproject.toml hold."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]


def test_imports_go_one_way():
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "linter"), str(ROOT / "rules")])}
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache"]
    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
    assert f"Contracts: {len(CONTRACTS)} kept, 0 broken." in result.stdout


def test_every_part_of_the_engine_stands_under_a_contract():
    named = {
        name for contract in CONTRACTS for name in (*contract.get("layers", ()), *contract.get("source_modules", ()))
    }
    folders = {f"kubelint.{path.parent.name}" for path in (ROOT / "linter" / "kubelint").glob("*/__init__.py")}
    assert folders <= named
