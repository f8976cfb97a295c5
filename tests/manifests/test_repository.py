"""A repository's own files: SOPS, hooks, what git ignores."""

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from linting import REGISTRY  # noqa: F401 - imports the rule packages in the order that a run does

from kubelint.checks import Location
from kubelint.engine.places import Places
from kubelint.manifests import Document, Project
from kubelint.manifests.repository import creation_rule, policy_above, sops_metadata
from kubelint.sources import SourceFile, read_documents
from kubelint.sources.text_files import TextFile, text_kind


def project(files, repositories=()):
    documents, texts = [], []
    for name, text in files.items():
        kind = text_kind(name)
        if kind is None:
            documents += [Document(document) for document in read_documents(name, text).documents]
        else:
            texts.append(TextFile(name, kind, lambda name=name, text=text: SourceFile(name, text)))
    return Project(documents, None, repositories, texts)


def shown(found, target):
    location = Location.of(target)
    sources = {document.file: document.source.source for document in found.documents}
    sources |= {text.path: text.source for text in found.texts}
    place = Places(sources).find(location)
    return sources[location.file].text[place.span.start : place.span.end]


# SOPS

SOPS = """\
creation_rules:
  - path_regex: talos/.*\\.sops\\.ya?ml$
    age: age1first, age1second
    mac_only_encrypted: true
  - path_regex: \\.sops\\.ya?ml$
    encrypted_regex: ^(data|stringData)$
    key_groups:
      - age: [age1first]
        pgp: [ABCD]
        merge: [{kms: [{arn: 'arn:aws:kms:x'}], hc_vault: ['https://vault/v1/t']}]
  - pgp: EFGH
"""


def test_the_first_rule_that_matches():
    found = project({".sops.yaml": SOPS, "apps/a.yaml": "a: 1\n"})
    (policy,) = found.sops_policies
    talos, secrets, rest = policy.rules
    assert policy.rule_for("talos/a.sops.yaml") is talos and policy.rule_for("apps/a.sops.yml") is secrets
    assert policy.rule_for("apps/a.yaml") is rest and policy.is_sure("apps/a.yaml")
    assert talos.recipients == {"age": ["age1first", "age1second"]} and talos.mac_only_encrypted.boolean
    assert secrets.recipients == {
        "age": ["age1first"],
        "pgp": ["ABCD"],
        "kms": ["arn:aws:kms:x"],
        "hc_vault_transit_uri": ["https://vault/v1/t"],
    }
    assert rest.recipients == {"pgp": ["EFGH"]} and shown(found, secrets.encrypted_regex) == "^(data|stringData)$"


def test_paths_are_relative_to_the_nearest_configuration():
    files = {
        ".sops.yaml": "creation_rules: [{path_regex: ^apps/}]\n",
        "apps/web/.sops.yaml": "creation_rules: [{path_regex: ^secret}]\n",
        "other/.sops.yaml": "creation_rules: [{path_regex: .}]\n",
        "other/.github/workflows/ci.yaml": "on: push\n",
    }
    policies = project(files).sops_policies
    assert policy_above(policies, "apps/web/secret.yaml").file == "apps/web/.sops.yaml"
    assert creation_rule(policies, "apps/web/secret.yaml").path_regex.text == "^secret"
    assert creation_rule(policies, "apps/web/web.yaml") is None
    assert creation_rule(policies, "apps/webs/web.yaml").path_regex.text == "^apps/"
    assert creation_rule(policies, "other/a.yaml", "other").path_regex.text == "."
    assert creation_rule(policies, "other/a.yaml") is None and policy_above([], "a.yaml") is None


@pytest.mark.parametrize(
    ("rules", "file", "number", "sure"),
    [
        ("[{path_regex: '(?!x)'}, {path_regex: a}]", "a", None, False),
        ("[{path_regex: a}, {path_regex: '(?!x)'}]", "a", 0, True),
        ("[{path_regex: '${X}'}, {path_regex: a}]", "a", None, False),
        ("[{path_regex: ''}]", "a", 0, True),
        ("[{path_regex: null}]", "a", 0, True),
        ("[{path_regex: [a]}, {}]", "a", None, False),
        ("[{path_regex: b}]", "a", None, True),
        ("[a, null, {}]", "a", 0, True),
        ("['${X}', {}]", "a", None, False),
        ("'${X}'", "a", None, False),
        ("{path_regex: a}", "a", None, True),
        ("null", "a", None, True),
    ],
)
def test_rules_that_cannot_be_read(rules, file, number, sure):
    (policy,) = project({".sops.yaml": f"creation_rules: {rules}\n"}).sops_policies
    rule = policy.rule_for(file)
    assert (None if rule is None else policy.rules.index(rule)) == number and policy.is_sure(file) is sure


