"""Every format on text that wants to be more than text: it stays valid, and nothing but text arrives anywhere."""

import json
import re
import unicodedata
from collections import Counter
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest
import xmlschema
from adversarial import NASTY, report, runner_commands, tree
from code_scanning import links, path_of, violations
from jsonschema import Draft4Validator, Draft202012Validator
from linting import lint_texts
from markdown_it import MarkdownIt

from kubelint.cli.main import run
from kubelint.reporters import FORMATS, reporter
from kubelint.reporters.report_schema import FINDING, REPORT_SCHEMA
from kubelint.reporters.style import Style, clean

DATA = Path(__file__).parents[1] / "data"
SARIF = Draft4Validator(json.loads((DATA / "sarif-2.1.0.json").read_text(encoding="utf-8")))
GITLAB = Draft202012Validator(json.loads((DATA / "gitlab-code-quality.json").read_text(encoding="utf-8")))
JUNIT = xmlschema.XMLSchema(str(DATA / "junit.xsd"))
MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
_LONE = re.compile("[\ud800-\udfff]")


@pytest.fixture(scope="module", params=["read", "made"])
def reports(request):
    make = {"read": lambda text: lint_texts(tree(text), select=("ALL",)), "made": report}[request.param]
    return {name: make(text) for name, text in NASTY.items()}


@pytest.fixture(params=NASTY)
def found(request, reports):
    return reports[request.param]


def shown(form, found):
    return reporter(form)(found, Style())


def loaded(text):
    """The data of a JSON text in which every string is a text that can be written."""
    data = json.loads(text)
    assert not _LONE.search(json.dumps(data, ensure_ascii=False))
    return data


def test_there_is_something_to_show(reports):
    for name, found in reports.items():
        assert len(found.findings) >= 3, name
        if name not in ("no characters", "half a character"):  # no YAML holds them
            assert any(one.meta.id == "duplicate-key" for one in found.findings) or len(found.findings) == 3, name


def test_the_text_is_as_bad_as_it_says():
    assert {name for name, text in NASTY.items() if runner_commands(text)} == {
        "command",
        "command after blanks",
        "old command",
        "old command after an ignored character",
        "lines",
    }
    made = {tag for text in NASTY.values() for tag, *_ in Text(MARKDOWN.render(text)).tags}
    assert {"script", "img", "a", "em", "strong", "s", "code"} <= made


@pytest.mark.parametrize("form", FORMATS)
def test_no_control_character_reaches_the_terminal(form, found):
    text = shown(form, found)
    assert text.encode().decode() == text
    assert {one for one in text if unicodedata.category(one) in ("Cc", "Cf", "Zl", "Zp", "Cs")} <= {"\n"}
    assert text.endswith("\n")


@pytest.mark.parametrize("form", FORMATS)
def test_the_runner_takes_nothing_for_a_command_but_what_is_one(form, found):
    commands = runner_commands(shown(form, found))
    assert [name for name, _, _ in commands] == [
        {"info": "notice"}.get(one.severity, one.severity.value)
        for one in sorted(found.findings, key=lambda one: one.severity.rank)
        if form == "github"
    ]


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_report_has_the_same_bytes(form, found):
    assert shown(form, found) == shown(form, found)


def test_concise_is_one_line_for_each(found):
    lines = shown("concise", found).splitlines()
    assert len(lines) == len(found.findings)
    assert all(re.match(r".+:\d+:\d+: (error|warning|info)\[[a-z0-9-]+\] .", line) for line in lines)


def test_grouped_is_one_line_for_each_below_its_file(found):
    *blocks, last = shown("grouped", found).split("\n\n")
    assert len(blocks) == len({one.place.path for one in found.findings})
    assert sum(len(block.splitlines()) - 1 for block in blocks) == len(found.findings)
    assert last.startswith("Found ")


def test_json_is_what_its_schema_says(found):
    data = loaded(shown("json", found))
    assert not list(Draft202012Validator(REPORT_SCHEMA).iter_errors(data))
    assert [one["rule"] for one in data["findings"]] == [one.meta.id for one in found.findings]


def test_jsonl_is_a_finding_a_line(found):
    lines = [loaded(line) for line in shown("jsonl", found).split("\n")[:-1]]
    assert lines == loaded(shown("json", found))["findings"]
    assert not [error for line in lines for error in Draft202012Validator(FINDING).iter_errors(line)]


