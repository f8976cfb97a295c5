"""Rule: etcd-s3-secret-ignored."""

from __future__ import annotations

from collections.abc import Iterator

from kubelint.checks import Category, Finding, Fix, ProjectRule, RuleMeta, Severity, named
from kubelint.cluster.server_settings import hides_s3_secret
from kubelint.manifests import Field, Project
from kubelint.manifests.hosts.places import is_sample
from kubelint.manifests.hosts.server_config import ServerConfig, Setting

_SECRET = "etcd-s3-config-secret"


class EtcdS3SecretIgnored(ProjectRule):
    """The Secret that is to say where etcd's snapshots go is ignored.

    ## What it does
    Finds configurations of k3s and RKE2 servers that name a Secret in `etcd-s3-config-secret` and set another of the
    S3 flags beside it. `config.yaml` is read with its `config.yaml.d`; so are variables of Ansible, what cloud-init
    writes, and the arguments that scripts, tasks and units of systemd start k3s with. A flag that says what k3s takes
    anyway (`etcd-s3-region: us-east-1`) does no harm.

    ## Why it matters
    The Secret counts only if no other S3 flag is set; else k3s logs a warning and takes the flags alone. Bucket and
    keys in the Secret are never used: snapshots are not uploaded, or with old keys to the wrong place, and nobody
    notices until one is needed.

    ## Example
    ```yaml title="hosts/server-1/etc/rancher/k3s/config.yaml"
    cluster-init: true
    etcd-s3: true
    etcd-s3-config-secret: etcd-snapshots
    etcd-s3-bucket: cluster-backups
    ```

    ## Use instead
    ```yaml title="hosts/server-1/etc/rancher/k3s/config.yaml"
    cluster-init: true
    etcd-s3: true
    etcd-s3-config-secret: etcd-snapshots
    ```

    The Secret in `kube-system` says the rest, `etcd-s3-bucket` among it. `k3s etcd-snapshot save` shows in the server's
    log where the configuration came from.

    ## When to ignore
    Never.

    ## References
    - [k3s: S3 configuration Secret](https://docs.k3s.io/cli/etcd-snapshot#s3-configuration-secret-support)
    """

    meta = RuleMeta(
        id="etcd-s3-secret-ignored",
        summary="the Secret that says where etcd's snapshots go is ignored",
        category=Category.CONTROLPLANE,
        severity=Severity.ERROR,
        incident=5,
        since="0.1.0",
        fixable=True,
    )
    marks = (_SECRET,)

    def check(self, project: Project) -> Iterator[Finding]:
        """A finding for each configuration, of which one server is started."""
        for config in (*project.hosts.server_configs, *project.hosts.started_servers):
            secret = config.get(_SECRET)
            if secret and secret[-1].value not in (None, "") and not is_sample(config.file):
                others = [setting for flag in sorted(config.flags) for setting in config.get(flag)[-1:]]
                hiding = [setting for setting in others if hides_s3_secret(setting.flag, setting.value)]
                if hiding:
                    yield self._finding(config, secret[-1], hiding)

    def _finding(self, config: ServerConfig, secret: Setting, hiding: list[Setting]) -> Finding:
        names = [setting.flag for setting in hiding]
        others = f"{named(names)} {'is' if len(names) == 1 else 'are'}"
        found = self.finding(
            f"{_product(config)} ignores this Secret, since {others} set as well",
            at=secret.at,
            note="snapshots are not sent where it says",
        )
        for setting in hiding:
            found = found.label(setting.at, "with this set the Secret does not count")
        return found.help("keep all of them in the Secret, or none").fix(_fix(hiding))


def _product(config: ServerConfig) -> str:
    return "RKE2" if "rke2" in config.name.lower() else "k3s"


def _fix(hiding: list[Setting]) -> Fix | None:
    fields = [setting.at for setting in hiding if isinstance(setting.at, Field)]
    if len(fields) < len(hiding):
        return None
    names = " and ".join(sorted({f"`{field.name}`" for field in fields}))
    return Fix.unsafe(f"remove {names}", *(field.delete() for field in fields))
