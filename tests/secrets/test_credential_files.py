"""Files that are called as those with credentials are: what is found in them, where, and what is shown of it."""

import base64
import json
import random
import subprocess

import pytest
from effort import grows_linearly
from hypothesis import given, settings
from hypothesis import strategies as st
from invented import INVENTED, invented, substitute
from linting import lint_tree

from kubelint.manifests.repository import CredentialFile, CredentialForm
from kubelint.manifests.repository.credential_files import credential_form
from kubelint.reporters import FORMATS, reporter
from kubelint.reporters.style import Style
from kubelint.sources import SourceFile
from kubelint.sources.text_files import TextFile, TextKind
from kubelint_rules.secrets.credential_files import MOST, credentials_of

RULE = "credential-file-committed"
DER_KEY = bytes([0x30, 0x82, 0x04, 0xBE, 2, 1, 0, 0x30, 0x0D]) + random.Random(1).randbytes(400)
DER_EC_KEY = bytes([0x30, 0x77, 2, 1, 1, 4, 0x20]) + random.Random(1).randbytes(100)
DER_CERTIFICATE = bytes([0x30, 0x82, 0x03, 0x51, 0x30, 0x82, 0x02, 0x39]) + random.Random(1).randbytes(400)
PKCS12 = bytes([0x30, 0x82, 0x09, 0x51, 2, 1, 3, 0x30, 0x82]) + random.Random(2).randbytes(400)
JAVA = bytes([0xFE, 0xED, 0xFE, 0xED, 0, 0, 0, 2]) + random.Random(3).randbytes(200)
GIT_CRYPT = b"\0GITCRYPT\0" + random.Random(4).randbytes(200)


def lint(root, files, select=(RULE,)):
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else substitute(content).encode())
    (root / "a.yaml").write_text("a: 1\n")
    report = lint_tree(root, select=select)
    assert not report.crashed
    return report


def told(report):
    return [(f.place.path, f.place.start.line, f.severity.value) for f in report.findings]


