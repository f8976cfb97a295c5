"""The chains of two incidents, variant by variant: which rule speaks, where, and what it points at from there."""

import pytest
from linting import FIXTURES, copied, lint_tree

from kubelint.checks import Severity

BIND, CREATE = "deployer-cannot-bind-role", "deployer-cannot-create-role"
WAIT, HOOKS, APPLY = "deployer-cannot-wait", "deployer-cannot-run-hooks", "deployer-cannot-apply"
FOLLOW, FLUX = "deployer-cannot-watch-rollout", "flux-account-cannot-reconcile"
ROLE = "deployer-role-lacks-watch"
DEAD = "escalation-verb-on-bindings"
DEPLOY = ".github/workflows/deploy.yaml"
CHAINS = {
    # Every rule that speaks, the file that it speaks of, and in order the files that its chain leads through.
    "03-account-group": {BIND: ".github/workflows/crm.yaml cluster/runner.yaml cluster/rbac.yaml crm/access.yaml"},
    "03-aggregated-role": {
        BIND: ".github/workflows/audit.yaml arc/runners.yaml cluster/deployer.yaml cluster/deployer-parts.yaml "
        "audit/access.yaml cluster/auditor.yaml"
    },
    "03-cluster-role": {
        BIND: ".github/workflows/support.yaml cluster/runner.yaml cluster/keeper.yaml support/access.yaml "
        "cluster/log-reader.yaml"
    },
    "03-cluster-role-binding": {
        BIND: ".github/workflows/nodes.yaml cluster/runner.yaml cluster/rbac.yaml nodes/access.yaml "
        "cluster/node-viewer.yaml"
    },
    "03-flux-account": {
        BIND: "clusters/production/team-blue.yaml clusters/production/team-blue-rbac.yaml tenants/team-blue/rbac.yaml"
    },
    "03-helm-atomic": {BIND: f"{DEPLOY} cluster/runner.yaml cluster/rbac.yaml chart/templates/rbac.yaml"},
    "03-helm-chart": dict.fromkeys(
        (BIND, CREATE), f"{DEPLOY} cluster/runner.yaml cluster/rbac.yaml chart/templates/rbac.yaml"
    ),
    "03-helm-hook": {
        BIND: ".github/workflows/release.yaml ops/runners.yaml ops/rbac.yaml chart/templates/migration.yaml"
    },
    "03-kubectl-apply": dict.fromkeys((BIND, CREATE), f"{DEPLOY} arc/runners.yaml arc/rbac.yaml deploy/access.yaml"),
    "03-other-namespace": {
        BIND: ".github/workflows/dashboards.yaml arc/runners.yaml arc/rbac.yaml dashboards/payments.yaml"
    },
    "03-rbac-bind": {
        BIND: ".github/workflows/tenants.yaml arc/runner.yaml arc/cluster-role-binding.yaml arc/cluster-role.yaml "
        "tenants/blue.yaml",
        DEAD: "arc/cluster-role.yaml arc/cluster-role-binding.yaml arc/runner.yaml",
    },
    "08-helm-4-watcher": {WAIT: f"{DEPLOY} runners/runners.yaml runners/rbac.yaml chart/templates/settings.yaml"},
    "08-helm-atomic": {
        WAIT: f"{DEPLOY} cluster/runner.yaml cluster/rbac.yaml charts/webmail/templates/deployment.yaml"
    },
    "08-helm-release-account": {FLUX: "apps/feeds/release.yaml apps/feeds/account.yaml"},
    "08-helm-wait": {ROLE: "arc/cluster-role.yaml arc/cluster-role-binding.yaml arc/runner.yaml"},
    "08-helm-wait-aggregated": {
        WAIT: f"{DEPLOY} cluster/runner.yaml cluster/deployer.yaml chart/templates/deployment.yaml"
    },
    "08-helm-wait-chart": {WAIT: f"{DEPLOY} cluster/runner.yaml cluster/rbac.yaml chart/templates/deployment.yaml"},
    "08-helm-wait-cluster-role": {
        WAIT: f"{DEPLOY} cluster/runner.yaml cluster/role-bindings.yaml cluster/cluster-role.yaml "
        "deploy/chart/templates/deployment.yaml"
    },
    "08-helm-wait-flux": {FLUX: "clusters/home/shop.yaml apps/shop/deployment.yaml clusters/home/rbac.yaml"},
    "08-helm-wait-group": {WAIT: f"{DEPLOY} cluster/runner.yaml cluster/rbac.yaml chart/templates/deployment.yaml"},
    "08-helm-wait-hook": {HOOKS: f"{DEPLOY} ops/runner.yaml ops/rbac.yaml chart/templates/migrate.yaml"},
    "08-helm-wait-other-namespace": {
        WAIT: f"{DEPLOY} cluster/runner.yaml cluster/rbac.yaml chart/templates/exporter.yaml"
    },
    "08-helm-wait-rollout-status": {FOLLOW: f"{DEPLOY} cluster/runner.yaml cluster/rbac.yaml"},
    "08-kubectl-apply": {APPLY: f"{DEPLOY} deploy/ingress.yaml arc/runners.yaml arc/rbac.yaml"},
}
#: What the message names besides the account: the namespace and the thing that it may not have there.
SAYS = {
    "03-aggregated-role": "may not bind ClusterRole `auditor` in `audit`",
    "03-cluster-role-binding": "may not bind ClusterRole `node-viewer`:",
    "03-other-namespace": "may not bind ClusterRole `view` in `payments`",
    "08-helm-4-watcher": "may not `list` and `watch` `configmaps` in `wiki`",
    "08-helm-atomic": "`helm upgrade` with `--atomic` stops with Forbidden",
    "08-helm-wait-hook": "may not `list` and `watch` `jobs` in `shop`: `helm upgrade` hangs until its timeout",
    "08-helm-wait-other-namespace": "may not `list` `replicasets` in `monitoring`",
    "08-kubectl-apply": "may not `create` and `patch` `ingresses` in `bookshop`",
}
VARIANTS = sorted(path.name for path in (FIXTURES / "incidents").iterdir() if path.name.startswith(("03-", "08-")))


def about(variant, target):
    report = lint_tree(copied(FIXTURES / "incidents" / variant / "before", target))
    assert not report.crashed
    number = int(variant.partition("-")[0])
    return [each for each in report.findings if each.severity is not Severity.INFO and each.meta.incident == number]


@pytest.mark.parametrize("variant", VARIANTS)
def test_each_variant_is_told_by_its_chain(variant, tmp_path):
    found = {}
    for finding in about(variant, tmp_path):
        files = [finding.place.path, *(related.place.path for related in finding.related)]
        found.setdefault(finding.meta.id, " ".join(dict.fromkeys(files)))
    assert found == CHAINS[variant]


@pytest.mark.parametrize(("variant", "text"), SAYS.items(), ids=SAYS)
def test_the_message_says_what_and_where(variant, text, tmp_path):
    assert any(text in finding.message for finding in about(variant, tmp_path))


@pytest.mark.parametrize("variant", [name for name in VARIANTS if name.startswith("03-")])
def test_the_advice_hands_out_no_more_than_is_needed(variant, tmp_path):
    """`bind` is limited to the roles that are bound, and nothing that is inserted gives `escalate`."""
    findings = about(variant, tmp_path)
    inserted = [edit.text for finding in findings for fix in finding.fixes for edit in fix.edits]
    for text in (*inserted, *(finding.help_text for finding in findings)):
        assert '"escalate"' not in text
        assert '"bind"' not in text or "resourceNames: [" in text
