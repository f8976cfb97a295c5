"""Both hooks, as pre-commit runs them: installed from a clone of this repository, on another repository's staged files.

pre-commit installs the hooks with pip, so kubelint's dependencies are fetched as they would be for a user.
"""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from invented import invented
from linting import FIXTURES

ROOT = Path(__file__).parents[1]
SHIPPED = ("linter", "rules", "pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml")

DNS = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: coredns, namespace: kube-system}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{k8s-app: kube-dns}}}}
  template:
    metadata: {{labels: {{k8s-app: kube-dns}}}}
    spec:
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: kubernetes.io/hostname
          whenUnsatisfiable: ScheduleAnyway
          labelSelector: {{matchLabels: {{k8s-app: kube-dns}}}}
      containers:
        - {{name: coredns, image: "registry.k8s.io/coredns/coredns:v1.12.0"}}
"""
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: shop}\ndata: {level: info}\n"

UNUSED = CONFIG + "# kubelint: ignore[dns-single-replica] until the second node is there\n"
WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: "registry.example/web:1.27"}]
"""
SCALER = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web, namespace: shop}
spec:
  minReplicas: 2
  maxReplicas: 5
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
"""


def git(folder, *arguments):
    identity = ["-c", "user.name=test", "-c", "user.email=test@example.invalid", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


def committed(folder):
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--no-verify", "-m", "start")
    return folder


@pytest.fixture(scope="module")
def hooks(tmp_path_factory):
    """A clone of this repository as it stands in the working tree."""
    target = tmp_path_factory.mktemp("kubelint")
    for name in SHIPPED:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, target / name)
    return committed(target)


@pytest.fixture(scope="module")
def pre_commit(tmp_path_factory, hooks):
    """Runs a hook on what is staged in a repository; the hooks' environment is made once."""
    home = tmp_path_factory.mktemp("pre-commit-home")

    def run(repository, hook, *arguments):
        revision = subprocess.run(["git", "rev-parse", "HEAD"], cwd=hooks, check=True, capture_output=True, text=True)
        entry = {"repo": str(hooks), "rev": revision.stdout.strip(), "hooks": [{"id": hook, "args": [*arguments]}]}
        config = repository / ".pre-commit-config.yaml"
        config.write_text(yaml.safe_dump({"repos": [entry]}), encoding="utf-8")
        git(repository, "add", config.name)
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith("GIT_") and name != "PYTHONPATH"
        }
        environment |= {"PRE_COMMIT_HOME": str(home), "PRE_COMMIT_COLOR": "never"}
        command = [sys.executable, "-m", "pre_commit", "run"]
        return subprocess.run(command, cwd=repository, env=environment, capture_output=True, text=True)

    return run