@pytest.mark.parametrize(
    "text", ["x\n", "[a]\n", "creation_rules: [{age: [1, null, {}], key_groups: x, merge: [[]]}]\n"]
)
def test_bad_policies(text):
    (policy,) = project({"a/.sops.yaml": text}).sops_policies
    assert [rule.recipients for rule in policy.rules] in ([], [{}])
    assert project({"a/.sops.yml": text, "sops.yaml": text}).sops_policies == []


@pytest.mark.parametrize(
    ("metadata", "path", "encrypted"),
    [
        ("encrypted_regex: ^(data|stringData)$", ("stringData", "key", 0), True),
        ("encrypted_regex: ^(data|stringData)$", ("metadata", "name"), False),
        ("encrypted_regex: '((?i)(pass|token))'", ("a", "API_TOKEN"), True),
        ("encrypted_regex: '(?!a)'", ("a",), None),
        ("unencrypted_regex: ^(kind|metadata)$", ("metadata", "name"), False),
        ("unencrypted_regex: ^(kind|metadata)$", ("data", "a"), True),
        ("encrypted_suffix: _secret", ("a", "b_secret"), True),
        ("encrypted_suffix: _secret", ("a",), False),
        ("unencrypted_suffix: _clear", ("a_clear", "b"), False),
        ("unencrypted_suffix: _clear", ("a_unencrypted",), True),
        ("unencrypted_suffix: '${X}'", ("a",), None),
        ("version: 3.9.0", ("a_unencrypted",), False),
        ("version: 3.9.0", ("a",), True),
        ("encrypted_comment_regex: x", ("a",), None),
    ],
)
def test_which_keys_are_encrypted(metadata, path, encrypted):
    document = project({"a.yaml": f"a: ENC[x]\nsops:\n  mac: ENC[y]\n  {metadata}\n"}).documents[0]
    found = sops_metadata(document)
    assert found.mac.text == "ENC[y]" and found.encrypts(path) is encrypted


@pytest.mark.parametrize("text", ["sops: null\n", "sops: x\n", "sops: {helm: true}\n", "- sops: {mac: x}\n", "a\n"])
def test_documents_without_metadata(text):
    assert sops_metadata(project({"a.yaml": text}).documents[0]) is None


def test_recipients_of_metadata():
    text = "sops: {lastmodified: x, age: [{recipient: age1first, enc: y}], pgp: [{fp: ABCD}], kms: null}\n"
    found = sops_metadata(project({"a.yaml": text}).documents[0])
    assert found.recipients == {"age": ["age1first"], "pgp": ["ABCD"]}


# Hooks

PRE_COMMIT = """\
default_stages: [pre-push]
repos:
  - repo: https://example.com/hooks
    rev: v1
    hooks:
      - id: trailing-whitespace
      - {id: secrets, stages: [pre-commit]}
  - repo: local
    hooks:
      - {id: lint, name: lint, entry: make lint, language: system}
"""
LEFTHOOK = """\
remotes: [{git_url: https://example.com/hooks, configs: [a.yaml]}]
extends: [more.yaml]
pre-commit:
  parallel: true
  commands:
    secrets: {run: 'scan {staged_files}'}
  scripts:
    check.sh: {runner: bash}
pre-push:
  jobs:
    - {name: test, run: make test}
    - group: {jobs: [{run: make lint}, {script: x.sh}]}
"""


def told(found):
    return [(hook.tool, hook.id, hook.repo, hook.run, hook.stages) for hook in found.git_hooks]


def test_pre_commit():
    found = project({".pre-commit-config.yaml": PRE_COMMIT})
    assert told(found) == [
        ("pre-commit", "trailing-whitespace", "https://example.com/hooks", None, ("pre-push",)),
        ("pre-commit", "secrets", "https://example.com/hooks", None, ("pre-commit",)),
        ("pre-commit", "lint", "local", "make lint", ("pre-push",)),
    ]
    assert shown(found, found.git_hooks[1].field.get("id")) == "secrets"


def test_lefthook():
    assert told(project({"lefthook.yaml": LEFTHOOK})) == [
        ("lefthook", None, "https://example.com/hooks", None, ()),
        ("lefthook", None, None, None, ()),
        ("lefthook", "secrets", None, "scan {staged_files}", ("pre-commit",)),
        ("lefthook", "check.sh", None, None, ("pre-commit",)),
        ("lefthook", "test", None, "make test", ("pre-push",)),
        ("lefthook", None, None, "make lint", ("pre-push",)),
        ("lefthook", "x.sh", None, None, ("pre-push",)),
    ]
    for name in (".lefthook.yml", "lefthook-local.yaml", ".config/lefthook.json"):
        text = '{"pre-commit": {"commands": {"a": {"run": "b"}}}}' if name.endswith("json") else LEFTHOOK
        assert project({name: text}).git_hooks


