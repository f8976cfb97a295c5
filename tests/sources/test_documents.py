"""Files of many documents: what is read, what is broken and where, what is a template."""

import pytest

from kubelint.sources import SourceFile, read_documents


def read(text: str, path: str = "a.yaml") -> SourceFile:
    return read_documents(path, text)


def values(source: SourceFile) -> list[object]:
    return [document.value for document in source.documents]


def shown(source: SourceFile) -> list[str]:
    return [source.text[problem.span.start : problem.span.end] for problem in source.problems]


BROKEN = [
    ("a: [b\n", "\n"),
    ("a: b: c\n", ":"),
    ("a: 'b\n", "'"),
    ("a: *b\n", "*"),
    ("a: @b\n", "@"),
    ("a: b\n  c: d\n", ":"),
    ("a:\n\tb: c\n", "\t"),
    ("a: b\nc\n", "c"),
    ("a: \x07\n", "\x07"),
    ("- a\nb: c\n", "b"),
    ("a: &x [*x]\n", "*"),
    ("a: !x!y z\n", "!"),
    ("[" * 500 + "\n", "["),
]


@pytest.mark.parametrize("broken", [text for text, _ in BROKEN])
@pytest.mark.parametrize("pure", [False, True], ids=["libyaml", "pure"])
def test_the_other_documents_are_read(broken: str, pure: bool) -> None:
    text = f"one: 1\n---\n{broken}---\ntwo: 2\n---\n{broken}--- # c\nthree: é # d\n"
    source = read_documents("a.yaml", text, pure=pure)
    assert values(source) == [{"one": 1}, {"two": 2}, {"three": "é"}]
    assert [document.index for document in source.documents] == [0, 1, 2]
    assert len(source.problems) == 2
    for document, key, value in zip(source.documents, ("one", "two", "three"), "12é", strict=True):
        place = document.locate((key,))
        assert place is not None
        assert place.key is not None
        assert text[place.node.span.start : place.node.span.end] == value
        assert text[place.key.span.start : place.key.span.end] == key


@pytest.mark.parametrize(("broken", "character"), BROKEN)
def test_problems_point_at_a_character_of_the_broken_document(broken: str, character: str) -> None:
    before = "é: 🦀\n---\n"
    source = read(f"{before}{broken}---\ntwo: 2\n")
    [problem] = source.problems
    assert problem.message
    assert problem.span.start >= len(before)
    assert problem.span.end <= len(before + broken) + 3
    assert shown(source) == [character] or character == "\n"


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_breaks_between_documents(newline: str) -> None:
    lines = ["a: [", "--- |", "  --- x", "  b", "---", "c: '", "---x'", "--- ", "d: 1", "---"]
    source = read(newline.join(lines))
    assert values(source) == ["--- x\nb\n", {"c": " ---x"}, {"d": 1}, None]
    assert len(source.problems) == 1


def test_many_broken_documents_end_somewhere() -> None:
    problems = read("---\na: [\n" * 1000).problems
    assert len(problems) == 21 and "the rest of it was not tried" in problems[-1].message


@pytest.mark.parametrize("text", ["", "\n", "# comment\n", "---\n"])
def test_empty_files(text: str) -> None:
    source = read(text)
    assert (source.problems, source.skipped) == ([], None)
    assert values(source) in ([], [None])


def test_problem_at_the_end_of_a_file() -> None:
    source = read("a: [b")
    assert shown(source) == ["b"]
    assert shown(read("[")) == ["["]


RULE = """\
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
spec:
  groups:
    - name: a
      rules:
        - alert: Down
          expr: up == 0
          annotations:
            summary: "{{ $labels.instance }} is down"
            description: |
              {{ range query "up" }}
              {{ if gt .Value 1.0 }}{{ .Labels.job }}{{ end }}
              {{ end }}
"""


