"""Rule: gitignore-gap."""

from collections.abc import Iterator
from posixpath import join

from kubelint.checks import Category, Finding, Fix, ProjectRule, RuleMeta, Severity
from kubelint.manifests import Project
from kubelint.manifests.repository import GitIgnore

from .tools_in_use import Leftover, leftovers

_MOST = 4


class GitignoreGap(ProjectRule):
    """Files with credentials that the tools in use leave behind are not ignored by git.

    ## What it does
    Asks the `.gitignore` files, as git reads them, about the names under which the tools in use keep credentials in
    the work tree, and says which of them no pattern speaks of:

    | a repository with | is asked about |
    |---|---|
    | age recipients in `.sops.yaml` | `age.key` |
    | a plug-in for SOPS among the extensions of Visual Studio Code | `.decrypted~*` |
    | files under ansible-vault | `.vault_pass` |
    | Talos' configuration | `talosconfig`, `kubeconfig` |
    | the configuration of k3s or RKE2 | `kubeconfig` |
    | Terraform's lock file, or `*.tfvars` | `*.tfstate*` |

    One finding per repository. A pattern that takes such a name back (`!talosconfig`) is taken to be meant, and so is a
    rule of `.sops.yaml` for it. What every developer ignores by himself, by `core.excludesFile`, is not seen.

    ## Why it matters
    One `git add .` in a hurry is enough. A name in `.gitignore` is the cheapest of all defences.

    ## Example
    ```yaml title=".sops.yaml"
    creation_rules:
      - path_regex: \\.sops\\.ya?ml$
        age: age1kubelintexample
    ```

    ## Use instead
    ```yaml title=".sops.yaml"
    creation_rules:
      - path_regex: \\.sops\\.ya?ml$
        pgp: 85D77543B3D624B63CEA9E6DBC17301B491B3F21
    ```

    Or `age.key` in `.gitignore`.

    ## When to ignore
    Where such files are kept out of the work tree altogether.

    ## Fix safety
    Safe: patterns are added at the end of `.gitignore`; what git has already it keeps.

    ## References
    - [gitignore](https://git-scm.com/docs/gitignore)
    """

    meta = RuleMeta(
        id="gitignore-gap",
        summary="files with credentials that tools leave behind are not ignored",
        category=Category.SECRETS,
        severity=Severity.INFO,
        incident=10,
        since="0.1.0",
        fixable=True,
    )
    marks = (".sops.", "vscode", "ANSIBLE_VAULT", "talos", "machine:", 'machine"', "k3s", "rke2", ".tf", ".terraform")

    def check(self, project: Project) -> Iterator[Finding]:
        """One finding per repository, at the end of its `.gitignore`, or where a tool shows."""
        if project.inside:  # a `.gitignore` above speaks as well
            return
        gaps: dict[str, dict[str, Leftover]] = {}
        for one in sorted(leftovers(project), key=lambda one: (one.name, one.place)):
            if one.name not in gaps.get(one.repository, {}) and not _is_settled(project, one):
                gaps.setdefault(one.repository, {})[one.name] = one
        for repository, found in sorted(gaps.items()):
            yield self._finding(project, repository, list(found.values()))

    def _finding(self, project: Project, repository: str, found: list[Leftover]) -> Finding:
        patterns = list(dict.fromkeys(one.pattern for one in found))
        names = [f"`{pattern}`" for pattern in patterns]
        ignore = _ignore_of(project, repository)
        shortly = _listed(names[:_MOST], len(names) - _MOST)
        finding = self.finding(
            f"no `.gitignore` speaks of {shortly}, where the tools in use keep credentials",
            at=ignore.start if ignore is not None else found[0].at,
        )
        shown: dict[str, Leftover] = {}
        for one in found if ignore is not None else ():
            shown.setdefault(one.tool, one)
        for one in shown.values():
            finding = finding.label(one.at, f"{one.tool} is used here")
        return finding.help(f"add {_listed(names)} to `.gitignore`").fix(_fix(ignore, patterns)).public()


def _is_settled(project: Project, one: Leftover) -> bool:
    """Whether a pattern speaks of the file, at the root or beside what shows the tool; or the file is there on purpose,
    or to be encrypted.
    """
    paths = {join(one.repository, one.name), join(one.folder, one.name)}
    known = {text.path for text in project.named_for_credentials}
    if any(map(project.gitignores.speaks_of, paths)) or not known.isdisjoint(paths):
        return True
    rules = [(policy, rule) for policy in project.sops_policies for rule in policy.rules if rule.path_regex.value]
    return any(rule.matches(policy.relative(path)) is not False for policy, rule in rules for path in paths)


def _ignore_of(project: Project, repository: str) -> GitIgnore | None:
    path = join(repository, ".gitignore")
    return next((ignore for ignore in project.gitignores if ignore.file == path), None)


def _fix(ignore: GitIgnore | None, patterns: list[str]) -> Fix | None:
    if ignore is None:
        return None
    text = ignore.text.text
    line_break = "\r\n" if "\r\n" in text else "\n"
    lines = line_break.join(patterns)
    added = f"{line_break}{lines}" if text and not text.endswith("\n") else f"{lines}{line_break}"
    return Fix.safe("add the patterns to `.gitignore`", ignore.end.replace(added))


def _listed(names: list[str], more: int = 0) -> str:
    if more > 0:
        return f"{', '.join(names)} and {more} more"
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
