"""Selection, severities, order, crashes, and what a report says of a run."""

from functools import cached_property

import pytest
from linting import REGISTRY, TODAY, ids, lint_texts

from kubelint.checks import Category, ObjectRule, ProjectRule, RuleMeta, Severity
from kubelint.checks.registry import DuplicateRule, Registry, RuleEntry
from kubelint.config.model import IgnoreEntry, Profile, RuleSetting, Settings
from kubelint.engine.linter import Input, Linter
from kubelint.engine.selection import UnknownSelector, select_rules
from kubelint.manifests import Project
from kubelint.reporters import reporter
from kubelint.reporters.style import Style
from kubelint.sources import SourceFile, read_documents
from kubelint.sources.text_files import TextFile, TextKind

MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: shop}\ndata: {a: '1', a: '2'}\n"


def meta(rule_id, **more):
    given = {"severity": Severity.WARNING, "category": Category.DNS, "summary": "a test", "since": "0.1.0", **more}
    return RuleMeta(id=rule_id, **given)


class Crashes(ObjectRule):
    """A rule that crashes on ConfigMaps."""

    meta = meta("test-crashes")
    kinds = frozenset({"ConfigMap"})

    def check(self, obj):
        yield self.finding("before the crash", at=obj)
        raise ValueError(f"do not show {obj.name}")


class ProjectCrashes(ProjectRule):
    """A project rule that crashes."""

    meta = meta("test-project-crashes")

    def check(self, project):
        raise KeyError("secret value")


class PointsAtMissing(ObjectRule):
    """Points at fields that are not there."""

    meta = meta("test-missing")

    def check(self, obj):
        yield self.finding("missing at the top", at=obj.field("spec", "replicas"))
        yield self.finding("missing below", at=obj.field("data", "b", "c"))


def with_rules(*rules):
    internal = REGISTRY.get("internal-error")
    return Registry([internal, REGISTRY.get("duplicate-key"), *map(RuleEntry.of, rules)])


def run(registry, files, **settings):
    sources = [read_documents(name, text) for name, text in files.items()]
    return Linter(registry, Settings(**settings), TODAY).run(Input(sources))


@pytest.mark.parametrize("rule", [Crashes, ProjectCrashes])
def test_a_crash_is_a_finding_and_the_others_still_report(rule):
    report = run(with_rules(rule), {"map.yaml": MAP})
    assert report.crashed and report.exit_code(None) == 2
    crash = next(finding for finding in report.findings if finding.meta.id == "internal-error")
    assert rule.meta.id in crash.message and "test_linter.py:" in crash.message
    assert "settings" not in crash.message and "secret value" not in crash.message
    assert "duplicate-key" in ids(report)


def test_a_crash_over_the_project_is_shown_though_the_first_files_are_not_wanted_or_have_no_document():
    texts = {"a.yaml": MAP, "b.yaml": "{{ if .x }}\na: b\n{{ end }}\n", "c.yaml": MAP}
    sources = [read_documents(name, text) for name, text in texts.items()]
    given = Input(sources, frozenset({"b.yaml", "c.yaml"}))
    report = Linter(with_rules(ProjectCrashes), Settings(), TODAY).run(given)
    crash = next(finding for finding in report.findings if finding.meta.id == "internal-error")
    assert crash.place.path == "b.yaml" and crash.place.start == (1, 1)
    assert "internal-error" in reporter("full")(report, Style())


@pytest.mark.parametrize("view", ["releases", "pods", "unread"])
def test_a_reader_that_crashes_is_a_finding_where_it_was_and_the_rules_still_report(monkeypatch, view):
    def read(project):
        obj = project.find("ConfigMap", "settings")[1]
        raise KeyError(obj.name)

    crashing = cached_property(read)
    crashing.__set_name__(Project, view)
    monkeypatch.setattr(Project, view, crashing)
    report = run(with_rules(), {"a.yaml": MAP, "b.yaml": MAP})
    crash = next(finding for finding in report.findings if finding.meta.id == "internal-error")
    assert report.crashed and crash.place.path == "b.yaml" and crash.place.start == (3, 18)
    assert crash.message.startswith(f"the reader of {view} crashed: KeyError at test_linter.py:")
    assert ids(report).count("duplicate-key") == 2


def test_a_renderer_that_crashes_is_a_finding_and_what_is_written_is_still_checked():
    def render(project, holds_secret):
        raise ValueError("do not show this")

    given = Input([read_documents("a.yaml", MAP)], render=render)
    report = Linter(with_rules(), Settings(), TODAY).run(given)
    crash = next(finding for finding in report.findings if finding.meta.id == "internal-error")
    assert report.crashed and crash.message.startswith("the renderer crashed: ValueError at test_linter.py:")
    assert "duplicate-key" in ids(report)


def test_a_crash_where_only_text_is_wanted():
    text = TextFile("notes.md", TextKind.MARKDOWN, lambda: SourceFile("notes.md", "hello"))
    given = Input([read_documents("a.yaml", MAP)], frozenset({"notes.md"}), texts=(text,))
    report = Linter(with_rules(ProjectCrashes), Settings(), TODAY).run(given)
    assert [(finding.meta.id, finding.place.path) for finding in report.findings] == [("internal-error", "notes.md")]