@pytest.mark.parametrize(
    ("name", "content", "lines"),
    [
        (".env", "A=1\nexport DB_PASSWORD=<invented:password>\n", [2]),
        (".env", 'DB_PASSWORD="<invented:password>" # now\r\nB=1\r\nAPI_TOKEN=<invented:password>\r\n', [1, 3]),
        (".env", "TLS_KEY='<invented:pkcs8_key>'\n", [1]),
        (".env.production", "PASS=<invented:weak_password>\n", [1]),
        ("apps/wiki.env", "A=<invented:github_token>\nB=<invented:redis_url>\n", [1, 2]),
        (".envrc", "export API_TOKEN=<invented:password>\n", [1]),
        (".env", "API_TOKEN=<invented:github_token>\n", [1]),
        ("prod.tfvars", 'db = {\n  password = "<invented:password>"\n}\n', [2]),
        ("terraform.tfstate", '{\n "secret_key": "<invented:password>",\n "id": "x"}\n', [2]),
        (
            ".npmrc",
            "//npm.wiki.internal/:_authToken=<invented:npm_token>\n//x/:_auth=<invented:password:base64>\n",
            [1, 2],
        ),
        (".netrc", "machine a.wiki.internal\nlogin ci\npassword <invented:password>\n", [3]),
        (".pgpass", "# a\ndb:5432:*:wiki:<invented:password>\n", [2]),
        (".git-credentials", "https://ci:<invented:password>@git.wiki.internal\n", [1]),
        (".aws/credentials", "[default]\naws_access_key_id = <invented:aws_key_id>\n", [2]),
        (".vault_pass", "<invented:password>\n", [1]),
        ("vault-password.txt", "\n<invented:password>", [2]),
        ("tls.key", "<invented:rsa_key>\n", [1]),
        ("both.pem", "<invented:certificate>\n<invented:pkcs8_key>\n", [22]),
        ("id_ed25519", "<invented:ssh_key>\n", [1]),
        ("keys.txt", "# created\n# public key: age1\n<invented:age_key>\n", [3]),
        ("wg0.conf", "[Interface]\n<invented:wireguard_key>\n", [2]),
        ("home.ovpn", "client\n<key>\n<invented:pkcs8_key>\n</key>\n", [3]),
        ("home.ovpn", "-----BEGIN OpenVPN Static key V1-----\n" + "0123456789abcdef" * 2 + "\n", [1]),
        ("der.key", DER_KEY, [1]),
        ("der.pem", DER_EC_KEY, [1]),
        (".dockerconfigjson", "<invented:docker_config>", [1]),
        ("kubeconfig", "kind: Config\nusers:\n- name: a\n  user:\n    token: <invented:jwt>\n", [5]),
        ("talosconfig", "contexts:\n  home:\n    key: <invented:ed25519_key:base64>\n", [3]),
        ("kubeconfig", "kind: Config\n users: [\n<invented:github_token>\n", [3]),
    ],
)
def test_credentials_and_their_lines(tmp_path, name, content, lines):
    report = lint(tmp_path, {name: content})
    assert [line for _, line, _ in told(report)] == lines
    assert {path for path, *_ in told(report)} == {name}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (".env", ""),
        (
            ".env",
            "DB_PASSWORD=\nAPI_TOKEN=${TOKEN}\nSECRET_NAME=wiki-db\nTOKEN_FILE=/run/token\nADMIN_PASSWORD=changeme\n",
        ),
        (
            ".env",
            "# DB_PASSWORD=<invented:password>\nPUBLIC_KEY=ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGkubelintexample\n",
        ),
        (".env", 'DB_PASSWORD="encrypted:<invented:password:base64>"\n'),
        (".env", "$ANSIBLE_VAULT;1.1;AES256\n3663336161326139\n"),
        (".env", "DB_PASSWORD=<invented:password>\nsops_mac=ENC[AES256_GCM,data:a]\nsops_version=3.9.4\n"),
        (".env.example", "DB_PASSWORD=<invented:password>\n"),
        (".env", GIT_CRYPT),
        ("tls.key", GIT_CRYPT),
        ("x.p12", GIT_CRYPT),
        ("ca.pem", "<invented:certificate>\n"),
        ("ca.pem", DER_CERTIFICATE),
        ("public.pem", "<invented:public_key>\n"),
        ("tls.key", "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----\n"),
        ("tls.key", "-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n-----END AGE ENCRYPTED FILE-----\n"),
        ("tls.key", "-----BEGIN PGP MESSAGE-----\n\nhQ\n-----END PGP MESSAGE-----\n"),
        ("tls.key", '{"data": "ENC[AES256_GCM,data:x]", "sops": {"mac": "ENC[x]"}}\n'),
        ("tls.key", random.Random(5).randbytes(300)),
        ("truststore.p12", PKCS12),
        ("cacerts.jks", JAVA),
        (".vault_pass", "#!/bin/sh\necho x\n"),
        (".vault_pass", "two\nlines of text\n"),
        (".npmrc", "//npm.wiki.internal/:_authToken=${NPM_TOKEN}\n"),
        (".pgpass", "db:5432:*:wiki:${PGPASSWORD}\n"),
        ("kubeconfig", "kind: Config\nusers:\n- name: a\n  user: {tokenFile: /run/token, client-key: a.key}\n"),
        ("kubeconfig", "{{ kubeconfig }}\n"),
        ("keys.txt", "the keys are in the drawer\n"),
        ("terraform.tfstate", '{"secret": "", "password": null}\n'),
    ],
)
def test_what_is_no_credential(tmp_path, name, content):
    assert told(lint(tmp_path, {name: content})) == []
    assert told(lint(tmp_path, {"control/.env": "DB_PASSWORD=<invented:password>\n"}))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("locked.pem", "<invented:locked_key>\n"),
        ("x.p12", PKCS12),
        ("x.pfx", PKCS12),
        ("x.jks", JAVA),
        ("tests/tls.key", "<invented:pkcs8_key>\n"),
        ("examples/.env", "DB_PASSWORD=<invented:password>\n"),
    ],
)
def test_what_is_less_sure_is_a_warning(tmp_path, name, content):
    assert told(lint(tmp_path, {name: content})) == [(name, 1, "warning")]


