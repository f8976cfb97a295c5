"""Entries of `ignore` in the configuration that silence nothing, or are past their day."""

from __future__ import annotations

from pathlib import Path

import pytest
from linting import REGISTRY, TODAY

from kubelint.cli.main import run
from kubelint.cli.workspace import Request, Workspace
from kubelint.engine.linter import Linter
from kubelint.engine.report import Report

TWICE = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {level: info, level: debug}
"""
CHART = "apiVersion: v2\nname: web\nversion: 1.0.0\n"
TEMPLATE = "{{ if .Values.on }}\nkind: ConfigMap\n{{ end }}\n"
LEFT = """\
# ours
ignore:
  # they meet once a year
  - rules: [duplicate-key]  # both
    objects: [ConfigMap/settings]
"""


def lint(root: Path, ignore: str, *paths: str, **request: object) -> Report:
    (root / "kubelint.yaml").write_text(f"ignore:\n{ignore}", encoding="utf-8")
    (root / "a.yaml").write_text(TWICE, encoding="utf-8")
    names = tuple(str(root / path) for path in paths or (".",))
    workspace = Workspace(Request(names, root=str(root), **{"render": "never", **request}), REGISTRY)
    return Linter(REGISTRY, workspace.settings, TODAY).run(workspace.read())


def said(report: Report) -> list[str]:
    about = [finding for finding in report.findings if finding.place.path == "kubelint.yaml"]
    lines = report.sources["kubelint.yaml"].lines if about else None
    return [
        f"{lines.position(finding.place.span.start).line} {finding.meta.id}: {finding.message}" for finding in about
    ]


UNUSED, EXPIRED = "unused-suppression: this suppression of", "expired-suppression: this suppression of"


@pytest.mark.parametrize(
    ("ignore", "expected"),
    [
        ("- rules: [duplicate-key]", []),
        ("- rules: [inputs]", []),
        ("- rules: [duplicate-key]\n  paths: [a.yaml]\n  objects: [ConfigMap/settings]", []),
        ("- rules: [duplicate-key]\n  until: 2026-11-23", []),
        ("- rules: [dns-single-replica]", [f"2 {UNUSED} `dns-single-replica` silences nothing"]),
        ("- rules: [nodes, dns]", [f"2 {UNUSED} `nodes`, `dns` silences nothing"]),
        ("- rules: [duplicate-key]\n  paths: [b.yaml]", [f"2 {UNUSED} `duplicate-key` silences nothing"]),
        ("- rules: [duplicate-key]\n  objects: [ConfigMap/x]", [f"2 {UNUSED} `duplicate-key` silences nothing"]),
        ("- rules:\n    - duplicate-key\n    - dns", [f"4 {UNUSED} `dns` silences nothing"]),
        (
            "- rules: [duplicate-key, dns]\n  until: 2026-11-22",
            [f"2 {EXPIRED} `duplicate-key`, `dns` ended on 2026-11-22"],
        ),
        ("- rules: [dns]\n- rules: [dns]", [f"{line} {UNUSED} `dns` silences nothing" for line in (2, 3)]),
        ("- rules: [duplicate-key]\n- rules: [duplicate-key]", []),
    ],
)
def test_an_entry_in_vain_is_a_finding(tmp_path: Path, ignore: str, expected: list[str]) -> None:
    assert said(lint(tmp_path, ignore)) == expected


@pytest.mark.parametrize("request_", [{"paths": ("a.yaml",)}, {"exclude": ("b/**",)}], ids=["paths", "exclude"])
def test_a_run_over_less_cannot_tell(tmp_path: Path, request_: dict[str, tuple[str, ...]]) -> None:
    assert said(lint(tmp_path, "- rules: [dns]", *request_.pop("paths", ()), **request_)) == []
    assert said(lint(tmp_path, "- rules: [dns]"))


def test_a_run_of_some_rules_cannot_tell(tmp_path: Path) -> None:
    assert said(lint(tmp_path, "- rules: [dns]"))
    workspace = Workspace(Request((str(tmp_path),), root=str(tmp_path)), REGISTRY)
    for chosen in ({"select": ("inputs", "dns")}, {"deselect": ("rbac",)}):
        report = Linter(REGISTRY, workspace.settings._replace(**chosen), TODAY).run(workspace.read())
        assert said(report) == []


def test_a_rule_that_is_off_is_not_missed(tmp_path: Path) -> None:
    off = "rules: {dns-single-replica: off}\n"
    assert said(lint(tmp_path, f"- rules: [dns-single-replica]\n{off}")) == []


def test_a_chart_that_is_not_rendered_may_be_what_it_is_for(tmp_path: Path) -> None:
    (tmp_path / "chart" / "templates").mkdir(parents=True)
    (tmp_path / "chart" / "Chart.yaml").write_text(CHART, encoding="utf-8")
    assert said(lint(tmp_path, "- rules: [dns]"))
    (tmp_path / "chart" / "templates" / "map.yaml").write_text(TEMPLATE, encoding="utf-8")
    assert said(lint(tmp_path, "- rules: [dns]")) == []


def test_the_fix_takes_out_what_is_in_vain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    gone = "  - rules: [dns]\n    reason: was\n  - rules: [rbac, nodes]\n    until: 2020-01-31\n"
    written = LEFT.replace("[duplicate-key]", "[duplicate-key, private-key]") + gone
    Path("kubelint.yaml").write_text(written, encoding="utf-8")
    Path("a.yaml").write_text(TWICE, encoding="utf-8")
    assert run(["--fix", "."]) == 0
    assert Path("kubelint.yaml").read_text(encoding="utf-8") == LEFT
