"""How many of the planted credentials are found at their lines, and that none of them gets out of a run.

`cd tests && python -m recall` prints the table.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from linting import REGISTRY, lint_tree
from recall.kinds import KINDS, Kind
from recall.measure import Outcome, outcomes, table
from recall.places import PLACES, Planted, planted

from kubelint.checks import Category
from kubelint.cli.main import run
from kubelint.reporters import FORMATS

GROUPS = ("key", "token", "named", "password")


@pytest.fixture(scope="module")
def results() -> list[Outcome]:
    return outcomes()


def test_the_set_is_large_enough() -> None:
    assert len(KINDS) >= 40
    assert len(PLACES) >= 12
    assert {kind.group for kind in KINDS} == set(GROUPS)
    assert len({kind.make(place.name) for kind in KINDS for place in PLACES}) == len(KINDS) * len(PLACES)


@pytest.mark.parametrize("group", ["key", "token"])
def test_what_proves_itself_is_found_everywhere(results: list[Outcome], group: str) -> None:
    missed = [(one.kind.name, one.planted.place) for one in results if one.kind.group == group and not one.found]
    assert missed == []


def test_nearly_everything_is_found_at_its_line(results: list[Outcome]) -> None:
    found = sum(one.found for one in results)
    assert found >= 0.98 * len(results), table(results)


def test_a_credential_is_one_finding(results: list[Outcome]) -> None:
    repeated = [(one.kind.name, one.planted.place, *one.rules, *one.elsewhere) for one in results]
    assert [row for row in repeated if len(row) > 3] == []


@pytest.mark.parametrize("group", GROUPS)
def test_other_seeds_are_found_as_well(group: str) -> None:
    """The set is not tuned to its values: forms hold for any."""
    from kubelint_rules.secrets.credentials import credentials_in
    from kubelint_rules.secrets.pairs import named_credential

    made = [(kind, kind.make(f"other {seed}")) for kind in KINDS if kind.group == group for seed in range(20)]
    missed = [kind.name for kind, value in made if not (credentials_in(value) or named_credential(kind.key, value))]
    assert len(missed) <= (0 if group in ("key", "password") else 0.02 * len(made))


def pieces(planted_values: list[Planted]) -> set[str]:
    """What would give a value away: each line of it, what follows a URL's user, and either in base64."""
    hidden: set[str] = set()
    for one in planted_values:
        value = one.value.partition("://")[2].partition(":")[2].partition("@")[0] if "@db." in one.value else one.value
        for line in value.strip().split("\n"):
            if line and not line.startswith("-----"):
                hidden |= {line, line[8:40] if len(line) > 48 else line}
        encoded = base64.b64encode(value.encode()).decode().rstrip("=")
        hidden |= {encoded, encoded[:40] if len(encoded) > 48 else encoded}
    return hidden


def written(folder: Path) -> str:
    """Everything in the files of `folder`."""
    return "".join(path.read_text(errors="replace") for path in sorted(folder.rglob("*")) if path.is_file())


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_nothing_of_a_credential_gets_out(
    kind: Kind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    root, cache, out = tmp_path / "tree", tmp_path / "cache", tmp_path / "out"
    monkeypatch.setenv("KUBELINT_CACHE_DIR", str(cache))
    out.mkdir()
    hidden = pieces(planted(root, kind))
    assert any(piece in written(root) for piece in hidden)
    formats = [word for name in FORMATS for word in ("--format", name, "--output", str(out / name))]
    code = run(["check", str(root), "--root", str(root), "-v", "--show-files", *formats])
    console = "".join(capfd.readouterr())
    assert code == 1, console
    told = {name: (out / name).read_text() for name in FORMATS}
    assert run(["baseline", "write", str(root), "--root", str(root), "--baseline", str(out / "baseline")]) == 0
    assert run(["baseline", "show", str(root), "--root", str(root), "--baseline", str(out / "baseline")]) == 0
    told |= {"baseline": (out / "baseline").read_text(), "console": console + "".join(capfd.readouterr())}
    told["cache"] = written(cache) if cache.exists() else ""
    assert [(name, len(piece)) for name, text in told.items() for piece in hidden if piece in text] == []
    assert len(json.loads(told["json"])["findings"]) >= len(PLACES)
    assert sum(entry["count"] for entry in json.loads(told["baseline"])["findings"]) >= len(PLACES)


@pytest.mark.parametrize("name", ["private-key", "provider-token", "credentials-in-url", "plaintext-secret"])
def test_a_rule_that_crashes_over_a_credential_does_not_tell_it(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = next(entry for entry in REGISTRY.matching(Category.SECRETS) if entry.meta.id == name)

    def crash(*_: Any) -> None:
        raise ValueError(" ".join(hidden))

    hidden = pieces(planted(tmp_path, KINDS[7]))
    monkeypatch.setattr(entry.rule, "check", crash)
    report = lint_tree(tmp_path)
    assert report.crashed
    for reporter in FORMATS:
        text = rendered(reporter, report)
        assert [len(piece) for piece in hidden if piece in text] == []


def rendered(name: str, report: Any) -> str:
    """The report in one format."""
    from kubelint.reporters import reporter
    from kubelint.reporters.style import Style

    return reporter(name)(report, Style())
