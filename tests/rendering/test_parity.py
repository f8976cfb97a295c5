"""`kubelint chart/` and `helm template x chart | kubelint -` say the same; but for credentials that stand in the
values: where those can be seen, they are told there, once.
"""

import pytest
from invented import substitute
from linting import lint_texts
from rendering.trees import CHART, lint, tree, without_helm

from kubelint.rendering.engines import Job, find_engine

HELPERS = """\
{{- define "web.name" -}}{{ .Release.Name }}-{{ .Chart.Name }}{{- end }}
{{- define "web.labels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}
"""
WEB = """\
{{- range $tier := .Values.tiers }}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "web.name" $ }}-{{ $tier.name }}
  labels:
    {{- include "web.labels" $ | nindent 4 }}
spec:
  replicas: {{ $tier.replicas }}
  selector:
    matchLabels:
      {{- include "web.labels" $ | nindent 6 }}
      tier: {{ $tier.name }}
  template:
    metadata:
      labels:
        {{- include "web.labels" $ | nindent 8 }}
        tier: {{ $tier.name }}
    spec:
      {{- with $tier.nodeSelector }}
      nodeSelector:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      containers:
        - name: web
          image: "{{ $.Values.image }}:{{ $.Chart.Version }}"
          env:
            - name: MODE
              value: {{ $tier.name }}
            - name: DATABASE_PASSWORD
              value: {{ $.Values.password | quote }}
{{- end }}
"""
WEB_VALUES = """\
image: registry.example.com/web
password: <invented:password>
tiers:
  - name: front
    replicas: 2
    nodeSelector: {beta.kubernetes.io/arch: amd64}
  - name: back
    replicas: 1
    nodeSelector: {kubernetes.io/arch: x86_64}
"""
RBAC = """\
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ include "web.name" . }}
  namespace: {{ .Release.Namespace }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ if .Values.cluster }}ClusterRole{{ else }}Role{{ end }}
metadata:
  name: {{ include "web.name" . }}
rules:
  {{- toYaml .Values.rules | nindent 2 }}
  - apiGroups: [""]
    resources: ["deployments"]
    verbs: ["get"]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: {{ include "web.name" . }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: {{ if .Values.cluster }}ClusterRole{{ else }}Role{{ end }}
  name: {{ include "web.name" . }}
subjects:
  - kind: ServiceAccount
    name: {{ include "web.name" . }}
    namespace: {{ .Release.Namespace }}
"""
RBAC_VALUES = """\
cluster: true
rules:
  - apiGroups: ["rbac.authorization.k8s.io"]
    resources: ["rolebindings"]
    verbs: ["create", "bind"]
  - apiGroups: [""]
    resources: ["clusterroles"]
    verbs: ["escalate"]
"""
SECRETS = """\
apiVersion: v1
kind: Secret
metadata:
  name: {{ include "web.name" . }}
type: Opaque
data:
  password: {{ .Values.password | b64enc | quote }}
stringData:
  config.ini: |
    [database]
    url = postgres://web:{{ .Values.password }}@db.wiki.svc/web
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ include "web.name" . }}
data:
  url: postgres://web:{{ .Values.password }}@db.wiki.svc/web
"""
DNS = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}-coredns
  namespace: kube-system
  labels: {k8s-app: kube-dns}
spec:
  replicas: {{ .Values.replicas }}
  selector: {matchLabels: {k8s-app: kube-dns}}
  template:
    metadata:
      labels: {k8s-app: kube-dns}
    spec:
      {{- if .Values.node }}
      nodeSelector: {kubernetes.io/hostname: {{ .Values.node }}}
      {{- end }}
      containers:
        - name: coredns
          image: coredns/coredns:1.12.1
          args: ["-conf", "/etc/coredns/Corefile"]
---
apiVersion: v1
kind: Service
metadata:
  name: kube-dns
  namespace: kube-system
spec:
  selector: {k8s-app: kube-dns}
  ports: [{port: 53, protocol: UDP}]
"""
SUB = {
    "charts/sub/Chart.yaml": CHART.replace("web", "sub"),
    "charts/sub/values.yaml": "replicas: 1\nnode: pi\n",
    "charts/sub/templates/dns.yaml": DNS,
}
TOLD_IN_VALUES = ("secret-in-env", "plaintext-secret")
DUPLICATE = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name }}}\ndata: {a: '1', b: '2', a: '3'}\n"
CHARTS = {
    "deployment": ({"templates/web.yaml": WEB, "values.yaml": WEB_VALUES}, 4),
    "rbac": ({"templates/rbac.yaml": RBAC, "values.yaml": RBAC_VALUES}, 2),
    "role": ({"templates/rbac.yaml": RBAC, "values.yaml": RBAC_VALUES.replace("cluster: true", "cluster: false")}, 2),
    "secrets": ({"templates/secrets.yaml": SECRETS, "values.yaml": "password: <invented:password>\n"}, 3),
    "dns": ({"templates/dns.yaml": DNS, "values.yaml": "replicas: 1\nnode: pi\n"}, 2),
    "two DNS": ({"templates/dns.yaml": DNS, "values.yaml": "replicas: 2\nnode: \n"}, 1),
    "subchart": ({"templates/map.yaml": DUPLICATE, "values.yaml": "{}\n", **SUB}, 3),
    "all": (
        {
            "templates/web.yaml": WEB,
            "templates/rbac.yaml": RBAC,
            "templates/nested/dns.yaml": DNS,
            "templates/NOTES.txt": "Thank you for {{ .Release.Name }}\n",
            "values.yaml": WEB_VALUES + RBAC_VALUES + "replicas: 1\nnode: pi\n",
        },
        8,
    ),
}


def said(report):
    return sorted(
        (finding.meta.id, finding.severity.value, finding.message, finding.object, finding.field or "")
        for finding in report.findings
    )


def template(folder, name):
    """What `helm template` prints: the templates that are manifests, each under its name."""
    engine = find_engine()
    try:
        texts = engine.render(Job(folder, name=name))
    finally:
        engine.close()
    shown = {path: text for path, text in texts.items() if text.strip() and not path.endswith("NOTES.txt")}
    return "".join(f"---\n# Source: {path}\n{text.lstrip()}\n" for path, text in sorted(shown.items()))


@pytest.mark.parametrize("name", CHARTS)
@pytest.mark.parametrize("profile", ["recommended", "strict"])
def test_parity(name, profile, tmp_path, monkeypatch):
    without_helm(monkeypatch, tmp_path)
    files, least = CHARTS[name]
    root = tree(tmp_path / "web", {"Chart.yaml": CHART, "templates/_helpers.tpl": HELPERS, **files})
    for path in root.rglob("*.yaml"):
        path.write_text(substitute(path.read_text()))
    rendered = lint(root, profile=profile)
    in_values = [finding.place for finding in rendered.findings if finding.meta.id == "secret-in-helm-values"]
    rendered.findings = [finding for finding in rendered.findings if "templates/" in finding.place.path]
    piped = lint_texts({"stdin.yaml": template(root, "release-name")}, profile=profile)
    assert len(piped.findings) >= least
    told = [finding for finding in piped.findings if finding.meta.id in TOLD_IN_VALUES]
    assert {place.path for place in in_values} == ({"values.yaml"} if told else set())
    piped.findings = [finding for finding in piped.findings if finding not in told]
    assert said(rendered) == said(piped)
    assert rendered.objects == piped.objects
