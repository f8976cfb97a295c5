"""Files under SOPS: what is to be encrypted and is not, and what has been taken out of its encryption by hand."""

import pytest
from effort import grows_linearly
from hypothesis import given, settings
from hypothesis import strategies as st
from invented import invented, substitute
from linting import lint_texts, lint_tree

from kubelint.manifests import Document, Project
from kubelint.manifests.repository import sops_text
from kubelint.sources import SourceFile, read_documents
from kubelint.sources.text_files import TextFile, TextKind
from kubelint_rules.secrets.sops_values import first_credential, in_clear, leaves

UNENCRYPTED, PARTLY = "unencrypted-sops-file", "partly-encrypted-sops-file"
ENC = "ENC[AES256_GCM,data:9a2bQz==,iv:c2l4dGVlbg==,tag:dGFn,type:str]"
META = f"sops:\n  mac: {ENC}\n  lastmodified: '2026-02-03T10:11:12Z'\n  version: 3.9.4\n"
SECRET = "kind: Secret\napiVersion: v1\nmetadata: {name: wiki}\nstringData:\n  password: <invented:password>\n"
PLAIN = "db:\n  password: <invented:password>\n"
EMPTY = "db:\n  password: ''\n"


def told(root, files, rule):
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(substitute(text))
    (root / "unrelated.yaml").write_text("a: 1\n")
    report = lint_tree(root, select=(rule,))
    assert not report.crashed and invented("password") not in repr(report.findings)
    return [(f.place.path, f.place.start.line, f.severity.value) for f in report.findings]


def policy(*expressions):
    return "creation_rules:\n" + "".join(f"  - path_regex: '{one}'\n    age: age1x\n" for one in expressions)


@pytest.mark.parametrize(
    ("rules", "path", "text", "found"),
    [
        # the name speaks
        (None, "a.sops.yaml", PLAIN, "error"),
        (None, "a.sops.yml", SECRET, "error"),
        (None, "a.enc.json", '{"password": "<invented:password>"}', "error"),
        (None, "values.encrypted.yaml", PLAIN, "error"),
        (None, "a.sops.yaml", EMPTY, "info"),
        (None, "a.sops.yaml", "", None),
        (None, "a.sops.env", "DB_PASSWORD=<invented:password>\n", "error"),
        (None, "a.sops.env", "PORT=80\n", "info"),
        (None, "motd.sops.txt", "key: <invented:github_token>\n", "error"),
        (None, "sops.yaml", PLAIN, None),
        (None, "secret.yaml", PLAIN, None),
        (None, "frequencies.yaml", PLAIN, None),
        (None, ".sops.yaml", "password: <invented:password>\n", None),
        # the expression speaks
        ([r"secrets/.*\.ya?ml$"], "secrets/wiki.yaml", PLAIN, "error"),
        ([r"secrets/.*\.ya?ml$"], "secrets/wiki.yaml", EMPTY, None),
        ([r"enc/.*"], "enc/wiki.yaml", EMPTY, "info"),
        ([r"agency/.*"], "agency/wiki.yaml", PLAIN, None),
        ([r"kubernetes/main/.*\.ya?ml"], "kubernetes/main/wiki.yaml", PLAIN, None),
        ([r"kubernetes/main/.*\.ya?ml"], "kubernetes/main/secret.yaml", SECRET, "error"),
        ([r"kubernetes/main/.*\.ya?ml"], "kubernetes/main/external-secret.yaml", "kind: ExternalSecret\n", None),
        ([""], "wiki.yaml", PLAIN, None),
        # the first that matches, unanchored, from the configuration's directory
        ([r"^plain/", r"sops"], "plain/sops-notes.yaml", PLAIN, "error"),
        ([r"^sops/", r"wiki"], "apps/sops/wiki.yaml", PLAIN, None),
        ([r"sops/"], "apps/sops/wiki.yaml", PLAIN, "error"),
        ([r"(?=x)sops", r"sops"], "wiki-sops.yaml", PLAIN, None),
        ([r"([", r"sops"], "wiki-sops.yaml", PLAIN, None),
        ([r"(?i)SOPS/"], "apps/sops/wiki.yaml", PLAIN, None),
        # encrypted already, by SOPS or another
        ([r"sops"], "a.sops.yaml", f"password: {ENC}\n{META}", None),
        ([r"sops"], "a.sops.yaml", "kind: SealedSecret\nspec: {encryptedData: {a: AgB}}\n", None),
        ([r"sops"], "a.sops.yaml", "$ANSIBLE_VAULT;1.1;AES256\n36336163\n", None),
        ([r"sops"], "a.sops.env", f"A_TOKEN={ENC}\nsops_mac={ENC}\n", None),
        ([r"sops"], "a.sops.txt", '{"data": "ENC[x]", "sops": {"mac": "ENC[x]"}}', None),
        ([r"sops"], "a.sops.yaml", "password: ${PASSWORD}\n", "info"),
        ([r"sops"], "tests/a.sops.yaml", PLAIN, "warning"),
    ],
)
def test_what_is_to_be_encrypted(tmp_path, rules, path, text, found):
    files = {path: text} | ({".sops.yaml": policy(*rules)} if rules is not None else {})
    severities = [severity for file, _, severity in told(tmp_path, files, UNENCRYPTED) if file == path]
    assert severities == ([found] if found else [])


