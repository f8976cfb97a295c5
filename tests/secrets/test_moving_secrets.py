"""Fixes that have a credential read from a Secret: where they are offered, and what they leave."""

from typing import Any

import pytest
import yaml
from invented import invented
from linting import REGISTRY, TODAY

from kubelint.checks import Applicability
from kubelint.config.model import Settings
from kubelint.engine.fixing.fixer import Fixer, Outcome
from kubelint.engine.linter import Linter
from kubelint.engine.reading import Input
from kubelint.sources.reading import read_bytes

V, W = invented("password"), invented("aws_secret")
RULES = ("secret-in-args", "secret-in-env", "secret-in-configmap", "secret-in-helm-values")


def outcome_of(text: str, *rules: str) -> Outcome:
    linter = Linter(REGISTRY, Settings()._replace(select=rules or RULES), TODAY)
    outcome = Fixer(linter.run, frozenset(Applicability)).run(Input([read_bytes("a.yaml", text.encode())]))
    assert not outcome.refused and not outcome.report.crashed
    return outcome


def fixed(text: str, *rules: str) -> list[Any]:
    """The documents after their fixes."""
    outcome = outcome_of(text, *rules)
    return list(yaml.safe_load_all(outcome.changed["a.yaml"][1].text if outcome.changed else text))


def pod(**container: Any) -> str:
    spec = {"containers": [{"name": "main", "image": "x", **container}]}
    return yaml.safe_dump({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "wiki"}, "spec": spec})


def main(text: str) -> dict[str, Any]:
    found: dict[str, Any] = fixed(text)[0]["spec"]["containers"][0]
    return found


def ref(key: str, name: str = "wiki") -> dict[str, Any]:
    return {"name": key, "valueFrom": {"secretKeyRef": {"name": name, "key": key}}}


WORDS = {
    "one item": ([f"--db-password={V}"], ["--db-password=$(DB_PASSWORD)"], "DB_PASSWORD"),
    "two items": (["--db-password", V], ["--db-password", "$(DB_PASSWORD)"], "DB_PASSWORD"),
    "a name in humps": ([f"--clientSecret={W}"], ["--clientSecret=$(CLIENT_SECRET)"], "CLIENT_SECRET"),
    "twice": ([f"--a-password={V}", f"--b-password={V}"], ["--a-password=$(A_PASSWORD)", "--b-password=$(A_PASSWORD)"],
              "A_PASSWORD"),
    "behind env": (["env", f"PGPASSWORD={V}", "psql"], ["env", "PGPASSWORD=$(PGPASSWORD)", "psql"], "PGPASSWORD"),
    "a short option": (["redis-cli", "-a", V, "ping"], ["redis-cli", "-a", "$(PASSWORD)", "ping"], "PASSWORD"),
    "dollars of its own": ([f"--password=$${V}"], ["--password=$(PASSWORD)"], "PASSWORD"),
}  # fmt: skip


@pytest.mark.parametrize("name", WORDS)
def test_words_of_a_command(name: str) -> None:
    args, after, variable = WORDS[name]
    container = main(pod(args=args))
    assert container["args"] == after
    assert container["env"] == [ref(variable)]
    assert list(container) == sorted(container) or list(container).index("env") > list(container).index("args")


SCRIPTS = {
    "bare": (f"app --password={V} -x", 'app --password="$PASSWORD" -x'),
    "in double quotes": (f'app "--password={V}"', 'app "--password=$PASSWORD"'),
    "its value in double quotes": (f'app --password="{V}"', 'app --password="$PASSWORD"'),
    "its value in single quotes": (f"app --password='{V}' -x", 'app --password="$PASSWORD" -x'),
    "in single quotes": (f"app '--password={V}'", "app '--password='\"$PASSWORD\"''"),
    "a variable of the script": (f"export PASSWORD={V}\napp\n", 'export PASSWORD="$PASSWORD"\napp\n'),
    "before a command": (f"PASSWORD={V} app", 'PASSWORD="$PASSWORD" app'),
    "in a list of commands": (f"a && app --password {V}; b", 'a && app --password "$PASSWORD"; b'),
    "after a comment with a quote": (f"# it's\napp --password={V}\n", '# it\'s\napp --password="$PASSWORD"\n'),
    "in a pair": (f"curl -u me:{V} https://x.example", 'curl -u me:"$PASSWORD" https://x.example'),
}