def test_what_git_has_although_it_is_ignored(tmp_path):
    files = {".gitignore": "# all\n*.env\n", "a.env": "DB_PASSWORD=<invented:password>\n"}
    assert told(lint(tmp_path, files)) == []
    for arguments in (("init", "-q"), ("add", "-f", "a.env")):
        subprocess.run(["git", "-C", str(tmp_path), *arguments], check=True)
    (finding,) = lint(tmp_path, files).findings
    assert [(one.place.path, one.place.start.line) for one in finding.related] == [(".gitignore", 2)]


KUBEADM = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: InitConfiguration\n"


@pytest.mark.parametrize(
    ("name", "text", "lines"),
    [
        (
            "ci.yaml",
            "apiVersion: v1\nkind: Config\nusers:\n- name: a\n  user:\n    password: <invented:password>\n",
            [6],
        ),
        (
            "ci.yaml",
            "kind: Config\nusers:\n- user:\n    auth-provider:\n      config: {refresh-token: <invented:password>}\n",
            [5],
        ),
        (
            "ci.yaml",
            "kind: Config\nusers:\n- user:\n    exec:\n      env: [{name: OIDC_SECRET, value: <invented:password>}]\n",
            [5],
        ),
        (
            "init.yaml",
            f"{KUBEADM}bootstrapTokens:\n- token: k8x2mq.7fz0q1lw93hd5v6c\ncertificateKey: <invented:password>\n",
            [4, 5],
        ),
        (
            "talos.yaml",
            "machine: {token: <invented:password>}\ncluster:\n  secret: <invented:password:base64>\n",
            [1, 3],
        ),
        (
            "secrets.yaml",
            "certs: {}\nsecrets: {bootstraptoken: k8x2mq.7fz0q1lw93hd5v6c}\ntrustdinfo: {token: <invented:password>}\n",
            [2, 3],
        ),
        (
            "rancher/k3s/config.yaml",
            "agent-token: <invented:password>\netcd-s3-secret-key: <invented:aws_secret>\n",
            [1, 2],
        ),
        (
            "group_vars/all.yaml",
            "rke2_token: <invented:password>\nk3s_agent_token: <invented:password>\nk3s_token: ''\n",
            [1, 2],
        ),
        ("registries.yaml", "configs:\n  r.wiki.internal:\n    auth:\n      password: <invented:password>\n", [4]),
        ("config.json", '{"auths": {"r.wiki.internal": {"auth": "<invented:password:base64>"}}}', []),
        ("config.json", "<invented:docker_config>", [1]),
        ("tunnel.json", '{"TunnelID": "x", "TunnelSecret": "<invented:password:base64>"}', [1]),
        ("other.yaml", "machine: x\ncluster: {secret: <invented:password>}\n", []),
        ("other.yaml", "contexts: [a]\nauths: x\nconfigs: {a: b}\ncerts: {}\n", []),
        ("sealed.yaml", "machine: {token: <invented:password>}\nsops: {mac: ENC[x], version: 3.9.4}\n", []),
        ("k3s/config.yaml", "token: '{{ k3s_token }}'\ntoken-file: /x\n", []),
    ],
)
def test_configuration_of_clusters(tmp_path, name, text, lines):
    assert [line for _, line, _ in told(lint(tmp_path, {name: text}))] == lines


def test_other_rules_speak_of_what_proves_itself_in_yaml(tmp_path):
    text = "kind: Config\nusers:\n- user:\n    client-key-data: <invented:ec_key:base64>\n    token: <invented:jwt>\n"
    report = lint(tmp_path, {"ci.yaml": text}, select=("secrets",))
    assert {f.meta.id for f in report.findings} == {"private-key", "provider-token"}


def test_a_file_with_very_many_is_told_once(tmp_path):
    text = "".join(f"A{number}_PASSWORD=kX7qLw0Z{number:04}d\n" for number in range(100))
    report = lint(tmp_path, {".env": text})
    assert len(report.findings) == MOST and f"and {100 - MOST} more" in report.findings[-1].message


