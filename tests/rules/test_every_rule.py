"""What holds for every rule: its page is complete, its examples are true, its fixtures say what they should, nothing
crashes it.
"""

import copy
import random
import re
from pathlib import Path

import pytest
import yaml
from invented import substitute
from linting import FIXTURES, REGISTRY, copied, ids, lint_texts, lint_tree

from kubelint.checks import EngineRule, ProblemRule, Severity, SuppressionRule
from kubelint.checks.pages import example_files, section
from kubelint.config.model import IgnoreEntry
from kubelint.reporters.full import render
from kubelint.reporters.style import Style

ENTRIES = [entry for entry in REGISTRY if not issubclass(entry.rule, EngineRule)]
IDS = [entry.meta.id for entry in ENTRIES]
RULES = FIXTURES / "rules"
every_rule = pytest.mark.parametrize("entry", ENTRIES, ids=IDS)
in_objects = pytest.mark.parametrize(
    "entry",
    [entry for entry in ENTRIES if not issubclass(entry.rule, SuppressionRule | ProblemRule)],
    ids=lambda entry: entry.meta.id,
)


def example(entry, title):
    return {file.name: substitute(file.text) for file in example_files(entry.rule, title)}


def selection(entry):
    return {} if entry.meta.default else {"select": (entry.meta.id,)}


def of_rule(report, entry):
    return [finding for finding in report.findings if finding.meta.id == entry.meta.id]


@every_rule
def test_its_page_is_complete(entry):
    for title in ("What it does", "Why it matters", "Example", "Use instead", "When to ignore"):
        assert section(entry.rule, title), f"no section {title}"
    meta = entry.meta
    assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)+", meta.id)
    assert 10 <= len(meta.summary) <= 90 and not meta.summary.endswith(".")
    assert re.fullmatch(r"\d+\.\d+\.\d+", meta.since)
    assert entry.rule.__module__.split(".")[-2:] == [meta.category.value, meta.id.replace("-", "_")]


@every_rule
def test_its_example_raises_it_and_nothing_else_that_matters(entry):
    report = lint_texts(example(entry, "Example"), **selection(entry))
    assert of_rule(report, entry), "the example does not raise the rule"
    others = [f for f in report.findings if f.meta.id != entry.meta.id and f.severity is not Severity.INFO]
    assert not others, [f.message for f in others]


@every_rule
def test_what_to_use_instead_is_clean(entry):
    report = lint_texts(example(entry, "Use instead"), **selection(entry))
    assert not of_rule(report, entry)
    assert not [f for f in report.findings if f.severity is not Severity.INFO]


@every_rule
def test_its_bad_fixture_is_reported_as_expected(entry, tmp_path, update_fixtures):
    folder = RULES / entry.meta.id
    about_suppressions = issubclass(entry.rule, SuppressionRule)  # they speak of rules that run
    report = lint_tree(copied(folder / "bad", tmp_path), select=() if about_suppressions else (entry.meta.id,))
    report.findings = of_rule(report, entry)
    assert report.findings
    assert not report.crashed
    text = render(report, Style())
    expected = folder / "expected.txt"
    if update_fixtures:
        expected.write_text(text, encoding="utf-8")
    assert text == expected.read_text(encoding="utf-8")


@every_rule
def test_it_offers_fixes_if_it_says_so(entry, tmp_path):
    about_suppressions = issubclass(entry.rule, SuppressionRule)
    bad = copied(RULES / entry.meta.id / "bad", tmp_path)
    findings = of_rule(lint_tree(bad, select=() if about_suppressions else (entry.meta.id,)), entry)
    assert any(finding.fixes for finding in findings) is entry.meta.fixable
    assert all(fix.title and fix.edits for finding in findings for fix in finding.fixes)


@every_rule
def test_its_good_fixture_is_silent(entry, tmp_path):
    folder = RULES / entry.meta.id / "good"
    assert any(folder.rglob("*.y*ml"))
    for select in ((entry.meta.id,), ()):
        report = lint_tree(copied(folder, tmp_path), select=select)
        report.findings = of_rule(report, entry)
        assert not report.findings, render(report, Style())


@in_objects
def test_a_comment_for_the_file_silences_it(entry):
    files = example(entry, "Example")
    findings = of_rule(lint_texts(files, **selection(entry)), entry)
    for name in {finding.place.path for finding in findings}:
        files[name] = f"# kubelint: ignore-file[{entry.meta.id}] a test\n{files[name]}"
    report = lint_texts(files, **selection(entry))
    assert not of_rule(report, entry)
    assert report.suppressed == len(findings)
    assert "unused-suppression" not in ids(report)