@pytest.mark.parametrize("name", SCRIPTS)
@pytest.mark.parametrize("shell", [["sh", "-c"], ["/bin/bash", "-euc"]])
def test_scripts(name: str, shell: list[str]) -> None:
    before, after = SCRIPTS[name]
    for given in ({"command": [*shell, before]}, {"command": shell, "args": [before]}):
        container = main(pod(**given))
        assert [*container["command"], *container.get("args", [])] == [*shell, after]
        assert container["env"] == [ref("PASSWORD")]


def pods(kind: str) -> str:
    return {
        "CronJob": "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: wiki}\nspec: {jobTemplate: {spec: {template: "
        "{spec: {containers: [%s]}}}}}\n",
        "init": "apiVersion: v1\nkind: Pod\nmetadata: {name: wiki}\nspec: {containers: [], initContainers: [%s]}\n",
    }[kind] % f'{{name: a, args: ["--password={V}"]}}'


@pytest.mark.parametrize("kind", ["CronJob", "init"])
def test_wherever_the_container_is_in_flow_style(kind: str) -> None:
    text = outcome_of(pods(kind)).changed["a.yaml"][1].text
    assert V not in text
    assert '{name: a, args: ["--password=$(PASSWORD)"], env: [{name: PASSWORD' in text.replace('"PASSWORD"', "PASSWORD")


def test_variables_that_are_there() -> None:
    kept = {"name": "LOG", "value": "info"}
    assert main(pod(args=[f"--password={V}"], env=[kept]))["env"] == [kept, ref("PASSWORD")]
    assert main(pod(args=[f"--password={V}"], env=[]))["env"] == [ref("PASSWORD")]
    assert main(pod(args=[f"--password={V}"], env=None))["env"] == [ref("PASSWORD")]


def test_the_variable_that_has_the_value_already_is_used() -> None:
    container = main(pod(args=[f"--password={V}"], env=[{"name": "PASSWORD", "value": V}]))
    assert (container["args"], container["env"]) == (["--password=$(PASSWORD)"], [ref("PASSWORD")])


SECRET = "---\napiVersion: v1\nkind: Secret\nmetadata: {name: wiki}\n"
LEFT = {
    "another variable of the name": pod(args=[f"--password={V}"], env=[{"name": "PASSWORD", "value": "none"}]),
    "a variable that a Secret gives": pod(args=[f"--password={V}"], env=[ref("PASSWORD", "other")]),
    "two values of one name": pod(args=[f"--password={V}", f"--password={W}"]),
    "a Secret of the name": pod(args=[f"--password={V}"]) + SECRET,
    "a probe": pod(livenessProbe={"exec": {"command": ["app", f"--password={V}"]}}),
    "a hook": pod(lifecycle={"preStop": {"exec": {"command": ["app", f"--password={V}"]}}}),
    "a document in a script": pod(command=["sh", "-c", f"cat > x <<'E'\npassword={V}\nE\n"]),
    "a script in a script": pod(command=["sh", "-c", f"ssh host 'app --password={V}'"]),
    "arguments of a script": pod(command=["sh", "-c", 'app "$@"', "app", f"--password={V}"]),
    "a name that goes on": pod(command=["sh", "-c", f'app "--password={V}"x"; "']),
}


@pytest.mark.parametrize("name", LEFT)
def test_no_fix_where_it_could_not_be_right(name: str) -> None:
    outcome = outcome_of(LEFT[name], "secret-in-args")
    assert not outcome.changed


def test_two_containers_that_name_different_values_alike() -> None:
    containers = [{"name": name, "args": [f"--password={value}"]} for name, value in (("a", V), ("b", W))]
    spec = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "wiki"}, "spec": {"containers": containers}}
    assert not outcome_of(yaml.safe_dump(spec)).changed
    containers[1]["args"] = [f"--token={W}"]
    assert V not in outcome_of(yaml.safe_dump(spec)).changed["a.yaml"][1].text


def test_variables_of_one_name_with_different_values() -> None:
    containers = [{"name": name, "env": [{"name": "PASSWORD", "value": value}]} for name, value in (("a", V), ("b", W))]
    spec = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "wiki"}, "spec": {"containers": containers}}
    assert not outcome_of(yaml.safe_dump(spec)).changed