def test_what_the_rule_leaves_in_clear_does_not_count(tmp_path):
    rules = "creation_rules: [{path_regex: secret, encrypted_regex: ^(data|stringData)$, age: age1x}]\n"
    files = {".sops.yaml": rules, "secret-a.yaml": PLAIN, "secret-b.yaml": SECRET}
    assert told(tmp_path, files, UNENCRYPTED) == [("secret-b.yaml", 5, "error")]


def test_the_nearest_configuration_counts(tmp_path):
    files = {
        ".sops.yaml": policy("secrets/"),
        "apps/.sops.yaml": policy("^other/"),
        "apps/secrets/a.yaml": PLAIN,
        "secrets/a.yaml": PLAIN,
    }
    assert told(tmp_path, files, UNENCRYPTED) == [("secrets/a.yaml", 2, "error")]


def test_the_finding_shows_the_rule(tmp_path):
    for name, text in {".sops.yaml": policy("sops"), "a.sops.yaml": PLAIN}.items():
        (tmp_path / name).write_text(substitute(text))
    (finding,) = lint_tree(tmp_path, select=(UNENCRYPTED,)).findings
    assert [(one.place.path, one.place.start.line) for one in finding.related] == [(".sops.yaml", 2)]
    assert "sops --encrypt --in-place a.sops.yaml" in finding.help_text


@pytest.mark.parametrize(
    "text",
    ["- a\n", "creation_rules: x\n", "creation_rules: [1, null, {path_regex: [a]}, {path_regex: 3}]\n", "null\n", "x\n",
     "creation_rules: {a: b}\n", "creation_rules: [{path_regex: '(['}]\n", "creation_rules: ['${X}']\n"],
)  # fmt: skip
def test_odd_configurations(tmp_path, text):
    found = told(tmp_path, {".sops.yaml": text, "a.sops.yaml": PLAIN, "b.yaml": PLAIN}, UNENCRYPTED)
    assert found == [("a.sops.yaml", 2, "error")]


