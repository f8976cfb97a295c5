"""A change, as the engine sees it: what rules are told of before, and what is reported of what they find."""

from linting import REGISTRY, TODAY, changes, ids

from kubelint.checks import Category, ChangeRule, ObjectRule, RuleMeta, Severity
from kubelint.checks.registry import Registry, RuleEntry
from kubelint.config.model import Settings
from kubelint.engine.linter import Input, Linter
from kubelint.engine.reading import Reading
from kubelint.sources import SourceFile
from kubelint.sources.reading import read_bytes
from kubelint.sources.text_files import TextFile, TextKind

MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {}}}\ndata: {{a: '1'}}\n"


def meta(rule_id):
    return RuleMeta(rule_id, "a test", Category.DNS, Severity.WARNING, "0.1.0")


class Renamed(ChangeRule):
    """Finds what is called otherwise than before."""

    meta = meta("test-renamed")

    def check(self, before, project):
        for old, new in zip(before.all_objects, project.all_objects, strict=False):
            if old.name != new.name:
                yield self.finding(f"{old.name} is {new.name}", at=new.field("kind"))


class ChangeCrashes(ChangeRule):
    """Crashes."""

    meta = meta("test-change-crashes")

    def check(self, before, project):
        raise ValueError("secret value")


class Crashes(ObjectRule):
    """Crashes."""

    meta = meta("test-crashes")
    kinds = frozenset({"ConfigMap"})

    def check(self, obj):
        raise ValueError("secret value")


def given(before, now):
    data = [{name: text.encode() for name, text in files.items()} for files in (before, now)]
    sources = [read_bytes(name, text) for name, text in data[1].items()]
    return Input(sources, changes=changes(*data))


def run(before, now, *rules, given=given):
    registry = Registry([REGISTRY.get("internal-error"), REGISTRY.get("duplicate-key"), *map(RuleEntry.of, rules)])
    return Linter(registry, Settings(), TODAY).run(given(before, now))


def test_a_rule_is_shown_both_states():
    before, now = {"a.yaml": MAP.format("one")}, {"a.yaml": MAP.format("two")}
    assert [finding.message for finding in run(before, now, Renamed).findings] == ["one is two"]
    assert run(now, now, Renamed).findings == []


def test_it_does_not_run_where_nothing_is_known_of_before():
    def without(before, now):
        return given(before, now)._replace(changes=None)

    report = run({}, {"a.yaml": MAP.format("two")}, Renamed, ChangeCrashes, given=without)
    assert report.findings == [] and not report.crashed


def test_a_crash_is_reported_wherever_it_lies():
    files = {"a.yaml": MAP.format("one"), "b.yaml": MAP.format("one")}
    for rule in (Crashes, ChangeCrashes):
        report = run({**files, "b.yaml": ""}, files, rule)
        assert report.crashed and set(ids(report)) == {"internal-error"}
        assert "secret" not in report.findings[0].message


def test_an_earlier_state_that_cannot_be_made_sense_of_crashes_one_rule(monkeypatch):
    before, now = {"a.yaml": "a: ["}, {"a.yaml": MAP.format("one").replace("{a: '1'}", "{a: '1', a: '2'}")}
    assert ids(run(before, now, Renamed)) == ["duplicate-key"]
    monkeypatch.setattr(Reading, "_earlier", property(lambda self: 1 // 0))
    report = run(before, now, Renamed)
    assert report.crashed and set(ids(report)) == {"internal-error", "duplicate-key"}


def test_the_project_before_holds_what_was_there():
    def text(content):
        return lambda: SourceFile("hosts.ini", content)

    before = {"a.yaml": b"a: 1\n", "gone.yaml": b"b: 1\n", "hosts.ini": b"[old]\n"}
    now = {"a.yaml": b"a: 2\n", "new.yaml": b"c: 1\n", "hosts.ini": b"[new]\n"}
    same = read_bytes("same.yaml", b"d: 1\n")
    input_ = Input(
        [read_bytes("a.yaml", now["a.yaml"]), read_bytes("new.yaml", now["new.yaml"]), same],
        texts=(TextFile("hosts.ini", TextKind.INVENTORY, text("[new]\n")),),
        changes=changes(before, now),
    )
    project = Reading(input_, REGISTRY, Settings()).project
    assert {document.file: document.root.value for document in project.before.documents} == {
        "a.yaml": {"a": 1},
        "gone.yaml": {"b": 1},
        "same.yaml": {"d": 1},
    }
    assert [text.text for text in project.before.texts] == ["[old]\n"]
    assert project.before is project.before and project.before.before is None
    assert Reading(input_._replace(changes=None), REGISTRY, Settings()).project.before is None