def test_what_a_rule_found_before_it_crashed_is_kept():
    assert "test-crashes" in ids(run(with_rules(Crashes), {"map.yaml": MAP}))


def test_a_missing_field_points_at_its_nearest_ancestor():
    report = run(with_rules(PointsAtMissing), {"map.yaml": MAP}, select=("test-missing",))
    shown = {finding.message: (finding.place.start, finding.place.end) for finding in report.findings}
    assert shown["missing at the top"] == ((3, 18), (3, 26))
    assert shown["missing below"] == ((4, 1), (4, 5))
    assert {finding.field for finding in report.findings} == {"spec.replicas", "data.b.c"}


def test_two_rules_of_one_name_are_refused():
    with pytest.raises(DuplicateRule):
        Registry([RuleEntry.of(Crashes), RuleEntry.of(type("Other", (Crashes,), {"meta": Crashes.meta}))])


def chosen(**settings):
    return {entry.meta.id for entry in select_rules(REGISTRY, Settings(**settings))}


def test_profiles():
    everything = {entry.meta.id for entry in REGISTRY}
    assert chosen(profile=Profile.STRICT) == everything
    assert chosen() == {entry.meta.id for entry in REGISTRY if entry.meta.default}
    assert chosen(profile=Profile.MINIMAL) == {
        entry.meta.id for entry in REGISTRY if entry.meta.default and entry.meta.severity is Severity.ERROR
    }


def test_selection():
    dns = {entry.meta.id for entry in REGISTRY if entry.meta.category is Category.DNS}
    assert chosen(select=("dns",)) == dns
    assert chosen(select=("ALL",), deselect=("dns",)) == {entry.meta.id for entry in REGISTRY} - dns
    assert chosen(select=("incident:4", "duplicate-key")) == dns | {"duplicate-key"}
    assert "duplicate-key" not in chosen(rules={"duplicate-key": RuleSetting(off=True)})
    assert chosen(select=("duplicate-key",), rules={"duplicate-key": RuleSetting(off=True)}) == {"duplicate-key"}


@pytest.mark.parametrize(
    ("word", "near"), [("dns-single-replika", "dns-single-replica"), ("secret", "secrets"), ("xyzzy", None)]
)
def test_unknown_selectors_name_the_nearest(word, near):
    with pytest.raises(UnknownSelector) as caught:
        chosen(select=(word,))
    assert caught.value.suggestion == near


def test_configured_severity_decides_the_exit_code():
    settings = {"rules": {"duplicate-key": RuleSetting(Severity.INFO)}}
    report = lint_texts({"map.yaml": MAP}, **settings)
    assert [finding.severity for finding in report.findings] == [Severity.INFO]
    levels = (Severity.ERROR, Severity.WARNING, Severity.INFO, None)
    assert [report.exit_code(level) for level in levels] == [0, 0, 1, 0]


@pytest.mark.parametrize(
    ("entry", "silenced"),
    [
        (IgnoreEntry(("duplicate-key",)), True),
        (IgnoreEntry(("inputs",)), True),
        (IgnoreEntry(("dns",)), False),
        (IgnoreEntry(("duplicate-key",), paths=("apps/**",)), True),
        (IgnoreEntry(("duplicate-key",), paths=("other/**",)), False),
        (IgnoreEntry(("duplicate-key",), objects=("ConfigMap/shop/settings",)), True),
        (IgnoreEntry(("duplicate-key",), objects=("ConfigMap/settings",)), True),
        (IgnoreEntry(("duplicate-key",), objects=("ConfigMap/other/settings",)), False),
        (IgnoreEntry(("duplicate-key",), until=TODAY), True),
        (IgnoreEntry(("duplicate-key",), until=TODAY.replace(day=1)), False),
    ],
)
def test_ignore_entries(entry, silenced):
    report = lint_texts({"apps/map.yaml": MAP}, ignore=(entry,))
    assert (ids(report) == []) is silenced and report.suppressed == silenced


def test_only_wanted_files_are_reported_but_all_are_read():
    sources = [read_documents(name, MAP) for name in ("a.yaml", "b.yaml")]
    report = Linter(REGISTRY, Settings(), TODAY).run(Input(sources, frozenset({"b.yaml"})))
    assert [finding.place.path for finding in report.findings] == ["b.yaml"]
    assert report.files == ["b.yaml"] and report.objects == 1


def test_findings_are_in_order_whatever_the_order_of_files():
    files = {f"{name}.yaml": MAP for name in "cab"}
    one, other = lint_texts(files), lint_texts(dict(reversed(files.items())))
    assert [f.place for f in one.findings] == [f.place for f in other.findings] == sorted(f.place for f in one.findings)
    assert [f.fingerprint for f in one.findings] == [f.fingerprint for f in other.findings]


def test_fingerprints_do_not_move_with_lines_and_tell_findings_apart():
    report = lint_texts({"map.yaml": MAP})
    moved = lint_texts({"map.yaml": f"# a comment\n\n{MAP}"})
    assert report.findings[0].fingerprint == moved.findings[0].fingerprint
    twice = lint_texts({"map.yaml": MAP.replace("a: '2'", "a: '2', a: '3'")})
    assert len({finding.fingerprint for finding in twice.findings}) == 2