@pytest.fixture
def repository(tmp_path):
    """A repository with a clean manifest in it, and one that has a finding."""
    (tmp_path / "settings.yaml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "dns.yaml").write_text(DNS.format(replicas=1), encoding="utf-8")
    return committed(tmp_path)


def stage(repository, name, text):
    (repository / name).parent.mkdir(parents=True, exist_ok=True)
    (repository / name).write_text(text, encoding="utf-8")
    git(repository, "add", "--force", name)


@pytest.mark.slow
def test_a_staged_file_with_a_finding_fails_and_a_clean_one_passes(pre_commit, repository):
    stage(repository, "settings.yaml", CONFIG.replace("info", "debug"))
    clean = pre_commit(repository, "kubelint")
    assert clean.returncode == 0, clean.stdout + clean.stderr
    assert "Passed" in clean.stdout
    stage(repository, "dns.yaml", "# edited\n" + DNS.format(replicas=1))
    found = pre_commit(repository, "kubelint")
    assert found.returncode == 1, found.stdout + found.stderr
    assert "error[dns-single-replica]" in found.stdout


@pytest.mark.slow
def test_the_hook_for_the_whole_repository_reports_what_is_not_staged_too(pre_commit, repository):
    stage(repository, "settings.yaml", CONFIG.replace("info", "debug"))
    found = pre_commit(repository, "kubelint-project")
    assert found.returncode == 1, found.stdout + found.stderr
    assert "error[dns-single-replica]" in found.stdout
    (repository / "dns.yaml").write_text(DNS.format(replicas=2), encoding="utf-8")
    git(repository, "add", "dns.yaml")
    clean = pre_commit(repository, "kubelint-project")
    assert clean.returncode == 0, clean.stdout + clean.stderr


@pytest.mark.slow
def test_excluded_files_stay_out_although_pre_commit_names_them(pre_commit, repository):
    stage(repository, "kubelint.yaml", 'exclude: ["dns.yaml"]\n')
    stage(repository, "dns.yaml", "# edited\n" + DNS.format(replicas=1))
    result = pre_commit(repository, "kubelint")
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.slow
def test_partner_files_are_seen_although_they_are_not_passed(pre_commit, tmp_path):
    (tmp_path / "scaler.yaml").write_text(SCALER, encoding="utf-8")
    committed(tmp_path)
    stage(tmp_path, "web.yaml", WEB)
    found = pre_commit(tmp_path, "kubelint")
    assert found.returncode == 1, found.stdout + found.stderr
    assert "warning[replicas-fight-autoscaler]" in found.stdout
    assert "--> web.yaml:5" in found.stdout and "::: scaler.yaml:" in found.stdout
    git(tmp_path, "rm", "--quiet", "scaler.yaml")
    clean = pre_commit(tmp_path, "kubelint")
    assert clean.returncode == 0, clean.stdout + clean.stderr


@pytest.mark.slow
@pytest.mark.parametrize("hook", ["kubelint", "kubelint-project"])
def test_fixing_changes_the_file_and_fails_and_the_next_commit_passes(pre_commit, tmp_path, hook):
    (tmp_path / "other.yaml").write_text(UNUSED, encoding="utf-8")
    committed(tmp_path)
    stage(tmp_path, "settings.yaml", UNUSED)
    fixed = pre_commit(tmp_path, hook, "--fix")
    assert fixed.returncode == 1, fixed.stdout + fixed.stderr
    assert "files were modified by this hook" in fixed.stdout
    assert (tmp_path / "settings.yaml").read_text(encoding="utf-8") == CONFIG
    others = (tmp_path / "other.yaml").read_text(encoding="utf-8")
    assert others == (CONFIG if hook == "kubelint-project" else UNUSED), "only what is reported is fixed"
    git(tmp_path, "add", "--all")
    clean = pre_commit(tmp_path, hook, "--fix")
    assert clean.returncode == 0, clean.stdout + clean.stderr


@pytest.mark.slow
def test_both_hooks_run_one_process_however_many_files_there_are(pre_commit, tmp_path):
    for number in range(60):
        (tmp_path / f"settings-{number}.yaml").write_text(CONFIG.replace("settings", f"s{number}"), encoding="utf-8")
    (tmp_path / "web.yaml").write_text(WEB, encoding="utf-8")
    (tmp_path / "scaler.yaml").write_text(SCALER, encoding="utf-8")
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", "--all")
    for hook in ("kubelint", "kubelint-project"):
        found = pre_commit(tmp_path, hook)
        assert found.returncode == 1, found.stdout + found.stderr
        assert found.stdout.count("warning[replicas-fight-autoscaler]") == 1
        assert found.stdout.count("Found ") == 1


ENV = "DB_HOST=db.internal\nDB_PASSWORD={}\n"
LEAKS = {
    ".env": lambda: ENV.format(invented("password")),
    "deploy/prod.env": lambda: ENV.format(invented("password")),
    "secrets/tls.key": lambda: invented("rsa_key"),
    "id_ed25519": lambda: invented("rsa_key"),
}


@pytest.mark.slow
@pytest.mark.parametrize("hook", ["kubelint", "kubelint-project"])
@pytest.mark.parametrize("name", LEAKS)
def test_a_secret_fails_whatever_file_it_is_in(pre_commit, tmp_path, hook, name):
    (tmp_path / "settings.yaml").write_text(CONFIG, encoding="utf-8")
    committed(tmp_path)
    text = LEAKS[name]()
    stage(tmp_path, name, text)
    found = pre_commit(tmp_path, hook)
    assert found.returncode == 1, found.stdout + found.stderr
    assert f"--> {name}:" in found.stdout
    assert not any(line in found.stdout for line in text.splitlines() if len(line) > 40)
    stage(tmp_path, name, "NOTHING=\n")
    clean = pre_commit(tmp_path, hook)
    assert clean.returncode == 0, clean.stdout + clean.stderr


@pytest.mark.slow
@pytest.mark.parametrize("name", ["docs/decommission.md", "scripts/remove-node.sh"])
def test_runbooks_and_scripts_are_judged_too(pre_commit, repository, name):
    stage(repository, name, (FIXTURES / "rules/wrong-node-removal-command/bad" / name).read_text(encoding="utf-8"))
    found = pre_commit(repository, "kubelint")
    assert found.returncode == 1 and f"--> {name}:" in found.stdout, found.stdout + found.stderr


@pytest.mark.slow
def test_a_secret_in_a_file_that_git_is_told_to_ignore_and_gets_all_the_same(pre_commit, tmp_path):
    (tmp_path / "settings.yaml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / ".gitignore").write_text(".env\n", encoding="utf-8")
    committed(tmp_path)
    stage(tmp_path, ".env", ENV.format(invented("password")))
    found = pre_commit(tmp_path, "kubelint")
    assert found.returncode == 1 and "--> .env:" in found.stdout, found.stdout + found.stderr


@pytest.mark.slow
def test_what_kubelint_does_not_read_passes_without_a_look_at_the_rest(pre_commit, repository):
    stage(repository, "main.py", "print()\n")
    stage(repository, "logo.png", "no picture\n")
    stage(repository, "compose.yaml", "services: {web: {image: nginx}}\n")
    passed = pre_commit(repository, "kubelint", "--no-such-option")
    assert passed.returncode == 1, "the hook runs"
    passed = pre_commit(repository, "kubelint")
    assert passed.returncode == 0, passed.stdout + passed.stderr


@pytest.mark.slow
def test_names_with_spaces(pre_commit, repository):
    stage(
        repository, "my apps/the dns.yaml", DNS.format(replicas=1).replace("coredns, n", "rke2-coredns-rke2-coredns, n")
    )
    found = pre_commit(repository, "kubelint")
    assert found.returncode == 1 and "--> my apps/the dns.yaml:5" in found.stdout, found.stdout + found.stderr
    assert "--> dns.yaml" not in found.stdout


@pytest.mark.slow
def test_a_removed_file_is_the_business_of_the_hook_for_everything(pre_commit, tmp_path):
    (tmp_path / "settings.yaml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "web.yaml").write_text(WEB, encoding="utf-8")
    (tmp_path / "scaler.yaml").write_text(SCALER, encoding="utf-8")
    committed(tmp_path)
    pre_commit(tmp_path, "kubelint-project")
    git(tmp_path, "commit", "--quiet", "--no-verify", "-m", "hook")
    git(tmp_path, "rm", "--quiet", "settings.yaml")
    assert pre_commit(tmp_path, "kubelint-project").returncode == 1
    git(tmp_path, "rm", "--quiet", "scaler.yaml")
    assert pre_commit(tmp_path, "kubelint-project").returncode == 0


@pytest.mark.slow
def test_the_configuration_is_judged_when_it_is_what_changes(pre_commit, repository):
    stage(repository, "kubelint.yaml", "profil: strict\n")
    broken = pre_commit(repository, "kubelint")
    assert broken.returncode == 1 and "did you mean `profile`?" in broken.stdout, broken.stdout + broken.stderr
    stage(repository, "kubelint.yaml", "profile: strict\n")
    assert pre_commit(repository, "kubelint").returncode == 0, "what it has to do with other files is not asked"


@pytest.mark.slow
def test_what_the_baseline_knows_passes_and_what_is_new_does_not(pre_commit, repository):
    command = [sys.executable, "-m", "kubelint", "baseline", "write"]
    subprocess.run(command, cwd=repository, check=True, capture_output=True)
    git(repository, "add", "kubelint-baseline.json")
    stage(repository, "dns.yaml", "# edited\n" + DNS.format(replicas=1))
    for hook in ("kubelint", "kubelint-project"):
        passed = pre_commit(repository, hook)
        assert passed.returncode == 0, passed.stdout + passed.stderr
    stage(repository, "web.yaml", WEB)
    stage(repository, "scaler.yaml", SCALER)
    assert pre_commit(repository, "kubelint").returncode == 1


@pytest.mark.slow
def test_arguments_reach_the_hook(pre_commit, repository):
    stage(repository, "dns.yaml", "# edited\n" + DNS.format(replicas=1))
    assert pre_commit(repository, "kubelint", "--select", "rbac").returncode == 0
    assert pre_commit(repository, "kubelint", "--select", "rbac,dns-single-replica").returncode == 1
    assert pre_commit(repository, "kubelint", "--fail-on", "never").returncode == 0
    assert pre_commit(repository, "kubelint", "--exclude", "dns.yaml").returncode == 0


def test_the_library_that_the_page_names_is_that_of_the_extra():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    [library] = project["optional-dependencies"]["helm"]
    page = (ROOT / "docs" / "usage.md").read_text(encoding="utf-8")
    assert f'additional_dependencies: ["{library}"]' in page
