"""What a template surely renders, whatever the values are."""

import pytest
from effort import grows_linearly

from kubelint.manifests.deployers.templates import Sure, sure_objects

HEAD = "apiVersion: apps/v1\nkind: Deployment\n"
META = 'metadata:\n  name: {{ include "web.name" . }}\n'
BODY = "spec:\n  template:\n    metadata:\n      name: x\n"
ANY = Sure("apps/v1", "Deployment", "", None, False, False)


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (f"{HEAD}{META}{BODY}", ANY),
        (f"{HEAD}metadata:\n  name: web\n  labels:\n    name: other\n{BODY}", ANY._replace(name="web")),
        (f"{HEAD}metadata: {{name: web}}\n", ANY),
        (f"{{{{- $root := . }}}}\n{{{{/* if\nkind: Pod */}}}}\n{HEAD}{META}", ANY),
        (f"{HEAD}{META}  {{{{- with .Values.labels }}}}\n  labels: {{{{ . }}}}\n  {{{{- end }}}}\n", ANY),
        (f"{HEAD}{META}  namespace: {{{{ .Release.Namespace | quote }}}}\n", ANY._replace(in_release=True)),
        (f"{HEAD}{META}  namespace: other\n", ANY._replace(namespace="other")),
        (f"{HEAD}{META}  namespace: {{{{ .Values.namespace }}}}\n", ANY._replace(namespace="")),
        (
            f"{HEAD}{META}  {{{{- with .Values.namespace }}}}\n  namespace: {{{{ . }}}}\n  {{{{- end }}}}\n",
            ANY._replace(namespace=""),
        ),
        (f"{HEAD}metadata:\n  {{{{- include \"web.metadata\" . | nindent 2 }}}}\n", ANY._replace(namespace="")),
        (f"{HEAD}metadata: {{{{ include \"web.metadata\" . }}}}\n", ANY._replace(namespace="")),
        (f"{HEAD}{META}  annotations:\n    helm.sh/hook: pre-install\n", ANY._replace(is_hook=True)),
    ],
)  # fmt: skip
def test_what_is_sure(template, expected):
    assert sure_objects(template) == (expected,)


@pytest.mark.parametrize(
    "template",
    [
        f"{{{{ if .Values.enabled }}}}\n{HEAD}{META}{{{{ end }}}}\n",
        f"{{{{- range .Values.list }}}}\n---\n{HEAD}{META}{{{{- end }}}}\n",
        f"{{{{ define \"x\" }}}}\n{HEAD}{META}{{{{ end }}}}{{{{ include \"x\" . }}}}\n",
        f"apiVersion: apps/v1\nkind: {{{{ .Values.kind }}}}\n{META}",
        f"apiVersion: {{{{ include \"x\" . }}}}\nkind: Deployment\n{META}",
        f"{{{{ if .Values.x }}}}\n{HEAD}{META}",
        f"{{{{ end }}}}\n{HEAD}{META}",
        f"{HEAD}{META}  annotations:\n    helm.sh/hook: {{{{ .Values.hook }}}}\n",
        f"{HEAD}{META}  annotations:\n  {{{{ if .Values.hook }}}}\n    helm.sh/hook: test\n  {{{{ end }}}}\n",
        "{{ include \"common.deployment\" . }}\n",
        "",
    ],
)  # fmt: skip
def test_what_values_may_leave_out(template):
    assert sure_objects(template) == ()


def test_several_documents():
    template = f"{HEAD}{META}---\n{{{{ if .Values.x }}}}\napiVersion: v1\nkind: Pod\n{META}{{{{ end }}}}\n"
    assert sure_objects(template) == (ANY,)


@pytest.mark.parametrize("part", ["{{/*", "{{ if x }}", "{{", "kind: a     ", "  name: x", "---\n", "helm.sh/hook "])
def test_odd_text_takes_no_more_than_its_length(part):
    assert grows_linearly(lambda count: sure_objects.__wrapped__(part * count), 200)