def test_a_patch_is_left_alone() -> None:
    text = pod(args=[f"--password={V}"])
    kustomization = "---\napiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\npatches: [{path: a.yaml}]\n"
    sources = [read_bytes("a.yaml", text.encode()), read_bytes("kustomization.yaml", kustomization.encode())]
    linter = Linter(REGISTRY, Settings()._replace(select=("secret-in-args",)), TODAY)
    assert not Fixer(linter.run, frozenset(Applicability)).run(Input(sources)).changed


CONFIG = f"""\
apiVersion: v1
kind: ConfigMap
metadata: {{name: wiki, namespace: wiki}}
data:
  URL: https://wiki.internal
  PASSWORD: {V}
---
"""


def reader(spec: str, namespace: str = "wiki") -> str:
    return f"apiVersion: v1\nkind: Pod\nmetadata: {{name: reader, namespace: {namespace}}}\nspec: {spec}\n---\n"


ENTRY = "{containers: [{name: a, env: [{name: X, valueFrom: {configMapKeyRef: {name: wiki, key: PASSWORD}}}]}]}"
ALL_ENTRIES = "{containers: [{name: a, envFrom: [{configMapRef: {name: wiki}}]}]}"
OTHER_ENTRY = "{containers: [{name: a, env: [{name: X, valueFrom: {configMapKeyRef: {name: wiki, key: URL}}}]}]}"
FILES = "{containers: [{name: a}], volumes: [{name: v, configMap: {name: wiki}}]}"


def test_an_entry_that_is_read_as_a_variable() -> None:
    config, other, *_ = fixed(CONFIG + reader(ENTRY))
    assert config["data"] == {"URL": "https://wiki.internal"}
    source = other["spec"]["containers"][0]["env"][0]["valueFrom"]
    assert source == {"secretKeyRef": {"name": "wiki", "key": "PASSWORD"}}


def test_an_entry_that_is_read_with_all_others() -> None:
    text = CONFIG.replace("  URL", f"  TOKEN: {W}\n  URL") + reader(ALL_ENTRIES)
    config, other, *_ = fixed(text)
    assert config["data"] == {"URL": "https://wiki.internal"}
    assert other["spec"]["containers"][0]["envFrom"] == [
        {"configMapRef": {"name": "wiki"}},
        {"secretRef": {"name": "wiki"}},
    ]


def test_a_prefix_and_what_is_optional_are_kept() -> None:
    prefixed = ALL_ENTRIES.replace("{configMapRef", "{prefix: P_, configMapRef")
    assert fixed(CONFIG + reader(prefixed))[1]["spec"]["containers"][0]["envFrom"][1] == {
        "prefix": "P_",
        "secretRef": {"name": "wiki"},
    }
    optional = ENTRY.replace("key: PASSWORD", "key: PASSWORD, optional: true")
    source = fixed(CONFIG + reader(optional))[1]["spec"]["containers"][0]["env"][0]["valueFrom"]
    assert source == {"secretKeyRef": {"name": "wiki", "key": "PASSWORD", "optional": True}}


def test_readers_of_other_namespaces_stay_as_they_are() -> None:
    text = CONFIG + reader(ENTRY) + reader(ENTRY, "shop")
    documents = fixed(text)
    sources = [each["spec"]["containers"][0]["env"][0]["valueFrom"] for each in documents[1:3]]
    assert [next(iter(source)) for source in sources] == ["secretKeyRef", "configMapKeyRef"]


@pytest.mark.parametrize(
    "others",
    [
        "",
        reader(ENTRY, "shop"),
        reader(OTHER_ENTRY),
        reader(FILES),
        reader(ENTRY) + reader(FILES),
        reader(ENTRY) + SECRET.removeprefix("---\n"),
        reader(ENTRY)
        + "kind: Thing\napiVersion: x/v1\nmetadata: {name: x}\nspec: {from: {kind: ConfigMap, name: wiki}}\n",
        reader(ENTRY).replace(", namespace: wiki", ""),
    ],
)
def test_config_maps_whose_readers_are_not_all_known(others: str) -> None:
    assert not outcome_of(CONFIG + others).changed