def test_husky():
    script = "#!/bin/sh\n\n  npx lint-staged\nnpm test\n"
    found = project({".husky/pre-commit": script, ".husky/common": "x\n", "web/.husky/pre-push": ""})
    assert told(found) == [
        ("husky", "pre-commit", None, script, ("pre-commit",)),
        ("husky", "pre-push", None, "", ("pre-push",)),
    ]
    assert [shown(found, hook.at) for hook in found.git_hooks] == ["npx lint-staged", ""]
    assert found.git_hooks[0].field is None


@pytest.mark.parametrize(
    "text",
    ["x\n", "[a]\n", "repos: x\n", "repos: [a, {hooks: x}, {hooks: [a, null]}]\n", "pre-commit: x\n", "{}\n", "null\n"],
)
@pytest.mark.parametrize("name", [".pre-commit-config.yaml", "lefthook.yml"])
def test_bad_hooks(name, text):
    assert project({name: text}).git_hooks == []


def test_odd_hooks():
    text = "repos: [{repo: '${X}', hooks: [{id: 3}, {id: '{{ x }}'}]}]\n"
    assert told(project({".pre-commit-config.yaml": text})) == [("pre-commit", None, None, None, ())] * 2
    text = "pre-commit: {commands: {a: x, b: null}, jobs: [x, {group: {jobs: x}}]}\nremote: x\n"
    assert [hook.id for hook in project({"lefthook.yml": text}).git_hooks] == [None, "a", "b"]


# What git ignores


def test_patterns_have_places():
    text = "# keys\n\n*.agekey  \r\n!public.agekey\n\\#odd\n/build/\nbad[\n"
    found = project({"a/.gitignore": text})
    (one,) = found.gitignores
    assert [pattern.text for pattern in one.patterns] == ["*.agekey", "!public.agekey", "\\#odd", "/build/"]
    assert [shown(found, pattern.at) for pattern in one.patterns] == [pattern.text for pattern in one.patterns]
    assert [pattern.rule.negated for pattern in one.patterns] == [False, True, False, False]
    assert one.patterns[3].rule.directories_only and not one.patterns[0].rule.directories_only
    assert found.gitignores.ignored("a/build/") and not found.gitignores.ignored("a/build")
    assert found.gitignores.ignored("a/x.agekey") and not found.gitignores.ignored("x.agekey")


def test_nothing_is_ignored_without_a_file():
    assert not project({"a.yaml": "a: 1\n"}).gitignores.ignored("a.yaml") and len(project({}).gitignores) == 0


def test_repositories_inside_the_tree_have_their_own():
    files = {
        ".gitignore": "*.key\ninner/\n",
        "inner/.gitignore": "*.pem\n",
        "inner/.github/workflows/ci.yaml": "on: push\n",
    }
    found = project(files).gitignores
    assert found.ignored("a.key") and not found.ignored("inner/a.key") and found.ignored("inner/a.pem")


PATTERNS = st.one_of(
    st.sampled_from(["*", "!*/", "*.key", "/a", "a/", "!a/", "b", "!b", "a/b", "/a/*", "!/a/b", "**/c", "a/**", "c/"]),
    st.sampled_from(
        ["!*.key", "[ab]", "#a", "", "?", "/*", "!/a/", "**", "a/**/c", "[!a]", "[[:alpha:]]", "\\a", "x**"]
    ),
    st.sampled_from(["a/**/", "**/b/**", "[a-c]/*", "z ", "[b-a]", "[", "a\\", "!", "/", "[]a]", "***", "x.k[e-e]y"]),
    st.text(alphabet="ab/*?![]c-\\ .", max_size=6),
)
FOLDERS = ["", "a/", "a/b/", "b/"]
PATHS = ["a/b/c", "a/b/x.key", "a/c/y", "b/a", "b/x.key", "c", "x.key", "a/z", "b/c/a"]


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from(FOLDERS), st.lists(PATTERNS, min_size=1, max_size=4), min_size=1))
def test_git_agrees(tmp_path_factory, files):
    root = tmp_path_factory.mktemp("tree")
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    texts = {f"{folder}.gitignore": "\n".join(lines) + "\n" for folder, lines in files.items()}
    for path in (*PATHS, *texts):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(texts.get(path, "x"))
    known = subprocess.run(
        ["git", "ls-files", "--others", "--exclude-standard"], cwd=root, check=True, capture_output=True, text=True
    ).stdout.splitlines()
    found = project(texts).gitignores
    assert [path for path in PATHS if not found.ignored(path)] == [path for path in PATHS if path in known]