def pieces(value):
    body = value.partition("://")[2].partition(":")[2].partition("@")[0] or value
    lines = [line for line in body.splitlines() if "-----" not in line and len(line) >= 8]
    encoded = base64.b64encode(value.encode()).decode()
    return {line[at : at + 8] for line in [*lines, encoded] for at in range(0, len(line) - 7, 4)}


def is_one_word(value):
    return value.startswith("-----BEGIN") or not any(sign in value.strip() for sign in " \n=:")


HARMLESS = {
    "certificate",
    "public_key",
    "pem_begin",
    "pem_end",
    "aws_documented",
    "jwt_tutorial",
    "jwt_without_algorithm",
}
SECRET_NAMES = ["docker_config", *(name for name in INVENTED if is_one_word(invented(name)) and name not in HARMLESS)]


@pytest.mark.parametrize("name", SECRET_NAMES)
def test_no_word_of_a_credential_is_shown_in_any_format(tmp_path, name):
    value = invented(name)
    one_line = value.strip().replace("\n", "\\n")
    files = {".env": f'API_TOKEN="{one_line}"\n', "tls.key": f"{value}\n", "wiki.sops.env": f"DB_PASSWORD={one_line}\n"}
    report = lint(tmp_path, files, select=("secrets",))
    report.rules = []  # their pages tell of no file, but may use such a word as an example
    hidden = {piece for piece in pieces(value) if not piece.isalpha()}
    for form in FORMATS:
        text = reporter(form)(report, Style())
        assert not [piece for piece in hidden if piece in text], form
        assert not [piece for piece in hidden if piece in json.dumps(text)]


def test_secrets_are_masked_where_another_rule_shows_their_line(tmp_path):
    files = {".gitignore": "x\n", "a.sops.yaml": "a: ENC[AES256_GCM,data:x]\nsops: {mac: ENC[x], lastmodified: x}\n"}
    files["kubeconfig"] = (
        "kind: Config\nusers:\n- name: a\n  user: {token: <invented:password>, password: <invented:password>}\n"
    )
    report = lint(tmp_path, files, select=("secrets",))
    assert invented("password") not in reporter("full")(report, Style()) and told(report)


def file_of(path, text):
    return CredentialFile(TextFile(path, TextKind.CREDENTIALS, lambda: SourceFile(path, text)))


@given(st.sampled_from([".env", "a.key", ".pgpass", ".vault_pass", "kubeconfig", "x.p12", ".npmrc"]), st.text())
@settings(max_examples=150, deadline=None)
def test_any_text_can_be_read(name, text):
    list(credentials_of(file_of(name, text)))


@given(st.binary(max_size=80))
def test_any_head_can_be_read(data):
    for name in ("a.p12", "a.key"):
        text = TextFile(name, TextKind.CREDENTIALS, lambda name=name: SourceFile(name, ""), head=lambda: data)
        list(credentials_of(CredentialFile(text)))


@pytest.mark.parametrize(
    ("path", "form"),
    [
        (".env", CredentialForm.VARIABLES),
        ("a/terraform.tfstate", CredentialForm.VARIABLES),
        ("TLS.KEY", CredentialForm.KEY),
        ("keys.txt", CredentialForm.KEY),
        ("a.p12", CredentialForm.KEY_STORE),
        ("kubeconfig", CredentialForm.DOCUMENT),
        (".pgpass", CredentialForm.LOGINS),
        (".vault_pass", CredentialForm.PASSWORD),
    ],
)
def test_how_files_are_written_by_their_names(path, form):
    assert credential_form(path) is form


@pytest.mark.parametrize(
    "piece", ["A_TOKEN=x\n", "=", " ", "-----BEGIN ", "a:b:c:d:e\n", "\\", "password ", "[sops\n", "'\""]
)
@pytest.mark.parametrize("name", [".env", "a.key", ".pgpass", ".npmrc"])
def test_effort_grows_with_the_text_and_no_faster(piece, name):
    assert grows_linearly(lambda size: list(credentials_of(file_of(name, piece * size))), 2000)
