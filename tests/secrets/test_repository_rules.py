"""What a repository does against keys in git: names that it ignores, scanners that it runs."""

import subprocess

import pytest
from effort import grows_linearly
from linting import lint_texts, lint_tree

GAP, SCANNER = "gitignore-gap", "no-secret-scanner"
AGE = "creation_rules:\n  - {path_regex: \\.sops\\.yaml$, age: age1x}\n"
PGP = "creation_rules:\n  - {path_regex: \\.sops\\.yaml$, pgp: ABCD}\n"
TALOS = "version: v1alpha1\nmachine: {type: worker}\n"
K3S = "cluster-init: true\ntls-san: [a]\n"
CI = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n    - run: make\n"
CALL = "on: push\njobs: {a: {uses: wiki/a/.github/workflows/security.yaml@v1}}\n"
HOOKS = "repos:\n- repo: https://github.com/pre-commit/pre-commit-hooks\n  hooks:\n  - id: check-yaml\n"


def lint(root, files, rule):
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(text.encode())
    (root / "unrelated.yaml").write_text("a: 1\n")
    report = lint_tree(root, select=(rule,))
    assert not report.crashed
    return report.findings


def gaps(root, files):
    """The patterns that are missed, by file, as the help names them."""
    return {f.place.path: f.help_text.split("`")[1:-2:2] for f in lint(root, files, GAP)}


@pytest.mark.parametrize(
    ("files", "missed"),
    [
        ({".sops.yaml": AGE}, ["age.key"]),
        ({".sops.yaml": PGP}, []),
        ({".sops.yaml": AGE, ".gitignore": ""}, ["age.key"]),
        ({".sops.yaml": AGE, ".gitignore": "*.key\n"}, []),
        ({".sops.yaml": AGE, ".gitignore": "*.key\n!age.key\n"}, []),
        ({".sops.yaml": AGE, ".gitignore": "/age.key\n"}, []),
        ({".sops.yaml": AGE, ".gitignore": "other/age.key\n"}, ["age.key"]),
        ({".sops.yaml": AGE, ".gitignore": "age.key/\n"}, ["age.key"]),
        ({".sops.yaml": AGE, ".gitignore": "# age.key\n"}, ["age.key"]),
        ({"apps/.sops.yaml": AGE, "apps/.gitignore": "age.key\n"}, []),
        ({"apps/.sops.yaml": AGE, "other/.gitignore": "age.key\n"}, ["age.key"]),
        ({".sops.yaml": AGE, "age.key": "x\n"}, []),
        ({"talos/a.yaml": TALOS}, ["kubeconfig", "talosconfig"]),
        ({"talos/a.yaml": TALOS, ".gitignore": "talosconfig\nkubeconfig\n"}, []),
        ({"talos/a.yaml": TALOS, "talos/.gitignore": "*\n!.gitignore\n!*.yaml\n"}, []),
        (
            {
                "talos/a.yaml": TALOS,
                ".gitignore": "kubeconfig\n",
                ".sops.yaml": PGP.replace("\\.sops\\.yaml$", "talosconfig"),
            },
            [],
        ),
        ({"k3s/config.yaml": K3S}, ["kubeconfig"]),
        ({"k3s/config.yaml": K3S, ".gitignore": "kube*\n"}, []),
        ({"a.yaml": "x: |\n  $ANSIBLE_VAULT;1.1;AES256\n  3663\n"}, [".vault_pass"]),
        ({"a.yaml": "x: |\n  $ANSIBLE_VAULT;1.1;AES256\n  3663\n", ".gitignore": ".vault*\n"}, []),
        ({".terraform.lock.hcl": "x\n"}, ["*.tfstate*"]),
        ({"prod.tfvars": 'a = "b"\n'}, ["*.tfstate*"]),
        ({".terraform.lock.hcl": "x\n", ".gitignore": "*.tfstate\n"}, []),
        ({".vscode/extensions.json": '{"recommendations": ["signageos.signageos-vscode-sops"]}'}, [".decrypted~*"]),
        ({".vscode/extensions.json": '{"recommendations": ["redhat.vscode-yaml"]}'}, []),
        ({".vscode/extensions.json": '{"recommendations": "x"}'}, []),
        ({"a.yaml": "kind: ConfigMap\n"}, []),
    ],
)
def test_gaps(tmp_path, files, missed):
    assert list(gaps(tmp_path, files).values()) == ([missed] if missed else [])


