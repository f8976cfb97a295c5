"""Where credentials stand: configuration files, command lines, variables, values, Secrets of every kind."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from invented import invented
from linting import ids, lint_texts

from kubelint.manifests import Document, Project
from kubelint.manifests.field import FieldSlice
from kubelint.sources import read_documents
from kubelint_rules.secrets.config_lines import assignments
from kubelint_rules.secrets.named_values import MOST, in_text
from kubelint_rules.secrets.password_hashes import weak_hashes
from kubelint_rules.secrets.plain_words import remedy
from kubelint_rules.secrets.rendered_values import is_told_elsewhere
from kubelint_rules.secrets.secret_in_args import SecretInArgs
from kubelint_rules.secrets.standard_base64 import is_base64, meant_base64

PASSWORD = invented("password")
KEY = invented("aws_secret")
PLACES = (
    "plaintext-secret", "secret-in-args", "secret-in-configmap", "secret-in-env", "secret-in-helm-values",
    "last-applied-secret",
)  # fmt: skip


def places(files: dict[str, str]) -> list[str]:
    """`rule file:line` of the findings of the rules about places."""
    report = lint_texts(files, select=("secrets",))
    assert not report.crashed
    return [f"{f.meta.id} {f.place.path}:{f.place.start.line}" for f in report.findings]


def manifest(kind: str, **fields: object) -> str:
    version = "apps/v1" if kind == "Deployment" else "v1"
    return json.dumps({"apiVersion": version, "kind": kind, "metadata": {"name": "wiki"}, **fields})


def pod(**container: object) -> str:
    return manifest("Pod", spec={"containers": [{"name": "wiki", "image": "wiki:1", **container}]})


@pytest.mark.parametrize(
    "line",
    [
        "password = {}",
        "password={}",
        "db.password: {}",
        "  password : '{}'  # a comment",
        'secret_key = "{}"',
        '"password": "{}",',
        '{{"user": "wiki", "password": "{}"}}',
        '\\"password\\": \\"{}\\"',
        "export API_TOKEN={}",
        "ENV API_TOKEN {}".replace(" {}", "={}"),
        "- api-key: {}",
        "user admin insecure-password {}",
        "password => '{}',",
        "$config['db_password'] = '{}';",
        "<password>{}</password>",
        '<login user="wiki" password="{}"/>',
        "<property><name>fs.secret.key</name><value>{}</value></property>",
        '- {{name: DB_PASSWORD, value: "{}"}}',
        "- name: DB_PASSWORD\n  value: {}",
        '{{\n "name": "DB_PASSWORD",\n "value": "{}"\n}}',
        "dsn: host=db user=wiki password={} sslmode=disable",
        "url: jdbc:postgresql://db/wiki?user=wiki&password={}&ssl=true",
        "CREATE USER wiki WITH PASSWORD '{}';",
        "ALTER USER wiki IDENTIFIED BY '{}';",
        "requirepass {}",
        "machine git.internal login wiki password {}",
        "-Dspring.datasource.password={}",
    ],
)
@pytest.mark.parametrize("before", ["", "host = db\n\n", "# password = old\r\n"])
def test_every_way_of_writing_an_assignment(line: str, before: str) -> None:
    text = before + line.format(PASSWORD) + "\nport = 5432\n"
    (found,) = in_text(text)
    assert text[found.start : found.end] == PASSWORD


def test_headers() -> None:
    for value in (f"Bearer {KEY}", "Basic " + base64.b64encode(f"wiki:{PASSWORD}".encode()).decode()):
        for line in (
            f"Authorization: {value}",
            f'proxy_set_header Authorization "{value}";',
            f'"authorization": "{value}"',
        ):
            assert len(in_text(line)) == 1
    assert not in_text("Authorization: Bearer <token>")
    assert not in_text("Authorization: Bearer $TOKEN")


@pytest.mark.parametrize(
    "line",
    [
        "# password = {}",
        "; password = {}",
        "// password = {}",
        "<!-- <password>{}</password> -->",
        "password_file = /run/secrets/{}",
        "secretName: {}",
        "username = {}",
        "password = ${{{}}}",
        "password = $(cat {})",
        'password = "$DB_PASSWORD{}"',
        "password = os.environ[{}]",
        "password = read_password({})",
        "password: !env_var {} x",
        "password == '{}'",
        "password =~ '{}'",
        "password:: {}",
        "- name: DB_PASSWORD\n- name: MODE\n  value: {}",
        "- name: DB_PASSWORD\n\n\n\n  value: {}",
    ],
)
def test_what_assigns_no_credential(line: str) -> None:
    assert in_text(line.format(PASSWORD)) == []
    assert in_text(f"password = {PASSWORD}")


@given(st.text(alphabet=st.sampled_from("pasword =:'\"\\<>{}[]()$!#\n\r\té𝄞-_.,;&|x9"), max_size=80))
def test_no_text_crashes_and_places_are_exact(text: str) -> None:
    for found in assignments(text):
        assert text[found.start : found.end] == found.value


@pytest.mark.parametrize(
    "line",
    [
        "password = ",
        "a=b, password",
        "name: a_token ",
        '"name": "x_key", ',
        "\\" * 40,
        "<a_key><b>",
        "secret['",
        "passwd-",
    ],
)
def test_a_long_line_is_read_in_linear_time(line: str) -> None:
    """Were a pattern not bounded, this would not end."""
    assert len(in_text(line * 40_000)) < 40_000


def secrets_of(text: str) -> list[str]:
    """What the findings about command lines point at."""
    project = Project(Document(source) for source in read_documents("pod.yaml", text).documents)
    found = []
    for finding in SecretInArgs().check(project):
        value = project.documents[0].field(finding.location.path).value
        start, end = finding.location.characters or (0, len(value))
        found.append(value[start:end].strip("'\""))
    return found


@pytest.mark.parametrize(
    "line",
    [
        ["wiki", f"--password={PASSWORD}"],
        ["wiki", "--password", PASSWORD],
        ["wiki", f"-api-key={PASSWORD}"],
        ["wiki", "--dsn", f"host=db password={PASSWORD} user=wiki"],
        ["wiki", f"--dsn=host=db password={PASSWORD} user=wiki"],
        ["java", f"-Dspring.datasource.password={PASSWORD}"],
        ["mysql", f"-p{PASSWORD}", "-u", "root"],
        ["mysql", f"--password={PASSWORD}"],
        ["redis-cli", "-a", PASSWORD, "ping"],
        ["redis-server", "--requirepass", PASSWORD],
        ["sshpass", "-p", PASSWORD, "ssh", "host"],
        ["curl", "-u", f"wiki:{PASSWORD}", "https://files.internal"],
        ["curl", f"--user=wiki:{PASSWORD}", "https://files.internal"],
        ["curl", "-H", f"X-Api-Key: {PASSWORD}", "https://files.internal"],
        ["env", f"PGPASSWORD={PASSWORD}", "psql"],
        ["kubectl", "create", "secret", "generic", "x", f"--from-literal=password={PASSWORD}"],
        ["vault", "login", f"token={PASSWORD}"],
        ["sh", "-c", f"exec wiki --password '{PASSWORD}'"],
        ["sh", "-c", f"PGPASSWORD={PASSWORD} psql"],
        ["sh", "-c", f"export PGPASSWORD='{PASSWORD}'\npsql"],
        ["bash", "-ec", f"PW={PASSWORD}\nmysql -p$PW"],
        ["sh", "-c", f"cat > f <<X\nhost = db\npassword = {PASSWORD}\nX"],
        ["sh", "-c", f"mysql -p'{PASSWORD}' -e \"$(cat /sql)\""],
    ],
    ids=lambda line: " ".join(line)[:30],
)
def test_command_lines(line: list[str]) -> None:
    assert secrets_of(pod(command=line)) == [PASSWORD]
    assert secrets_of(pod(command=line[:1], args=line[1:])) == [PASSWORD]
    assert secrets_of(pod(livenessProbe={"exec": {"command": line}})) == [PASSWORD]
    assert secrets_of(pod(lifecycle={"preStop": {"exec": {"command": line}}})) == [PASSWORD]


@pytest.mark.parametrize(
    "line",
    [
        ["wiki", "--password-file", f"/run/{PASSWORD}"],
        ["wiki", "--password", "--verbose"],
        ["wiki", "--password"],
        ["wiki", "--password=$(PASSWORD)"],
        ["wiki", "--secret=wiki-tls"],
        ["wiki", "--token={{ .Values.token }}"],
        ["wiki", f"--name={PASSWORD}"],
        ["mysql", "-p"],
        ["ssh", f"-p{PASSWORD}"],
        ["curl", "-u", "$USER:$PASSWORD", "https://files.internal"],
        ["sh", "-c", "mysql -p$PASSWORD"],
        ["sh", "-c", f"# mysql -p{PASSWORD}"],
        [None, 3, {"password": PASSWORD}, ["--password", PASSWORD]],
    ],
    ids=str,
)
def test_command_lines_without_credentials(line: list[object]) -> None:
    assert secrets_of(pod(command=line)) == []


def test_arguments_without_a_command() -> None:
    assert secrets_of(pod(args=[f"--password={PASSWORD}", "--verbose"])) == [PASSWORD]
    assert secrets_of(pod(args=f"--password={PASSWORD}")) == []


@pytest.mark.parametrize(
    ("kind", "spec"),
    [
        ("Database", {"extraEnv": [{"name": "DB_PASSWORD", "value": PASSWORD}]}),
        ("Database", {"env": {"DB_PASSWORD": PASSWORD}}),
        ("Database", {"env": {"DB_PASSWORD": {"value": PASSWORD}}}),
        ("Database", {"environment": [f"DB_PASSWORD={PASSWORD}"]}),
        ("Database", {"pods": [{"extraEnvVars": [{"name": "DB_PASSWORD", "value": PASSWORD}]}]}),
    ],
)
def test_variables_of_any_kind(kind: str, spec: object) -> None:
    assert places({"db.yaml": manifest(kind, spec=spec)}) == ["secret-in-env db.yaml:1"]
    other = json.loads(json.dumps(spec).replace("DB_PASSWORD", "DB_NAME"))
    assert places({"db.yaml": manifest(kind, spec=other)}) == []


@pytest.mark.parametrize(
    "text",
    ["", "d2lraQ==", "d2lr\naQ==", "d2lraQ=\n=\r\n", "YQ==", "YWI=", "YWJj", "YR=="],
)
def test_what_the_api_server_decodes(text: str) -> None:
    assert is_base64(text)


@pytest.mark.parametrize(
    "text",
    [
        "d2lraQ",
        "d2lraQ=",
        "d2lr aQ==",
        "d2lr\taQ==",
        "d2lraQ===",
        "YWJj=",
        "YWJj====",
        "_-_-",
        "YQ==YQ==",
        "wiki!",
        "a",
        "é",
    ],
)
def test_what_the_api_server_refuses(text: str) -> None:
    assert not is_base64(text)


@given(st.binary(max_size=60))
def test_every_encoding_is_one(raw: bytes) -> None:
    assert is_base64(base64.b64encode(raw).decode())


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("aGVsbG8gd2lraQ", "aGVsbG8gd2lraQ=="),
        ("aGVs bG8gd2lraQ==", "aGVsbG8gd2lraQ=="),
        ("Pz8_Pz8-Pz8_", "Pz8/Pz8+Pz8/"),
        ("hunter2", None),
        ("wiki@mail.internal", None),
        ("eu-central-1", None),
        ("password", None),
    ],
)
def test_what_was_meant_by_what_is_nearly_base64(text: str, meant: str | None) -> None:
    assert meant_base64(text) == meant


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        (invented("apr1_hash"), ["MD5 (apr1)"]),
        (invented("apr1_hash").replace("$", "$$"), ["MD5 (apr1)"]),
        (invented("apr1_hash").replace("apr1", "1"), ["MD5"]),
        (invented("bcrypt_hash"), ["bcrypt, cost 5"]),
        (invented("bcrypt_hash").replace("$05$", "$10$"), ["bcrypt, cost 10"]),
        (invented("sha_hash"), ["SHA-1 without salt"]),
        (f"a:{invented('bcrypt_hash')}\nb:{invented('sha_hash')}\n", ["bcrypt, cost 5", "SHA-1 without salt"]),
        (invented("strong_bcrypt_hash"), []),
        ("$2y$05$" + "x" * 53, []),
        ("it costs $2 or $1$", []),
        ("{SHA}", []),
    ],
)
def test_weak_hashes(text: str, kinds: list[str]) -> None:
    assert list(weak_hashes(text)) == kinds


CHART = {
    "Chart.yaml": "apiVersion: v2\nname: wiki\nversion: 1.0.0\n",
    "values.yaml": f"database:\n  password: {PASSWORD}\n",
}


def test_a_value_is_reported_once_for_many_releases() -> None:
    release = (
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: {0}}}\n"
        "spec:\n  source:\n    path: chart\n"
    )
    files = {f"chart/{name}": text for name, text in CHART.items()}
    files |= {f"{name}.yaml": release.format(name) for name in ("a", "b")}
    assert places(files) == ["secret-in-helm-values chart/values.yaml:2"]


def test_variables_among_values_are_values() -> None:
    release = {"values": {"env": [{"name": "DB_PASSWORD", "value": PASSWORD}]}}
    text = json.dumps(
        {
            "apiVersion": "helm.toolkit.fluxcd.io/v2",
            "kind": "HelmRelease",
            "metadata": {"name": "wiki"},
            "spec": release,
        }
    )
    assert places({"release.yaml": text}) == ["secret-in-helm-values release.yaml:1"]


def test_values_that_a_configmap_brings_in_are_values() -> None:
    config = (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: values}\n"
        f"data:\n  values.yaml: |\n    a: 1\n    password: {PASSWORD}\n"
    )
    release = (
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: wiki}\nspec:\n"
        "  valuesFrom:\n    - {kind: ConfigMap, name: values}\n"
    )
    assert places({"config.yaml": config}) == ["secret-in-configmap config.yaml:7"]
    assert places({"config.yaml": config, "release.yaml": release}) == ["secret-in-helm-values config.yaml:7"]


GENERATOR = "configMapGenerator:\n  - name: wiki\n    files: [values.yaml]\n"


def test_a_file_of_values_is_not_configuration_too() -> None:
    files = {"kustomization.yaml": GENERATOR, "values.yaml": f"password: {PASSWORD}\n"}
    assert places(files) == ["secret-in-helm-values values.yaml:1"]
    files = {"kustomization.yaml": GENERATOR.replace("values", "settings"), "settings.yaml": files["values.yaml"]}
    assert places(files) == ["secret-in-configmap settings.yaml:1"]


@pytest.mark.parametrize(
    ("practice", "command"),
    [
        ("", "SOPS, Sealed Secrets or External Secrets"),
        ("data: {a: x}\nsops: {mac: x, version: 3.9.0}\n", "`sops --encrypt --in-place 'my apps/db.yaml'`"),
        ("creation_rules: [{age: age1x}]\n", "`sops --encrypt --in-place 'my apps/db.yaml'`"),
        ("apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: a}\n", "`kubeseal --format yaml"),
        (
            "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: a}\n"
            "spec: {secretStoreRef: {kind: ClusterSecretStore, name: vault}}\n",
            "through ClusterSecretStore `vault`",
        ),
    ],
)
def test_help_speaks_of_what_the_repository_uses(practice: str, command: str) -> None:
    source = read_documents(".sops.yaml" if "creation" in practice else "other.yaml", practice)
    project = Project(Document(document) for document in source.documents)
    for text in (remedy(project, "my apps/db.yaml"), remedy(project, "my apps/db.yaml", refer="refer to it")):
        assert text.startswith("revoke and rotate it first") and text.endswith("`git filter-repo`")
    assert command in remedy(project, "my apps/db.yaml")


def rendered(text: str, template: str) -> Document:
    document = Document(read_documents("rendered/a.yaml", text).documents[0])
    document.rendering, document.template = "wiki", template
    return document


@pytest.mark.parametrize(
    ("template", "value", "told"),
    [
        ("password: {{ .Values.database.password }}", PASSWORD, True),
        ('url: {{ printf "wiki:%s" .Values.database.password }}', f"wiki:{PASSWORD}", True),
        ("password: {{ .Values.other }}", KEY, False),
        (f"name: {{{{ .Release.Name }}}}\npassword: {PASSWORD}", PASSWORD, False),
        (f"password: {PASSWORD}", PASSWORD, False),
    ],
)
def test_what_a_template_is_given_is_told_where_it_is_given(template: str, value: str, told: bool) -> None:
    document = rendered("a: 1\n", template)
    sources = [read_documents(name, text) for name, text in CHART.items()]
    project = Project([document, *(Document(source.documents[0]) for source in sources)])
    assert is_told_elsewhere(project, document, value) is told
    assert not is_told_elsewhere(project, project.documents[1], value)


def test_copies_in_annotations() -> None:
    inner = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x"}, "data": {}, "stringData": {}}
    for section, value in (("stringData", PASSWORD), ("data", base64.b64encode(PASSWORD.encode()).decode())):
        copy = json.dumps({**inner, section: {"password": value}})
        text = json.dumps(
            {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": {"name": "x", "annotations": {"kubectl.kubernetes.io/last-applied-configuration": copy}},
            }
        )
        assert places({"a.yaml": text}) == ["last-applied-secret a.yaml:1"]
        assert places({"a.yaml": text.replace(value, "")}) == []


WRONG: list[object] = [None, [], {}, "text", 7, True, [None], {"a": None}, [[{}]], {"a": [1]}, {"a\nb": "c"}]


@pytest.mark.parametrize("value", WRONG, ids=str)
def test_fields_of_other_types(value: object) -> None:
    for kind in ("Secret", "ConfigMap", "SealedSecret", "ExternalSecret"):
        for field in ("data", "stringData", "binaryData", "spec", "metadata"):
            assert not lint_texts({"a.yaml": manifest(kind, **{field: value})}, select=("secrets",)).crashed
    for field in ("args", "command", "env", "envFrom", "livenessProbe", "lifecycle"):
        assert not lint_texts({"a.yaml": pod(**{field: value})}, select=("secrets",)).crashed


def test_a_large_configmap() -> None:
    data = {f"entry{index}": f"value {index}" for index in range(100_000)}
    data["password"] = PASSWORD
    data["app.ini"] = "\n".join(f"password{index} = {PASSWORD}" for index in range(1000))
    report = lint_texts({"a.yaml": manifest("ConfigMap", data=data)}, select=("secret-in-configmap",))
    assert not report.crashed
    assert len(report.findings) == 1 + MOST
    assert sum(f"and {1000 - MOST} more" in finding.message for finding in report.findings) == 1


@pytest.mark.parametrize(
    "value",
    [
        "QUJD" * 5_000_000,
        "not base64 " * 500_000,
        "=" * 100_000,
        base64.b64encode(bytes(range(256)) * 100).decode(),
        base64.b64encode(b"\x1f\x8b" + b"\x00" * 100).decode(),
        "a" * 1_000_000,
    ],
    ids=range(6),
)
def test_values_of_any_size_and_content(value: str) -> None:
    report = lint_texts({"a.yaml": manifest("Secret", data={"password": value})}, select=("secrets",))
    assert not report.crashed
    report = lint_texts(
        {"a.yaml": manifest("ConfigMap", binaryData={"password": value[:2_000_000]})}, select=("secrets",)
    )
    assert not report.crashed


def test_a_password_is_not_in_its_finding_anywhere() -> None:
    data = {"app.ini": f"host = db\npassword = {PASSWORD}\nport = 5432\n"}
    report = lint_texts({"a.yaml": manifest("ConfigMap", data=data)}, select=("secrets",))
    (finding,) = report.findings
    assert PASSWORD not in repr(finding)
    assert ids(report) == ["secret-in-configmap"]


def test_slices_name_the_characters_of_a_value() -> None:
    root = Document(read_documents("a.yaml", f"a: |\n  x = 1\n  password = {PASSWORD}\n").documents[0]).root
    (found,) = in_text(root.get("a").value)
    at = root.get("a").slice(found.start, found.end)
    assert isinstance(at, FieldSlice)
    assert root.get("a").value[at.start : at.end] == PASSWORD


@pytest.mark.parametrize("value", [f"Server=db;User Id=wiki;Password={PASSWORD};", f"-Dwiki.db.password={PASSWORD}"])
def test_a_variable_may_hold_an_assignment(value: str) -> None:
    assert places({"pod.json": pod(env=[{"name": "WIKI_OPTIONS", "value": value}])}) == ["secret-in-env pod.json:1"]


def test_what_flux_substitutes_are_variables() -> None:
    told = [
        json.dumps(
            {
                "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
                "kind": "Kustomization",
                "metadata": {"name": "wiki", "namespace": "flux-system"},
                "spec": {
                    "path": "./wiki",
                    "postBuild": {"substitute": {"DB_PASSWORD": value, "DOMAIN": "wiki.internal"}},
                },
            }
        )
        for value in (PASSWORD, "${DB_PASSWORD}")
    ]
    assert places({"ks.json": told[0]}) == ["secret-in-env ks.json:1"]
    assert places({"ks.json": told[1]}) == []


@pytest.mark.parametrize("provider", ["aescbc", "aesgcm", "secretbox"])
def test_keys_of_the_api_server(provider: str) -> None:
    for value, expected in ((KEY, ["credential-file-committed encryption.json:1"]), ("${ENCRYPTION_KEY}", [])):
        keys = {"keys": [{"name": "key1", "secret": value}]}
        config = {
            "apiVersion": "apiserver.config.k8s.io/v1",
            "kind": "EncryptionConfiguration",
            "resources": [{"resources": ["secrets"], "providers": [{provider: keys}, {"identity": {}}]}],
        }
        assert [
            place for place in places({"encryption.json": json.dumps(config)}) if "scanner" not in place
        ] == expected