def release(values: str, more: str = "") -> str:
    return (
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: wiki, namespace: wiki}\nspec:\n"
        f"  chart: {{spec: {{chart: wiki, sourceRef: {{kind: HelmRepository, name: w}}}}}}\n{more}  values: {values}\n"
    )


def test_values_of_a_flux_release() -> None:
    text = outcome_of(release(f"{{db: {{password: {V}}}}}")).changed["a.yaml"][1].text
    assert text.index("valuesFrom") < text.index("values:")
    spec = yaml.safe_load(text)["spec"]
    wanted = {"kind": "Secret", "name": "wiki-values", "valuesKey": "db.password", "targetPath": "db.password"}
    assert (spec["values"], spec["valuesFrom"]) == ({"db": {}}, [wanted])


def test_several_values_beside_other_references() -> None:
    more = "  valuesFrom: [{kind: ConfigMap, name: base}]\n"
    spec = fixed(release(f"{{db: {{password: {V}}}, api: {{token: {W}}}}}", more))[0]["spec"]
    assert [entry.get("targetPath") for entry in spec["valuesFrom"]] == [None, "db.password", "api.token"]
    assert spec["values"] == {"db": {}, "api": {}}


def test_dots_in_keys_are_escaped() -> None:
    (entry,) = fixed(release(f"{{auth.v1: {{password: {V}}}}}"))[0]["spec"]["valuesFrom"]
    assert (entry["valuesKey"], entry["targetPath"]) == ("auth.v1.password", r"auth\.v1.password")


CHART = (
    "apiVersion: helm.cattle.io/v1\nkind: HelmChart\nmetadata: {{name: wiki, namespace: kube-system}}\nspec:\n"
    "  chart: wiki\n  valuesContent: |\n    db:\n      password: {0}\n    api: {{token: {1}, url: x}}\n"
)


def test_values_of_a_chart_of_k3s() -> None:
    spec = fixed(CHART.format(V, W))[0]["spec"]
    assert spec["valuesSecrets"] == [{"name": "wiki-values", "keys": ["values.yaml"]}]
    assert yaml.safe_load(spec["valuesContent"]) == {"db": {}, "api": {"url": "x"}}


def test_other_secrets_of_a_chart_of_k3s_are_kept() -> None:
    others = "  valuesSecrets: [{name: wiki-values, keys: [other.yaml]}]\n"
    spec = fixed(CHART.format(V, W).replace("  chart: wiki\n", f"  chart: wiki\n{others}"))[0]["spec"]
    assert [entry["keys"] for entry in spec["valuesSecrets"]] == [["other.yaml"], ["values.yaml"]]


APPLICATION = f"""\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {{name: wiki}}
spec: {{source: {{chart: wiki, repoURL: "https://x.example", helm: {{valuesObject: {{db: {{password: {V}}}}}}}}}}}
"""


@pytest.mark.parametrize(
    "text",
    [
        release(f"{{env: [{{name: DB_PASSWORD, value: {V}}}]}}"),
        release(f"{{users: [{{password: {V}}}]}}"),
        release(f'{{"a b": {{password: {V}}}}}'),
        release(f"{{config: 'password = {V}'}}"),
        release(f"{{db: {{password: {V}}}}}", "  valuesFrom: ${REFERENCES}\n"),
        release(f"{{db: {{password: {V}}}}}", "  valuesFrom: [{kind: Secret, name: x, targetPath: db.password}]\n"),
        release(f"{{db: {{password: {V}}}}}").replace("helm.toolkit.fluxcd.io/v2", "helm.fluxcd.io/v1"),
        release(f"{{db: {{password: {V}}}}}") + SECRET.replace("wiki", "wiki-values"),
        APPLICATION,
    ],
)
def test_values_that_stay(text: str) -> None:
    assert not outcome_of(text).changed


def test_what_is_left_says_no_more_and_shows_nothing() -> None:
    outcome = outcome_of(release(f"{{db: {{password: {V}}}}}"))
    assert not outcome.report.findings
    text = release(f"{{db: {{password: {V}}}}}")
    report = Linter(REGISTRY, Settings()._replace(select=RULES), TODAY).run(
        Input([read_bytes("a.yaml", text.encode())])
    )
    (finding,) = report.findings
    assert V not in repr(finding.fixes)