@in_objects
def test_a_comment_on_the_line_silences_it(entry):
    files = example(entry, "Example")
    findings = of_rule(lint_texts(files, **selection(entry)), entry)
    finding = findings[0]
    lines = files[finding.place.path].splitlines()
    row = finding.place.start.line - 1
    if lines[row].rstrip().endswith(("|", ">", "|-", ">-")) or finding.place.end.line != finding.place.start.line:
        pytest.skip("the finding's line opens a block scalar")
    lines[row] += f"  # kubelint: ignore[{entry.meta.id}] a test"
    files[finding.place.path] = "\n".join(lines) + "\n"
    report = lint_texts(files, **selection(entry))
    assert len(of_rule(report, entry)) < len(findings)
    assert not {"unused-suppression", "malformed-suppression"} & set(ids(report))


@in_objects
def test_the_configuration_silences_it(entry):
    files = example(entry, "Example")
    report = lint_texts(files, ignore=(IgnoreEntry((entry.meta.id,)),), **selection(entry))
    assert not of_rule(report, entry) and report.suppressed
    path = next(iter(files))
    report = lint_texts(files, per_file_ignores={Path(path).name: (entry.meta.category.value,)}, **selection(entry))
    assert path not in {finding.place.path for finding in of_rule(report, entry)}


@in_objects
def test_an_annotation_silences_it(entry):
    files = example(entry, "Example")
    findings = [f for f in of_rule(lint_texts(files, **selection(entry)), entry) if f.object and f.object.name]
    if not findings:
        pytest.skip("the finding is about no object")
    target = findings[0]
    files[target.place.path] = annotated(files[target.place.path], target.object, entry.meta.id)
    report = lint_texts(files, **selection(entry))
    assert len(of_rule(report, entry)) < len(of_rule(lint_texts(example(entry, "Example"), **selection(entry)), entry))
    assert "unused-suppression" not in ids(report)


def annotated(text, obj, rule_id):
    """The manifest with an annotation added to `obj`, everything else as it was written."""
    documents = re.split(r"(?m)^---$", text)
    for index, document in enumerate(documents):
        if not re.search(rf"(?m)^kind: {obj.kind}$", document) or not re.search(rf"\bname: {obj.name}\b", document):
            continue
        annotation = f"kubelint.dev/ignore.{rule_id}: a test"
        document, flow = re.subn(r"(?m)^metadata: \{", f"metadata: {{annotations: {{{annotation}}}, ", document)
        if not flow and re.search(r"(?m)^  annotations:$", document):
            document = re.sub(r"(?m)^  annotations:$", f"  annotations:\n    {annotation}", document)
        elif not flow:
            document = re.sub(r"(?m)^metadata:$", f"metadata:\n  annotations:\n    {annotation}", document)
        documents[index] = document
    return "---".join(documents)


WRONG = [None, [], {}, "text", 7, True, [None], ["a", 3], {"a": None}, [[{}]], "{{ .Values.x }}", "${VAR}"]


@every_rule
def test_no_mutation_of_its_fixture_crashes_anything(entry):
    if issubclass(entry.rule, ProblemRule):
        return
    chance = random.Random(entry.meta.id)
    folder = RULES / entry.meta.id / "bad"
    files = {
        path.relative_to(folder).as_posix(): list(yaml.safe_load_all(substitute(path.read_text(encoding="utf-8"))))
        for path in sorted(folder.rglob("*.y*ml"))
    }
    places = {
        name: [(i, place) for i, document in enumerate(documents) for place in paths(document)]
        for name, documents in files.items()
    }
    for _ in range(min(40, max(map(len, places.values()), default=0))):
        texts = {name: mutated(documents, chance, places[name]) for name, documents in files.items()}
        report = lint_texts(texts)
        assert not report.crashed, [f.message for f in report.findings if f.meta.id == "internal-error"]


def mutated(documents, chance, places):
    """The text of a file of which one thing is another."""
    index, place = chance.choice(places)
    documents = copy.deepcopy(documents)
    documents[index] = put(documents[index], place, chance.choice([*WRONG, "delete"]))
    return yaml.dump_all(documents, Dumper=yaml.CSafeDumper)


def paths(value, path=()):
    yield path
    if isinstance(value, dict):
        for key, item in value.items():
            yield from paths(item, (*path, key))
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from paths(item, (*path, index))


def put(root, path, value):
    if not path:
        return None if value == "delete" else value
    here = root
    for step in path[:-1]:
        here = here[step]
    if value == "delete":
        del here[path[-1]]
    else:
        here[path[-1]] = value
    return root
