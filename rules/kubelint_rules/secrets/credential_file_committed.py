"""Rule: credential-file-committed."""

import re
import shlex
from collections.abc import Iterator
from posixpath import basename

from kubelint.checks import TEXT, Category, Finding, ProjectRule, RuleMeta, Severity
from kubelint.manifests import Field, Project
from kubelint.manifests.field import FieldSlice
from kubelint.manifests.repository import CredentialFile

from .cluster_credentials import cluster_credentials, is_proven
from .credential_files import Held, credentials_of
from .plain_words import FIRST, is_sample
from .server_tokens import server_tokens
from .telling import MARKS

_NAMED_ENCRYPTED = re.compile(r"\.(?:sops|enc|encrypted)\.\w{2,10}")  # `unencrypted-sops-file` speaks of these


class CredentialFileCommitted(ProjectRule):
    """A file with credentials is committed: a kubeconfig, a key, variables with passwords.

    ## What it does
    Looks into the files that are called as those with credentials are, and reports each credential that stands
    there in clear:

    - keys: `*.key`, `*.pem`, `id_ed25519`, `age.key`, `keys.txt`, key stores, VPN configurations
    - variables: `.env` and its kind, `terraform.tfvars`, Terraform's state, `.npmrc`, `.netrc`, `.pgpass`, what
      ansible-vault takes its password from
    - clusters: kubeconfigs, `talosconfig`, Talos' machine configurations and secrets, the tokens of k3s, RKE2 and
      kubeadm, logins for registries, the credentials of a Cloudflare tunnel

    Certificates, public keys, templates such as `.env.example`, and what SOPS, ansible-vault, age, PGP or git-crypt
    encrypted are no credentials. What a `.gitignore` names is left alone, unless git has it all the same: a pattern
    has no effect on what was committed before. Keys under a passphrase, key stores, and what lies below `tests/`,
    `examples/` or `docs/` are warnings. In YAML and JSON, a value that `private-key` or `provider-token` speaks for is
    theirs.

    ## Why it matters
    Such files are copied from a machine whole, with everything that opens a cluster: a kubeconfig of an
    administrator cannot even be revoked without a new certificate authority. Whoever can read the repository, now or
    in ten years, has it.

    ## Example
    ```yaml title="clusters/home/kubeconfig.yaml"
    apiVersion: v1
    kind: Config
    clusters:
      - name: home
        cluster: {server: "https://10.20.0.10:6443"}
    users:
      - name: admin
        user:
          token: <invented:password>
    ```

    ## Use instead
    ```yaml title="clusters/home/kubeconfig.yaml"
    apiVersion: v1
    kind: Config
    clusters:
      - name: home
        cluster: {server: "https://10.20.0.10:6443"}
    users:
      - name: admin
        user:
          exec:
            apiVersion: client.authentication.k8s.io/v1
            command: kubectl-oidc_login
            args: [get-token, --oidc-client-id=kubernetes]
    ```

    Or keep the file out of the repository, and `.gitignore` it.

    ## When to ignore
    For a key that was made for a test and opens nothing.

    ## References
    - [Organizing cluster access using kubeconfig files](https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/)
    - [gitignore](https://git-scm.com/docs/gitignore#_notes): files that are tracked stay tracked
    - [git filter-repo](https://github.com/newren/git-filter-repo)
    """

    meta = RuleMeta(
        id="credential-file-committed",
        summary="a file with credentials is committed",
        category=Category.SECRETS,
        severity=Severity.ERROR,
        incident=10,
        since="0.1.0",
    )

    @classmethod
    def sees(cls) -> frozenset[str]:
        """Files that are called as those with credentials are, and texts with a key that can name one."""
        return frozenset({"credentials", *(f"{TEXT}{mark}" for mark in MARKS)})

    def check(self, project: Project) -> Iterator[Finding]:
        """One finding per credential; of a file at most some twenty."""
        for file in project.credential_files:
            if not _NAMED_ENCRYPTED.search(file.name):
                for held in credentials_of(file):
                    yield self._in_file(project, file, held)
        for document in project.documents:
            for told in cluster_credentials(document.root):
                if not is_proven(told.field):
                    yield self._in_document(project, document.file, told.kind, told.field)
        for token in server_tokens(project):
            yield self._in_document(project, token.file, token.kind, token.at, token.instead)

    def _in_file(self, project: Project, file: CredentialFile, held: Held) -> Finding:
        effect = "only its passphrase protects it" if held.locked else "whoever reads the repository can use it"
        what = f"{held.kind}, and {held.more} more" if held.more else held.kind
        severity = Severity.WARNING if held.locked or is_sample(file.file) else None
        finding = self.finding(f"`{file.name}` holds a credential ({what}); {effect}", at=held.at, severity=severity)
        pattern = project.gitignores.pattern_for(file.file) if file.ignored else None
        if pattern is not None:
            finding = finding.label(pattern.at, "has no effect: git has the file already")
        return finding.help(f"{FIRST}; then {_leave_out(file.file)}")

    def _in_document(
        self, project: Project, file: str, kind: str, at: Field | FieldSlice, instead: str = ""
    ) -> Finding:
        severity = Severity.WARNING if is_sample(file) else None
        if instead:
            move = f"{instead}, and purge it from history with `git filter-repo`"
        elif project.sops_policies:
            move = (
                f"encrypt it as this repository does, with `sops --encrypt --in-place {shlex.quote(file)}`, "
                "and purge it from history with `git filter-repo`"
            )
        else:
            move = _leave_out(file)
        message = f"`{basename(file)}` holds a credential ({kind}); whoever reads the repository can use it"
        return self.finding(message, at=at, severity=severity).help(f"{FIRST}; then {move}")


def _leave_out(file: str) -> str:
    path = shlex.quote(file)
    return (
        f"`git rm --cached {path}`, name it in `.gitignore`, and purge it from history with "
        f"`git filter-repo --invert-paths --path {path}`"
    )
