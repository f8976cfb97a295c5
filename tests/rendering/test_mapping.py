"""Where in a template a rendered field is written."""

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubelint.rendering.mapping import TemplateMap
from kubelint.rendering.template_lines import read_template
from kubelint.sources import Inside, SourceFile, Span, read_documents

DEPLOYMENT = """\
{{- if .Values.enabled }}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "web.name" . }}
  labels:
    {{- include "web.labels" . | nindent 4 }}
spec:
  replicas: {{ .Values.replicas }}
  template:
    spec:
      {{- with .Values.nodeSelector }}
      nodeSelector:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      initContainers:
      - name: prepare
        image: "busybox:{{ .Values.busybox }}"
      containers:
        - name: web
          image: web:1  # pinned
          args: ["--port", "80"]
          env:
            - name: MODE
              value: quiet
            - {name: LEVEL, value: "3"}
            {{- range $key, $value := .Values.env }}
            - name: {{ $key }}
              value: {{ $value | quote }}
            {{- end }}
          resources: {{- toYaml .Values.resources | nindent 12 }}
        - name: {{ .Values.sidecar }}-sidecar
          image: side:2
          "ports": [{containerPort: 80}]
{{- end }}
"""
RENDERED = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop-web
  labels:
    app: web
spec:
  replicas: 3
  template:
    spec:
      nodeSelector:
        disk: ssd
      initContainers:
      - name: prepare
        image: "busybox:1.37"
      containers:
        - name: web
          image: web:1
          args: ["--port", "80"]
          env:
            - name: MODE
              value: quiet
            - {name: LEVEL, value: "3"}
            - name: A
              value: "1"
            - name: B
              value: "2"
          resources:
            limits: {cpu: "1"}
        - name: proxy-sidecar
          image: side:2
          "ports": [{containerPort: 80}]
"""
POD = ("spec", "template", "spec")
TWO = """\
apiVersion: v1
kind: ServiceAccount
metadata:
  name: web
---
apiVersion: v1
kind: Service
metadata:
  name: web
---
apiVersion: v1
kind: Service
metadata:
  name: {{ .Release.Name }}-metrics
spec:
  type: {{ if .Values.public }}LoadBalancer{{ else }}ClusterIP{{ end }}
"""
TWO_RENDERED = """\
apiVersion: v1
kind: Service
metadata: {name: web}
---
apiVersion: v1
kind: Service
metadata: {name: a-metrics}
spec: {type: LoadBalancer}
"""
EITHER = """\
kind: Service
spec:
  {{- if .Values.public }}
  type: LoadBalancer
  {{- else }}
  type: ClusterIP
  {{- end }}
  ports:
  {{- range .Values.ports }}
  - port: {{ . }}
  {{- end }}
