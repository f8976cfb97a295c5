"""Nothing that is secret, or may be, gets into a report: whichever rules ran, whatever else stands on the line."""

import base64

import pytest
from effort import grows_linearly
from invented import INVENTED
from linting import lint_texts

from kubelint.engine.secret_texts import MASK, SecretTexts, is_word, secret_texts
from kubelint.reporters import FORMATS, reporter
from kubelint.reporters.style import Style

PASSWORD = INVENTED["password"]()
TOKEN = INVENTED["github_token"]()
URL = INVENTED["url_password"]()
ENCODED = base64.b64encode(PASSWORD.encode()).decode()
SECRET = "apiVersion: v1\nkind: Secret\nmetadata: {name: wiki}\n"
MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: wiki}\n"
ROLE = "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\n"

CASES = {
    "given twice": f"{SECRET}stringData: {{password: {PASSWORD}x1, password: {PASSWORD}}}\n",
    "section given twice": f"{SECRET}stringData: {{p: {PASSWORD}}}\nstringData: {{p: {PASSWORD}}}\n",
    "too weak for the rules": f"{SECRET}stringData: {{pin: {PASSWORD[:7]}, pin: {PASSWORD[:7]}}}\n",
    "decoded on the same line": f"{SECRET}data: {{p: {ENCODED}, p: {ENCODED}}}  # {PASSWORD}\n",
    "below its key": f"{SECRET}stringData:\n  password: |\n    {PASSWORD}\nx: {{{PASSWORD}: 1, a: 1, a: 2}}\n",
    "by an alias": f"{MAP}x: {{k: 1, k: &token {TOKEN}}}\ndata: {{t: *token}}\n",
    "by a merge": f"{SECRET}x: &x {{p: {PASSWORD}, p: {PASSWORD}}}\nstringData: {{<<: *x}}\n",
    "as a key": f"{MAP}data: {{{TOKEN}: a, {TOKEN}: b}}\n",
    "in a comment": f"{MAP}data: {{a: 1, a: 2}}  # was {TOKEN}\n",
    "in a value that does not count": f"{MAP}data: {{u: '{URL}', u: 1}}\n",
    "under a telling key": f"{MAP}data: {{adminPassword: {PASSWORD}, adminPassword: {PASSWORD}}}\n",
    "as a name": f"{ROLE}metadata: {{name: {TOKEN}}}\nrules: [{{apiGroups: ['{TOKEN}'], resources: [x], verbs: [y]}}]",
    "quote without end": f'{SECRET}stringData:\n  p: "{PASSWORD}\n',
    "two colons": f"{SECRET}stringData:\n  password: {PASSWORD}: x\n",
    "reserved character": f"{SECRET}stringData:\n  password: @{PASSWORD}\n",
    "wrong bracket": f"{SECRET}stringData: {{p: {PASSWORD}]\n",
    "wrong indentation": f"{SECRET}stringData:\n  p: {PASSWORD}\n {PASSWORD}\n",
    "control character": f"{SECRET}stringData:\n  p: {PASSWORD} \x07\n",
    "long word, unreadable": f"{MAP}data:\n  x: {TOKEN}: y\n",
}


@pytest.mark.parametrize("select", [(), ("inputs",), ("ALL",), ("rbac",)], ids=str)
@pytest.mark.parametrize("case", CASES)
def test_nothing_secret_is_shown(case, select):
    report = lint_texts({"wiki.yaml": CASES[case]}, select=select)
    report.rules = []  # their pages tell of no file, but know words such as `postgres`
    for form in FORMATS:
        shown = reporter(form)(report, Style())
        values = (PASSWORD, TOKEN, ENCODED, URL)
        assert [value for value in values for at in range(len(value) - 7) if value[at : at + 7] in shown] == []


def test_something_is_reported_beside_every_secret():
    for case, text in CASES.items():
        assert lint_texts({"wiki.yaml": text}).findings, case


def test_json_of_one_line():
    text = '{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a"},"stringData":{"p":"%s" "q":"%s"}}'
    report = lint_texts({"a.json": text % (PASSWORD, PASSWORD)})
    assert report.findings and PASSWORD not in reporter("full")(report, Style())


def test_secrets_beside_a_place_in_a_file_that_was_not_asked_for():
    from datetime import date

    from linting import REGISTRY

    from kubelint.config.model import Settings
    from kubelint.engine.linter import Input, Linter
    from kubelint.sources.reading import read_bytes

    head = "apiVersion: rbac.authorization.k8s.io/v1\n"
    role = f"{head}kind: Role\nmetadata: {{name: r, namespace: n}}\nrules: [{{apiGroups: [rbac.authorization.k8s.io], "
    role += f"resources: [rolebindings], verbs: [create]}}]  # {TOKEN}\n"
    binding = f"{head}kind: RoleBinding\nmetadata: {{name: b, namespace: n}}\n"
    binding += "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: r}\n"
    binding += "subjects: [{kind: ServiceAccount, name: s, namespace: n}]\n"
    sources = [read_bytes(name, text.encode()) for name, text in (("role.yaml", role), ("binding.yaml", binding))]
    for wanted in ("role.yaml", "binding.yaml"):
        report = Linter(REGISTRY, Settings(), date(2026, 11, 23)).run(Input(sources, frozenset({wanted})))
        assert TOKEN not in reporter("full")(report, Style())


def test_names_that_are_values_of_a_secret_are_still_shown():
    text = f"{SECRET}stringData: {{user: postgres}}\n---\n{MAP.replace('wiki', 'postgres')}data: {{a: 1, a: 2}}\n"
    report = lint_texts({"a.yaml": text})
    assert "ConfigMap postgres" in reporter("full")(report, Style())


def test_redaction():
    texts = SecretTexts([PASSWORD, f"{PASSWORD}x", "short"])
    assert texts.redact(f"a {PASSWORD}x b {PASSWORD}, short{PASSWORD}") == f"a {MASK} b {MASK}, short{MASK}"
    assert SecretTexts().redact(PASSWORD) == PASSWORD
    assert set(secret_texts(f" '{ENCODED}'")) == {ENCODED, PASSWORD}
    assert list(secret_texts(f"a b\n  {TOKEN}\nshort\n")) == [TOKEN]
    assert is_word("postgres") and is_word("shop-database") and not is_word(PASSWORD)


def test_many_secrets_in_one_file():
    def show(count):
        entries = "".join(f"  password-{number}: {PASSWORD[:9]}{number:05}\n" for number in range(count))
        report = lint_texts({"a.yaml": f"{SECRET}stringData:\n{entries}"})
        shown = reporter("full")(report, Style())
        assert len(report.findings) == count and PASSWORD[:9] not in shown

    assert grows_linearly(show, 250)


def test_findings_in_one_long_line():
    def show(count):
        data = ", ".join(f"k{number}: a, k{number}: b" for number in range(count))
        report = lint_texts({"a.yaml": f"{MAP}data: {{{data}}}  # {'x' * 1_000_000}\n"})
        assert max(map(len, reporter("full")(report, Style()).splitlines())) < 200

    assert grows_linearly(show, 250)