def test_alerting_rules_are_no_template() -> None:
    assert read(RULE).skipped is None
    assert len(read(RULE).documents) == 1


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("expr: up == 0", "expr: up: 0", 8),
        ('is down"', "is down", 12),  # the text ends at the next quote
        ("          annotations:", "         annotations:", 9),
        ("- alert: Down", "- alert: 'Down", 7),
        ('"{{ $labels.instance }} is down"', "{{ $labels.instance }} is down", 10),
    ],
)
def test_mistakes_in_alerting_rules_are_reported(old: str, new: str, line: int) -> None:
    assert old in RULE
    source = read(RULE.replace(old, new) + "---\na: 1\n")
    assert source.skipped is None
    [problem] = source.problems
    assert abs(source.lines.position(problem.span.start).line - line) <= 1
    assert {"a": 1} in values(source)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a: 1\n{{- if .Values.x }}\nb: 2\n{{- end }}\n", "helm-template"),
        ('metadata:\n  labels: {{- include "x" . | nindent 4 }}\n  a: b\n', "helm-template"),
        ("a: {{ .Values.x }}-{{ .Values.y }}\n", "helm-template"),
        ("a: {{ .Values.x }}:{{ .Values.y }}\nb: [\n", "helm-template"),
        ('{{- define "x" -}}\na: b\n{{- end -}}\n', "helm-template"),
        ("spec:\n  {{- with .Values.y }}\n  a:\n    {{- toYaml . | nindent 4 }}\n  {{- end }}\n", "helm-template"),
        ("{{- /*\n  a: [\n*/ -}}\na: 1\nb\n", "helm-template"),
        ("{{- range $k, $v := .Values.x }}\n- {{ $k }}: {{ $v }}\n{{- end }}\n", "helm-template"),
        ('{{ include "x" . }}\n', "helm-template"),
        ("hosts:\n{% for h in hosts %}\n  - {{ h }}\n{% endfor %}\n", "helm-template"),
        ("{% helm %}\na: 1\n{% endhelm %}\n", "template"),
        ("a:\n<% if x %>\n  b: 1\n<% end %>\n", "template"),
        ("a: @NODE@\n", "template"),
        ("a: [b.${DOMAIN}:80]\n", "template"),
        ("%{ for a in b }\na: 1\n%{ endfor }\n", "template"),
    ],
)
def test_templates_are_skipped(text: str, reason: str) -> None:
    source = read(text)
    assert source.skipped == reason
    assert (source.documents, source.problems) == ([], [])


@pytest.mark.parametrize(
    ("text", "documents", "reason"),
    [
        ("a: '{{ x }}'\nb: 1\n", 1, None),
        ("# {{ ansible_managed }}\na: 1\n---\nb: v{{ x }}\n", 2, None),
        ("a: 1\n#{% if x %}\nb: 1\n#{% endif %}\n", 0, "template"),
        ("{% if x %}\na: 1\n{% endif %}\n", 0, "template"),
        ("a: {{ x }}/{{ y }}\n", 0, "template"),
        ("{{ x | to_nice_yaml }}\n", 0, "template"),
    ],
)
def test_a_jinja_template_is_read_where_it_only_fills_in_values(text: str, documents: int, reason: str | None) -> None:
    source = read(text, "roles/dns/templates/coredns.yaml.j2")
    assert (len(source.documents), source.skipped, source.problems) == (documents, reason, [])


def test_what_breaks_in_a_chart_is_a_template() -> None:
    text = 'a: "{{ .x }}"\nb: [\n'
    assert read(text, "chart/templates/a.yaml").skipped == "helm-template"
    assert read(text).skipped is None


@pytest.mark.parametrize(
    "text",
    [
        "a: {{ .x }}\nb: '{{ .y }}'\nc: $(Z)\nd: ${E}\n",
        "{{ .x }}: a\n",
        "- {{ item }}\n",
    ],
)
def test_templates_that_are_yaml_are_read(text: str) -> None:
    source = read(text)
    assert source.skipped is None
    assert len(source.documents) == 1


@pytest.mark.parametrize("text", ["a: [\n# {{- if x }}\n", "# {{ x }}\na: 'b\n", "a: 'b {{ x }}'\nc: d: e\n"])
def test_mentions_of_templates_excuse_nothing(text: str) -> None:
    assert read(text).skipped is None
    assert len(read(text).problems) == 1


def test_very_many_braces_take_no_time() -> None:
    assert read("{{ " * 100_000).documents == []
    assert read("a: {{ b }} {{ c }}\n" * 20_000).skipped == "helm-template"
    assert read("{{ " + "x" * 1_000_000 + " }}a: b: c\n").documents == []


def test_helm_source() -> None:
    source = read(
        "---\n# Source: chart/templates/a.yaml\na: 1\n---\n# Source: chart/b.yaml\n\n# d\nb: 1\n---\nc: '# Source: x'\n"
    )
    assert [document.helm_source for document in source.documents] == [
        "chart/templates/a.yaml",
        "chart/b.yaml",
        None,
    ]
    assert read("# Source: x/y.yaml\na: 1\n").documents[0].helm_source == "x/y.yaml"


def test_lists_are_documents_like_others() -> None:
    text = "kind: List\nitems:\n- kind: Pod\n- kind: Service\n"
    [document] = read(text).documents
    place = document.locate(("items", 1, "kind"))
    assert place is not None
    assert text[place.node.span.start : place.node.span.end] == "Service"


def test_positions_in_crlf_files() -> None:
    source = read("a: 1\r\nb: é\r\nc: 🦀 # x\r\n")
    place = source.documents[0].locate(("c",))
    assert place is not None
    assert source.lines.position(place.node.span.start) == (3, 4)
    assert source.lines.line(3) == "c: 🦀 # x"
    assert source.lines.offset(3, 4) == place.node.span.start
    assert (len(source.lines), source.lines.line(4)) == (4, "")


def test_duplicate_keys_are_noticed() -> None:
    assert [document.duplicate_keys for document in read("a: 1\na: 2\n---\nb: 1\n").documents] == [True, False]