def test_sarif_is_what_github_takes(found):
    data = loaded(shown("sarif", found))
    assert not list(SARIF.iter_errors(data)) and violations(data) == []
    results = data["runs"][0]["results"]
    ordered = sorted(found.findings, key=lambda one: one.severity.rank)
    for result, finding in zip(results, ordered, strict=True):
        linked = [clean(near.text) or "here" for near in finding.related]
        assert all(linked[int(number) - 1] == text for number, text in links(result).items())
        if "\ud800" not in finding.place.path:
            assert path_of(result) == finding.place.path


def test_gitlab_is_what_gitlab_documents(found):
    text = shown("gitlab", found)
    data = loaded(text)
    assert text[0] == "[" and not list(GITLAB.iter_errors(data))
    assert len({one["fingerprint"] for one in data}) == len(data) == len(found.findings)


def test_junit_is_what_its_schema_says(found):
    text = shown("junit", found)
    JUNIT.validate(text)
    data = JUNIT.to_dict(text)
    outcomes = Counter(
        one for suite in data["testsuite"] for one in ("failures", "skipped") for _ in range(suite[f"@{one}"])
    )
    rules = {(one.place.path, one.meta.id): one.severity.value for one in found.findings if one.severity != "info"}
    assert outcomes["failures"] == len(rules)


class Text(HTMLParser):
    """The cells of a table, and the tags that there are."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.cells, self.is_in_cell = set(), [], False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.add((tag, *attrs))
        self.is_in_cell |= tag == "td"
        self.cells += [""] * (tag == "td")
        if tag == "br":
            self.handle_data("\n")

    def handle_endtag(self, tag):
        self.is_in_cell &= tag != "td"

    def handle_data(self, data):
        if self.is_in_cell:
            self.cells[-1] += data


def test_the_summary_is_inert(found):
    source = shown("summary", found)
    page = Text(MARKDOWN.render(source))
    assert page.tags <= {
        (tag,) for tag in ["h3", "p", "table", "thead", "tbody", "tr", "th", "td", "code", "span", "br"]
    }
    rows = [page.cells[at : at + 4] for at in range(0, len(page.cells), 4)]
    ordered = sorted(found.findings, key=lambda one: one.severity.rank)
    for row, finding in zip(rows, ordered, strict=True):
        severity, rule, place, text = row
        assert (severity, rule) == (finding.severity.value, finding.meta.id)
        assert place.strip() == clean(f"{finding.place.path}:{finding.place.start.line}", 4096).strip()
        said = "\n".join(clean(part).strip() for part in (finding.message, finding.help_text) if part)
        assert squeezed(text) == squeezed(said)


def squeezed(text):
    return "\n".join(" ".join(line.replace("`", "").split(" ")).strip() for line in text.strip().split("\n"))


def test_the_summary_has_nothing_that_github_links(found):
    source = shown("summary", found)
    outside = re.sub(r"<code>.*?</code>", "", source)
    outside = unescape(re.sub(r"<span>[^<]*</span>", " ", outside))
    assert not re.search(r"@\w|#\d|://|\$|:\w+:", outside) and "www." not in source


def test_annotations_say_what_was_found_and_where(found):
    commands = runner_commands(shown("github", found))
    ordered = sorted(found.findings, key=lambda one: one.severity.rank)
    for (_, properties, data), finding in zip(commands, ordered, strict=True):
        assert data.split("\n")[0] == clean(finding.message).replace("\ufe0f", "")
        if finding.place.path.isprintable():
            assert properties["file"] == finding.place.path.replace("\ufe0f", "")
        assert ("col" in properties) == (finding.place.start.line == finding.place.end.line)


NAMES = {name: text.replace("/", "∕")[:60] for name, text in NASTY.items() if "\ud800" not in text}


@pytest.mark.parametrize("form", FORMATS)
def test_files_of_such_names_in_a_job(form, tmp_path, monkeypatch, capfdbinary):
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    for text in NAMES.values():
        for name, content in tree(text).items():
            if name.count("/") == 0:
                (tmp_path / name).write_bytes(content.encode(errors="replace"))
    output = tmp_path / "out.txt"
    arguments = ["--root", str(tmp_path), "--no-config", "--show-files", "--color", "never", "--format", form]
    code = run(["check", str(tmp_path), *arguments])
    told = capfdbinary.readouterr()
    assert code == 1 and run(["check", str(tmp_path), *arguments, "--output", str(output)]) == 1
    log = told.out.decode() + told.err.decode()
    assert {one for one in log if unicodedata.category(one) in ("Cc", "Cf", "Zl", "Zp", "Cs")} <= {"\n"}
    names = Counter(name for name, _, _ in runner_commands(log))
    assert all(number <= 10 for number in names.values()) and bool(names) == (form == "github")
    if form != "json":  # whose duration differs
        assert output.read_bytes() == told.out