def test_effort_grows_with_the_rules():
    def work(size):
        rules = policy(*(f"dir{size}-{number}/.*\\.sops\\.yaml$" for number in range(size)))
        lint_texts({".sops.yaml": rules, "a.sops.yaml": "a: b\n", "b.yaml": "a: b\n"}, select=(UNENCRYPTED,))

    assert grows_linearly(work, 50)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (f"a: {ENC}\nb: clear\n{META}", 2),
        (f"a: {ENC}\nb: 5\n{META}", 2),
        (f"a: {ENC}\nb: true\n{META}", 2),
        (f"a: {ENC}\nb: 1.5\n{META}", 2),
        (f"a:\n  - {ENC}\n  - clear\n{META}", 3),
        (f"a: {ENC}\nb: ''\nc: null\nd: []\ne: {{}}\n{META}", None),
        (f"# clear\na: {ENC}\n{META}", None),
        (f"a_unencrypted: clear\nb: {ENC}\n{META}", None),
        (f"a_unencrypted: {{b: [clear]}}\n{META}", None),
        (f"a_unencrypted: clear\n{META}  unencrypted_suffix: _plain\n", 1),
        (f"a_plain: clear\n{META}  unencrypted_suffix: _plain\n", None),
        (f"a: clear\nb_secret: {ENC}\n{META}  encrypted_suffix: _secret\n", None),
        (f"a: clear\nb_secret: clear\n{META}  encrypted_suffix: _secret\n", 2),
        (f"kind: Secret\ndata: {{a: clear}}\n{META}  encrypted_regex: ^(data|stringData)$\n", 2),
        (
            f"kind: Secret\nmetadata: {{name: data}}\ndata: {{a: {ENC}}}\n{META}  encrypted_regex: ^data$\n",
            None,
        ),
        (f"kind: Secret\nspec: {{data: [{{a: clear}}]}}\n{META}  encrypted_regex: ^data$\n", 2),
        (f"host: clear\na: clear\n{META}  unencrypted_regex: ^host$\n", 2),
        (f"host: clear\na: {ENC}\n{META}  unencrypted_regex: ^host$\n", None),
        (f"a: clear\n{META}  encrypted_regex: '(?=x)'\n", None),
        (f"a: clear\n{META}  encrypted_comment_regex: x\n", None),
        (f"a: {ENC}\nsops:\n  lastmodified: x\n  version: 3.9.4\n", 2),
        (f"a: {ENC}\nsops:\n  lastmodified: x\n  mac: ''\n", 4),
        ("a: clear\nsops: {version: latest, enabled: true}\n", None),
        ("a: clear\nsops: x\n", None),
        (f"a: {ENC}\n{META}---\nkind: Namespace\nmetadata: {{name: a}}\n", None),
        (f"a: {ENC}\n{META}---\npassword: <invented:password>\n", 7),
        (f"a: &x {ENC}\nb: *x\n{META}", None),
        (f"a: '{{{{ x }}}}'\n{META}", 1),
    ],
)
def test_what_stands_in_clear(tmp_path, text, line):
    found = [at for _, at, severity in told(tmp_path, {"a.yaml": text}, PARTLY) if severity == "error"]
    assert found == ([] if line is None else [line])


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("a.env", f"A={ENC}\nB=clear\nsops_mac={ENC}\nsops_version=3.9.4\n", 2),
        ("a.env", f"A={ENC}\nB=\nC=''\n#clear\nsops_mac={ENC}\nsops_version=3.9.4\n", None),
        ("a.env", f"A={ENC}\nB_unencrypted=clear\nsops_mac={ENC}\n", None),
        ("a.env", f"A=clear\nB={ENC}\nsops_encrypted_regex=^B$\nsops_mac={ENC}\n", None),
        ("a.env", f"A=clear\nB=clear\nsops_encrypted_regex=^B$\nsops_mac={ENC}\n", 2),
        ("a.env", f"A=clear\nB_x=clear\nsops_encrypted_suffix=_x\nsops_mac={ENC}\n", 2),
        ("a.env", f"A=clear\nsops_unencrypted_regex=^A$\nsops_mac={ENC}\n", None),
        ("a.env", f"A=clear\nsops_encrypted_comment_regex=x\nsops_mac={ENC}\n", None),
        ("a.env", f"A={ENC}\nsops_version=3.9.4\n", 2),
        ("a.env", "A=clear\nsops=1\nSOPS_AGE_KEY_FILE=key.txt\n", None),
        ("a.ini", f"[a]\nb = {ENC}\nc = clear\n[sops]\nmac = {ENC}\n", 3),
        ("a.ini", f"; clear\n[a]\nb = {ENC}\nc =\n[sops]\nmac = {ENC}\n", None),
        ("a.ini", f"[b_unencrypted]\nc = clear\n[sops]\nmac = {ENC}\n", None),
        ("a.ini", "[a]\nb = clear\n", None),
        ("a.json", f'{{"a": "{ENC}", "b": 5, "sops": {{"mac": "{ENC}"}}}}', 1),
        ("a.json", f'{{"data": "{ENC}", "sops": {{"mac": "{ENC}", "lastmodified": "x"}}}}', None),
    ],
)
def test_other_formats(tmp_path, name, text, line):
    found = [at for _, at, severity in told(tmp_path, {name: text}, PARTLY) if severity == "error"]
    assert found == ([] if line is None else [line])


def document(text):
    return Project(map(Document, read_documents("a.yaml", text).documents)).documents[0]


def test_leaves_by_their_names():
    root = document("b: [1, {c: x}]\na: null\nsops: {mac: x}\nd: {sops: z}\n").root
    assert list(leaves(root)) == [(("a",), None), (("b", 0), 1), (("b", 1, "c"), "x"), (("d", "sops"), "z")]
    assert in_clear(root, lambda path: path[0] != "b") == [("d", "sops")]


def test_credentials_of_secrets_are_found_decoded():
    text = substitute("kind: Secret\napiVersion: v1\ndata:\n  user: d2lraQ==\n  password: <invented:password:base64>\n")
    assert first_credential(document(text), lambda path: True).name == "password"
    assert first_credential(document(text), lambda path: False) is None


@given(st.sampled_from(["a.env", ".env", "a.ini"]), st.text(alphabet="ab=[]sop_mc#;: \n\r'", max_size=60))
@settings(max_examples=200, deadline=None)
def test_any_text_can_be_read(name, text):
    read = sops_text(TextFile(name, TextKind.CREDENTIALS, lambda: SourceFile(name, text)))
    for entry in read.entries:
        assert text[entry.at.span.start : entry.at.span.end] == entry.value and read.encrypts(entry.path) is not None


@pytest.mark.parametrize("piece", ["a=b\n", "[a]\n", "=", "[", " ", "a", "[sops\n", "a b"])
@pytest.mark.parametrize("name", ["a.env", "a.ini"])
def test_effort_grows_with_the_text(name, piece):
    def work(size):
        text = piece * size
        sops_text(TextFile(name, TextKind.CREDENTIALS, lambda: SourceFile(name, text)))

    assert grows_linearly(work, 2000)