def test_each_repository_for_itself(tmp_path):
    files = {
        ".sops.yaml": AGE,
        ".gitignore": "age.key\n",
        "inner/.sops.yaml": AGE,
        "inner/.github/workflows/ci.yaml": CI,
    }
    assert gaps(tmp_path, files) == {"inner/.sops.yaml": ["age.key"]}


@pytest.mark.parametrize("rule", [GAP, SCANNER])
def test_a_part_of_a_repository_says_nothing_of_all_of_it(tmp_path, rule):
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    assert lint(tmp_path / "part", {".sops.yaml": AGE}, rule) == []
    assert lint(tmp_path, {".sops.yaml": AGE}, rule) != []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "age.key\n"),
        ("*.swp\n", "*.swp\nage.key\n"),
        ("*.swp", "*.swp\nage.key"),
        ("*.swp\r\n", "*.swp\r\nage.key\r\n"),
        ("*.swp\r\nx", "*.swp\r\nx\r\nage.key"),
    ],
)
def test_the_fix_adds_lines_and_keeps_how_the_file_ends(tmp_path, before, after):
    (finding,) = lint(tmp_path, {".sops.yaml": AGE, ".gitignore": before}, GAP)
    ((edit,),) = (fix.edits for fix in finding.fixes)
    start, end = edit.characters
    text = before[:start] + edit.text + before[end:]
    assert (edit.file, text) == (".gitignore", after)
    assert lint(tmp_path, {".gitignore": text}, GAP) == []


def test_without_a_gitignore_there_is_no_fix(tmp_path):
    (finding,) = lint(tmp_path, {".sops.yaml": AGE}, GAP)
    assert not finding.fixes and finding.place.path == ".sops.yaml"


def test_effort_grows_with_the_patterns():
    def work(size):
        text = "".join(f"dir{size}-{number}/*.log\n*.x{number}\n/name{number}\n" for number in range(size))
        lint_texts({".gitignore": text, ".sops.yaml": AGE}, select=(GAP,))

    assert grows_linearly(work, 100)


