"""Text that wants to be more than text, trees and reports full of it, and what reads the outputs: GitHub's runner."""

import re

from linting import REGISTRY

from kubelint.checks import Fix, Severity
from kubelint.engine.places import place_of
from kubelint.engine.report import ObjectRef, RelatedPlace, Report, ReportedFinding, Skipped
from kubelint.sources import SourceText, Span

NASTY = {
    "escapes": "\x1b[31mred\x1b[0m \x1b]0;title\x07 \x9b2J \x08\x7f",
    "command": "::error file=a.yaml,line=1::injected",
    "command after blanks": " \t\u3000::add-mask::e",
    "command with properties": "a,line=7::x%0A::warning::y%25",
    "old command": "x ##[error]injected",
    "old command after an ignored character": "#\ufe0f#[add-mask]e",
    "pipelines": "##vso[task.setvariable variable=a]b ##teamcity[message text='x']",
    "lines": "first\n::warning::second\r\n##[group]third\rfourth\u2028fifth\x85sixth",
    "cdata": "<![CDATA[ ]]> -->",
    "script": "<script>alert('x')</script><img src=x onerror=\"alert(1)\">&lt;b&gt;",
    "table": "a | b || c \\| d",
    "backticks": "`a` ``b` ```c",
    "links": "[a](https://evil.example) ![i](//x) [b]: http://y <http://z> [1](1) \\[2\\](2) \\",
    "emphasis": "*a* _b_ **c** ~~d~~ # e - f > g",
    "references": "@octocat #12 $x^2$ :tada: www.evil.example a@evil.example GH-1 https://evil.example",
    "placeholders": "{0} {{ .Values.x }} ${VAR} %s %d %(x)s",
    "astral": "😀𝕏👩‍🚀 漢字 é e\u0301",
    "right to left": "\u202etxt.exe\u202c \u2066a\u2069 \u200f\u200b\ufeff",
    "long": "x" * 10_000,
    "long and wide": "[𝕏](漢)" * 2_000,
    "no characters": "\ufffe\uffff\U0001ffff",
    "half a character": "a\udcffb\ud800c",
    "quotes": "\"a\" 'b' \\n \\u0041",
}

COMMANDS = {
    "error",
    "warning",
    "notice",
    "debug",
    "group",
    "endgroup",
    "add-mask",
    "stop-commands",
    "set-output",
    "add-path",
}


def quoted(text: str) -> str:
    """`text` as a scalar of YAML."""
    return '"' + "".join(map(_escape, text)) + '"'


def _escape(character: str) -> str:
    if character in '"\\' or not character.isprintable():
        number = ord(character)
        return f"\\U{number:08x}" if number > 0xFFFF else f"\\u{number:04x}"
    return character


def tree(nasty: str) -> dict[str, str]:
    """Manifests whose paths, kinds, names, labels, keys and comments are `nasty`, in which rules find something."""
    text, line = (
        quoted(nasty),
        " ".join(re.sub("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]", "", nasty).split()),
    )
    return {
        f"{nasty}.yaml": f"""\
apiVersion: v1
kind: ConfigMap
metadata:
  name: {text}
  namespace: {text}
  labels: {{{text}: {text}}}
  annotations: {{kubelint.dev/ignore.dns: {text}, kubelint.dev/ignore.{"x"}: {text}}}
data:
  {text}: '1'  # kubelint: ignore[duplicate-key] {line}
  # kubelint: ignore[no-such-rule] {line}
  # kubelint: ignore[{line}] x
  {text}: {text}
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {text}, namespace: {text}}}
spec:
  selector: {{matchLabels: {{app: {text}}}}}
  template:
    metadata: {{labels: {{app: {text}}}}}
    spec:
      serviceAccountName: {text}
      nodeSelector: {{kubernetes.io/hostname: {text}, kubernetes.io/arch: {text}}}
      containers: [{{name: {text}, image: {text}, env: [{{name: {text}, value: {text}}}]}}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {{name: {text}, namespace: {text}}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: Role, name: {text}}}
subjects: [{{kind: ServiceAccount, name: {text}, namespace: {text}}}]
---
apiVersion: example.org/v1
kind: {text}
metadata: {{name: a, name: b}}
""",
        f"sub/{nasty}/b.yaml": "a: [\n",
        ".github/workflows/ci.yaml": f"""\
name: {text}
on: {{push: {{branches: [{text}]}}}}
jobs:
  {text}:
    name: {text}
    runs-on: [self-hosted, {text}]
    steps:
    - {{name: {text}, run: {text}, env: {{{text}: {text}, {text}: {text}}}}}
    - {{name: {text}, uses: {text}, with: {{{text}: {text}}}}}
    - run: helm upgrade --install {text} {text} --namespace {text}
""",
        "nodes.yaml": f"""\
apiVersion: v1
kind: Node
metadata: {{name: {text}, labels: {{kubernetes.io/arch: {text}, {text}: {text}}}}}
""",
        "inventory/hosts.yaml": f"k3s: {{hosts: {{{text}: {{ansible_host: {text}, ansible_architecture: {text}}}}}}}\n",
    }


def report(nasty: str) -> Report:
    """A report in which every text is `nasty`."""
    path = f"{nasty}/{nasty}.yaml"
    source = SourceText(path, "".join(f"{nasty}: {nasty}\n" for _ in range(3)))
    entries = list(REGISTRY)
    findings = []
    for number, severity in enumerate(Severity):
        start = min(number * 3, len(source.text) - 1)
        place = place_of(source, Span(start, min(start + 5 * (number + 1), len(source.text))))
        findings.append(
            ReportedFinding(
                meta=entries[-number - 1].meta,
                severity=severity,
                message=nasty,
                place=place,
                note=nasty,
                help_text=nasty,
                object=ObjectRef(nasty, nasty, nasty, nasty),
                field=nasty,
                related=(RelatedPlace(place, nasty), RelatedPlace(place, "")),
                fixes=(Fix.safe(nasty),),
                identity=f"{nasty}{number}",
                rendered_from=nasty,
            )
        )
    found = Report(findings=findings, files=[path, "quiet.yaml"], rules=entries, skipped=[Skipped(nasty, nasty)])
    found.sources[path] = source
    return found


def runner_commands(log: str) -> list[tuple[str, dict[str, str], str]]:
    """What GitHub's runner takes for commands in a log: name, properties and data of each.

    Reads as `actions/runner`, `src/Runner.Common/ActionCommand.cs` documents: `::name a=b,c=d::data` after blanks, else
    `##[name a=b;c=d]data` anywhere. What .NET may leave out when it compares is taken out here.
    """
    found = []
    for raw in log.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        line = "".join(character for character in raw if not "\ufe00" <= character <= "\ufe0f").lstrip()
        if line.startswith("::") and (end := line.find("::", 2)) >= 0:
            head, data, separator = line[2:end], line[end + 2 :], ","
        elif (start := line.find("##[")) >= 0 and (end := line.find("]", start)) >= 0:
            head, data, separator = line[start + 3 : end], line[end + 1 :], ";"
        else:
            continue
        name, _, properties = head.partition(" ")
        if name in COMMANDS:
            pairs = (part.split("=", 1) for part in properties.split(separator) if "=" in part)
            found.append((name, {key: _unescaped(value) for key, value in pairs}, _unescaped(data)))
    return found


def _unescaped(text: str) -> str:
    for code, character in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(code, character)
    return text