"""
EITHER_RENDERED = "kind: Service\nspec: {type: ClusterIP, ports: [{port: 1}, {port: 2}]}\n"
MAP = "kind: ConfigMap\ndata:\n  {{ $.Values.file }}.yaml: |\n    level: {{ .Values.level }}\n    other: 1\n"
MAP_RENDERED = "kind: ConfigMap\ndata:\n  app.yaml: |\n    level: debug\n    other: 1\n"


def found(template, rendered, document, path, part="value"):
    source = SourceFile("chart/templates/x.yaml", template)
    trace = TemplateMap(source, read_documents("chart/templates/x.yaml#1", rendered)).trace(document, path, part)
    assert trace.file == "chart/templates/x.yaml"
    return source.lines.position(trace.span.start).line, template[slice(*trace.span)]


@pytest.mark.parametrize(
    ("path", "line", "text"),
    [
        (("kind",), 3, "Deployment"),
        (("metadata", "name"), 5, '{{ include "web.name" . }}'),
        (("spec", "replicas"), 9, "{{ .Values.replicas }}"),
        (("spec", "strategy"), 8, "spec"),
        (("metadata", "labels", "app"), 6, "labels"),
        ((*POD, "nodeSelector", "disk"), 13, "nodeSelector"),
        ((*POD, "initContainers", 0, "image"), 18, '"busybox:{{ .Values.busybox }}"'),
        ((*POD, "containers", 0, "image"), 21, "web:1"),
        ((*POD, "containers", 0, "args", 1), 22, "args"),
        ((*POD, "containers", 0, "env", 0, "value"), 25, "quiet"),
        ((*POD, "containers", 0, "env", 2, "value"), 29, "{{ $value | quote }}"),
        ((*POD, "containers", 0, "resources", "limits", "cpu"), 31, "resources"),
        ((*POD, "containers", 1, "image"), 33, "side:2"),
        ((*POD, "containers", 1, "name"), 32, "{{ .Values.sidecar }}-sidecar"),
        ((*POD, "containers", 1, "ports", 0, "containerPort"), 34, '"ports"'),
        ((), 5, '{{ include "web.name" . }}'),
        (("nothing",), 5, '{{ include "web.name" . }}'),
    ],
)
def test_a_deployment(path, line, text):
    assert found(DEPLOYMENT, RENDERED, 0, path) == (line, text)


@pytest.mark.parametrize(
    ("template", "rendered", "document", "path", "line", "text"),
    [
        (TWO, TWO_RENDERED, 0, ("metadata", "name"), 9, "web"),
        (TWO, TWO_RENDERED, 0, ("kind",), 7, "Service"),
        (TWO, TWO_RENDERED, 1, ("metadata", "name"), 14, "{{ .Release.Name }}-metrics"),
        (TWO, TWO_RENDERED, 1, ("spec", "type"), 16, "{{ if .Values.public }}LoadBalancer{{ else }}ClusterIP{{ end }}"),
        (EITHER, EITHER_RENDERED, 0, ("spec", "type"), 6, "ClusterIP"),
        (EITHER, EITHER_RENDERED, 0, ("spec", "ports", 1, "port"), 10, "{{ . }}"),
        (EITHER, EITHER_RENDERED, 0, ("spec", "ports", 1), 10, "port: {{ . }}"),
        (MAP, MAP_RENDERED, 0, ("data", "app.yaml"), 3, "{{ $.Values.file }}.yaml"),
        (MAP, MAP_RENDERED, 0, ("data", "app.yaml", Inside(0), "level"), 4, "{{ .Values.level }}"),
        ('{{ include "all" . }}\n', "kind: Pod\nmetadata: {name: a}\n", 0, ("kind",), 1, '{{ include "all" . }}'),
        ("a: 1\nb: 2\na: 1\n", "a: 1\n", 0, ("a",), 1, "a: 1"),
        ("", "a: 1\n", 0, ("a",), 1, ""),
    ],
)
def test_other_templates(template, rendered, document, path, line, text):
    assert found(template, rendered, document, path) == (line, text)


def test_keys_are_pointed_at_too():
    assert found(DEPLOYMENT, RENDERED, 0, ("spec", "replicas"), "key") == (9, "replicas")


def test_text_is_found_by_its_line():
    template, rendered = "{{ if 1 }}\n# a comment\nx: [\n# twice\n# twice\n", "# a comment\nx: [\n# twice\n# twice\n"
    source = read_documents("t.yaml#1", rendered)
    lead = TemplateMap(SourceFile("t.yaml", template), source)
    for text, line in (("a comment", 2), ("x: [", 3), ("# twice", 1)):
        start = rendered.index(text)
        trace = lead.trace_span(Span(start, start + 1))
        assert SourceFile("t.yaml", template).lines.position(trace.span.start).line == line


words = st.text("ab{}-: .'\"#|[]\n  ", max_size=120)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text("ab", max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=2), inner, max_size=3),
    max_leaves=8,
)
steps = st.lists(st.text("ab", max_size=2) | st.integers(0, 2), max_size=4)


@given(words, words, steps)
def test_no_template_is_too_odd(template, rendered, path):
    source = SourceFile("t.yaml", template)
    trace = TemplateMap(source, read_documents("t.yaml#1", rendered)).trace(0, tuple(path), "value")
    assert 0 <= trace.span.start <= trace.span.end <= len(template)


def test_braces_that_nothing_closes():
    template = "x: 1\nk: {{ `}}" + "{{" * 200_000 + "\n` }}\n"
    assert found(template, "x: 1\nk: v\n", 0, ("k",))[0] in (1, 2)


def test_one_template_is_looked_at_only_so_often(monkeypatch):
    monkeypatch.setattr("kubelint.rendering.mapping._MOST", 5_000)
    template = "kind: List\nitems:\n" + "".join(f"- name: n{number}\n  a: 1\n" for number in range(500))
    lead = TemplateMap(SourceFile("t.yaml", template), read_documents("t.yaml#1", template))
    starts = [lead.trace(0, ("items", number, "name"), "value").span.start for number in range(500)]
    assert starts[0] == template.index("n0") and starts[-1] == 0


@pytest.mark.parametrize(
    "line", ["a-" * 20_000, "{{" * 20_000, "- " * 5_000, " " * 50_000 + "x", "{{ a }}" * 10_000 + " b"]
)
def test_long_lines_take_no_time(line):
    assert read_template(textwrap.dedent(line))