@pytest.mark.parametrize(
    ("files", "place"),
    [
        ({".pre-commit-config.yaml": HOOKS}, ".pre-commit-config.yaml"),
        ({".pre-commit-config.yml": HOOKS}, ".pre-commit-config.yml"),
        ({".pre-commit-config.yaml": HOOKS, ".sops.yaml": AGE}, ".pre-commit-config.yaml"),
        ({"lefthook.yaml": "pre-commit: {commands: {a: {run: make}}}\n"}, "lefthook.yaml"),
        ({".husky/pre-commit": "npx lint-staged\n"}, ".husky/pre-commit"),
        ({".sops.yaml": AGE}, ".sops.yaml"),
        ({".pre-commit-config.yaml": "- a\n- b\n"}, ".pre-commit-config.yaml"),
        ({".pre-commit-config.yaml": "repos: x\n"}, ".pre-commit-config.yaml"),
        ({".sops.yaml": AGE, "README.md": "We use gitleaks.\n"}, ".sops.yaml"),
        ({".sops.yaml": AGE, "apps/trivy.yaml": "kind: HelmRelease\nmetadata: {name: trivy}\n"}, ".sops.yaml"),
        ({".sops.yaml": AGE, ".github/workflows/a.yaml": CI}, ".sops.yaml"),
        ({".sops.yaml": AGE, ".gitlab-ci.yml": "include: [{local: ci/a.yml}]\n"}, ".sops.yaml"),
        # scanners
        ({".sops.yaml": AGE, ".gitleaks.toml": ""}, None),
        ({".sops.yaml": AGE, ".secrets.baseline": "{}"}, None),
        ({".sops.yaml": AGE, ".trufflehog.yml": "a: b\n"}, None),
        ({".sops.yaml": AGE, ".gitguardian.yaml": "version: 2\n"}, None),
        ({".sops.yaml": AGE, "Makefile": "a:\n\tgitleaks git\n"}, None),
        ({".sops.yaml": AGE, "justfile": "a:\n    detect-secrets scan\n"}, None),
        ({".sops.yaml": AGE, ".githooks/pre-commit": "#!/bin/sh\nripsecrets\n"}, None),
        ({".sops.yaml": AGE, "scripts/check.sh": "trufflehog git file://.\n"}, None),
        ({".sops.yaml": AGE, "Taskfile.yaml": "tasks: {a: {cmds: [gitleaks git]}}\n"}, None),
        ({".sops.yaml": AGE, "package.json": '{"scripts": {"a": "secretlint"}}'}, None),
        ({".sops.yaml": AGE, ".mise.toml": '[tools]\ngitleaks = "8"\n'}, None),
        ({".sops.yaml": AGE, "prek.toml": 'id = "gitleaks"\n'}, None),
        ({".sops.yaml": AGE, ".github/workflows/a.yaml": CI.replace("run: make", "uses: a/trufflehog@v3")}, None),
        ({".sops.yaml": AGE, ".github/workflows/a.yaml": CI.replace("make", "trivy fs --scanners secret .")}, None),
        ({".sops.yaml": AGE, ".gitlab-ci.yml": "include: [{template: Secret-Detection.gitlab-ci.yml}]\n"}, None),
        ({".husky/pre-commit": "npx secretlint\n"}, None),
        *(({".pre-commit-config.yaml": HOOKS.replace("check-yaml", hook)}, None) for hook in (
            "gitleaks", "gitleaks-docker", "detect-secrets", "trufflehog", "ggshield", "git-secrets", "talisman-commit",
            "ripsecrets", "kingfisher", "detect-private-key", "detect-aws-credentials", "forbid-secrets",
            "infisical-scan",
            "kubelint",
        )),
        # may be
        ({"lefthook.yaml": "remotes: [{git_url: https://git.wiki.internal/a}]\n"}, None),
        ({"lefthook.yaml": "extends: [a.yaml]\n"}, None),
        ({".sops.yaml": AGE, ".github/workflows/a.yaml": CALL}, None),
        ({".sops.yaml": AGE, ".gitlab-ci.yml": "include: {project: wiki/ci, file: all.yml}\n"}, None),
        ({".pre-commit-config.yaml": "repos: [{repo: '{{ x }}', hooks: [{id: '{{ x }}'}]}]\n"}, None),
        # no place to add one, and nothing that needs one
        ({".github/workflows/a.yaml": CI}, None),
        ({"a.yaml": "kind: ConfigMap\n"}, None),
    ],
)  # fmt: skip
def test_scanners(tmp_path, files, place):
    findings = lint(tmp_path, files, SCANNER)
    assert [(f.place.path, f.severity.value) for f in findings] == ([(place, "info")] if place else [])
    assert all("no evidence" in finding.message for finding in findings)


def test_scanners_of_each_repository(tmp_path):
    inner = {f"inner/{name}": text for name, text in {".sops.yaml": AGE, ".github/workflows/a.yaml": CI}.items()}
    outer = {".pre-commit-config.yaml": HOOKS.replace("check-yaml", "gitleaks")}
    assert [f.place.path for f in lint(tmp_path, {**outer, **inner}, SCANNER)] == ["inner/.sops.yaml"]
