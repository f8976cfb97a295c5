"""As whom everything that deploys acts: every way in which a tree tells it, and every way in which it does not."""

from __future__ import annotations

from textwrap import indent

import pytest
from deploying import DEPLOYER, FLOW, RUNNER, flow, of_flow, project, runs, who

from kubelint.cluster.rbac import Request, Verdict
from kubelint.manifests.access import access_to
from kubelint.manifests.deployers import deployers

APPLY = "kubectl apply -f web.yaml"


def legacy(kind: str, spec: str, name: str = "deploy") -> str:
    return (
        f"apiVersion: actions.summerwind.dev/v1alpha1\nkind: {kind}\n"
        f"metadata: {{name: {name}, namespace: ci}}\nspec:\n{indent(spec, '  ')}\n"
    )


def in_template(spec: str) -> str:
    return f"template:\n  spec:\n{indent(spec, '    ')}"


POD = "repository: shop/web\nlabels: [deploy]\nserviceAccountName: deployer"


@pytest.mark.parametrize(
    ("runner", "identity"),
    [
        (legacy("Runner", POD), DEPLOYER),
        (legacy("RunnerDeployment", in_template(POD)), DEPLOYER),
        (legacy("RunnerReplicaSet", in_template(POD)), DEPLOYER),
        (legacy("RunnerSet", POD), DEPLOYER),
        (
            legacy(
                "RunnerSet", "repository: shop/web\nlabels: [deploy]\n" + in_template("serviceAccountName: deployer")
            ),
            DEPLOYER,
        ),
        (
            legacy("RunnerDeployment", in_template("repository: shop/web\nlabels: [deploy]")),
            "ServiceAccount ci/default",
        ),
        (legacy("Runner", "repository: shop/web\nlabels: [deploy]"), "ServiceAccount ci/default"),
        (RUNNER.replace("serviceAccountName: deployer", "serviceAccountName: ${ACCOUNT}"), "None"),
        (RUNNER.replace("namespace: ci", "namespace: '{{ .Values.namespace }}'"), "None"),
        (RUNNER.replace(", namespace: ci", ""), "None"),
        (RUNNER.replace("serviceAccountName", "automountServiceAccountToken: false\n      serviceAccountName"), "None"),
        (RUNNER.replace("labels:", "env: [{name: KUBECONFIG, value: /k}]\n      labels:"), "None"),
        (RUNNER.replace("labels:", "volumeMounts: [{name: k, mountPath: /home/runner/.kube}]\n      labels:"), "None"),
        (RUNNER.replace("labels: [deploy]", "labels: ['${LABEL}']"), "None"),
        (RUNNER + "---" + RUNNER.replace("name: deploy,", "name: other,"), DEPLOYER),
        (RUNNER + "---" + RUNNER.replace("name: deploy,", "name: other,").replace("deployer", "other"), "None"),
        (RUNNER + "---" + RUNNER.replace("name: deploy,", "name: other,").replace("[deploy]", "['${ANY}']"), "None"),
        (RUNNER + "---" + RUNNER.replace("name: deploy,", "name: other,").replace("[deploy]", "[build]"), DEPLOYER),
        (
            RUNNER + "---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: deployer, namespace: ci}\n"
            "automountServiceAccountToken: false\n",
            "None",
        ),
        (
            RUNNER + "---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: deployer, namespace: shop}\n"
            "automountServiceAccountToken: false\n",
            DEPLOYER,
        ),
    ],
)
def test_legacy_runners(runner: str, identity: str) -> None:
    assert who(of_flow(flow(APPLY), runner=runner)) == [identity]


SET = """
apiVersion: actions.github.com/v1alpha1
kind: AutoscalingRunnerSet
metadata: {name: arc-deploy, namespace: runners}
spec:
  githubConfigUrl: https://github.com/shop/web
  template: {spec: {serviceAccountName: scaler}}
"""
RELEASE = """
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: arc-deploy, namespace: runners}
spec:
  chart: {spec: {chart: gha-runner-scale-set, version: 0.14.2, sourceRef: {kind: HelmRepository, name: arc}}}
  values:
    githubConfigUrl: https://github.com/shop/web
    template: {spec: {serviceAccountName: scaler}}
"""
APPLICATION = """
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: arc-deploy, namespace: argocd}
spec:
  destination: {server: https://kubernetes.default.svc, namespace: runners}
  source:
    repoURL: ghcr.io/actions/actions-runner-controller-charts
    chart: gha-runner-scale-set
    targetRevision: 0.14.2
    helm: {valuesObject: {template: {spec: {serviceAccountName: scaler}}}}
"""
HELMFILE = """
releases:
  - name: arc-deploy
    namespace: runners
    chart: oci://ghcr.io/actions/actions-runner-controller-charts/gha-runner-scale-set
    values: [{template: {spec: {serviceAccountName: scaler}}}]
"""
NAMED = "    template: {spec: {serviceAccountName: scaler}}\n"


@pytest.mark.parametrize(
    ("files", "identity"),
    [
        ({"set.yaml": SET}, "ServiceAccount runners/scaler"),
        ({"set.yaml": SET.replace("serviceAccountName", "serviceAccount")}, "ServiceAccount runners/scaler"),
        ({"set.yaml": RELEASE}, "ServiceAccount runners/scaler"),
        ({"set.yaml": APPLICATION}, "ServiceAccount runners/scaler"),
        ({"helmfile.yaml": HELMFILE}, "ServiceAccount runners/scaler"),
        ({"set.yaml": RELEASE.replace(NAMED, "")}, "ServiceAccount runners/arc-deploy-gha-rs-no-permission"),
        (
            {"set.yaml": RELEASE.replace(NAMED, "    containerMode: {type: kubernetes}\n")},
            "ServiceAccount runners/arc-deploy-gha-rs-kube-mode",
        ),
        (
            {"set.yaml": RELEASE.replace(NAMED, "    containerMode: {type: kubernetes-novolume}\n")},
            "ServiceAccount runners/arc-deploy-gha-rs-kube-mode",
        ),
        ({"set.yaml": RELEASE.replace("scaler", "${ACCOUNT}")}, "None"),
        ({"set.yaml": RELEASE.replace("name: arc-deploy", "name: arc-${CLUSTER}")}, "None"),
        (
            {
                "set.yaml": RELEASE.replace(
                    NAMED,
                    "    template: {spec: {serviceAccountName: scaler, containers: "
                    "[{name: runner, env: [{name: KUBECONFIG, value: /k}]}]}}\n",
                )
            },
            "None",
        ),
        (
            {
                "set.yaml": RELEASE.replace("values:", "valuesFrom: [{kind: Secret, name: x}]\n  values:").replace(
                    NAMED, ""
                )
            },
            "None",
        ),
    ],
)
def test_scale_sets(files: dict[str, str], identity: str) -> None:
    assert who(runs({FLOW: flow(APPLY, runs_on="arc-deploy"), **files})) == [identity]


def test_what_the_chart_grants_its_own_account_counts() -> None:
    text = RELEASE.replace(NAMED, "    containerMode: {type: kubernetes}\n")
    access = access_to(project({"set.yaml": text}))
    user = "system:serviceaccount:runners:arc-deploy-gha-rs-kube-mode"
    asked = {
        (verb, resource): access.authorizer("").allows(user, (), Request(verb, "", resource, namespace="runners"))
        for verb in ("list", "patch")
        for resource in ("pods", "secrets")
    }
    assert asked == {
        ("list", "pods"): Verdict.ALLOWED,
        ("list", "secrets"): Verdict.ALLOWED,
        ("patch", "pods"): Verdict.DENIED,
        ("patch", "secrets"): Verdict.DENIED,
    }


@pytest.mark.parametrize(
    ("runs_on", "identity"),
    [
        ("deploy", DEPLOYER),
        ("[self-hosted, Linux, deploy]", DEPLOYER),
        ("{labels: [deploy]}", DEPLOYER),
        ("ubuntu-latest", "None"),
        ("${{ vars.RUNNER }}", "None"),
        ("[self-hosted, '${{ vars.RUNNER }}']", "None"),
        ("{group: big, labels: [deploy]}", "None"),
        ("", "None"),
    ],
)
def test_labels_of_jobs(runs_on: str, identity: str) -> None:
    assert who(of_flow(flow(APPLY, runs_on=runs_on))) == [identity]


def test_a_matrix_of_runners() -> None:
    job = "strategy: {matrix: {runner: [deploy, ubuntu-latest]}}"
    assert who(of_flow(flow(APPLY, runs_on="${{ matrix.runner }}", job=job))) == [DEPLOYER]


CALLED = flow(
    APPLY,
    runs_on="${{ inputs.runner }}",
    head="on: {workflow_call: {inputs: {runner: {type: string, default: ubuntu-latest}}}}",
)


def caller(*given: str) -> str:
    jobs = "".join(
        f"  job-{number}:\n    uses: ./.github/workflows/called.yaml\n    with: {one}\n"
        for number, one in enumerate(given)
    )
    return f"on: push\njobs:\n{jobs}"


@pytest.mark.parametrize(
    ("given", "identities"),
    [
        (["{runner: deploy}"], [DEPLOYER]),
        (["{}"], ["None"]),
        (["{runner: '${{ vars.RUNNER }}'}"], ["None"]),
        (["{runner: deploy}", "{runner: ubuntu-latest}"], [DEPLOYER]),
        (["{runner: deploy}", "{runner: deploy}"], [DEPLOYER]),
        (["{runner: deploy}", "{runner: other}"], [DEPLOYER, "ServiceAccount ops/other"]),
    ],
)
def test_reusable_workflows_run_where_their_callers_say(given: list[str], identities: list[str]) -> None:
    other = RUNNER.replace("{name: deploy, namespace: ci}", "{name: other, namespace: ops}")
    other = other.replace("deployer", "other").replace("[deploy]", "[other]")
    files = {".github/workflows/called.yaml": CALLED, FLOW: caller(*given), "r.yaml": RUNNER, "o.yaml": other}
    assert who(runs(files)) == identities


def test_a_reusable_workflow_with_a_runner_of_its_own() -> None:
    text = flow(APPLY, head="on: {workflow_call: {}}")
    assert who(runs({".github/workflows/called.yaml": text, "r.yaml": RUNNER})) == [DEPLOYER]


@pytest.mark.parametrize(
    ("old", "new", "identity"),
    [
        ("", "", "ServiceAccount shop/cleaner"),
        ("serviceAccountName: cleaner", "serviceAccount: cleaner", "ServiceAccount shop/cleaner"),
        ("serviceAccountName: cleaner", "restartPolicy: Never", "ServiceAccount shop/default"),
        ("serviceAccountName: cleaner", "serviceAccountName: '${A}'", "None"),
        (", namespace: shop", "", "None"),
        ("kubectl apply", "kubectl --context prod apply", "None"),
        ("kubectl apply", "kubectl --as eve apply", "None"),
        ("kubectl apply", "export KUBECONFIG=/k; kubectl apply", "None"),
        ("kubectl apply", "ssh host kubectl apply", "None"),
        ("image: x", "image: x\n          env: [{name: KUBECONFIG, value: /k}]", "None"),
        (
            "image: x",
            "image: x\n          env: [{name: KUBERNETES_SERVICE_HOST, value: y}]",
            "ServiceAccount shop/cleaner",
        ),
        ("image: x", "image: x\n          volumeMounts: [{name: k, mountPath: /home/app/.kube}]", "None"),
        ("containers:", "automountServiceAccountToken: false\n      containers:", "None"),
    ],
)
@pytest.mark.parametrize("kind", ["Job", "Deployment", "DaemonSet"])
def test_pods(kind: str, old: str, new: str, identity: str) -> None:
    group = "batch/v1" if kind == "Job" else "apps/v1"
    text = f"""
apiVersion: {group}
kind: {kind}
metadata: {{name: clean, namespace: shop}}
spec:
  template:
    spec:
      serviceAccountName: cleaner
      containers:
        - name: main
          image: x
          command: [sh, -c, kubectl apply -f /web.yaml]
"""
    assert who(runs({"job.yaml": text.replace(old, new) if old else text})) == [identity]


ARGO = """
apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata: {name: shop, namespace: argocd}
spec:
  destinationServiceAccounts:
    - {server: SERVER, namespace: NAMESPACE, defaultServiceAccount: ACCOUNT}
---
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: web, namespace: argocd}
spec:
  project: shop
  source: {repoURL: https://example.net/web.git, path: web}
  destination: {server: https://kubernetes.default.svc, namespace: shop-prod}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: argocd-cm, namespace: argocd}
data: {application.sync.impersonation.enabled: "true"}
"""
SWITCHED_OFF = """
apiVersion: v1
kind: ConfigMap
metadata: {name: argocd-cm}
data: {application.sync.impersonation.enabled: "false"}
"""
LOCAL = "https://kubernetes.default.svc"


def argo(server: str = LOCAL, namespace: str = "'*'", account: str = "syncer", text: str = ARGO) -> list[str]:
    files = text.replace("SERVER", server).replace("NAMESPACE", namespace).replace("ACCOUNT", account)
    return who(runs({"argo.yaml": files}))


@pytest.mark.parametrize(
    ("server", "namespace", "account", "identities"),
    [
        (LOCAL, "shop-prod", "syncer", ["ServiceAccount shop-prod/syncer"]),
        ("'*'", "'shop-*'", "syncer", ["ServiceAccount shop-prod/syncer"]),
        ("https://*", "'shop-{test,prod}'", "syncer", ["ServiceAccount shop-prod/syncer"]),
        ("https://kubernetes.default.svc", "'shop-[!t]*'", "syncer", ["ServiceAccount shop-prod/syncer"]),
        (LOCAL, "shop-pro?", "ops:syncer", ["ServiceAccount ops/syncer"]),
        (LOCAL, "shop.prod", "syncer", []),
        (LOCAL, "shop", "syncer", []),
        ("https://other.example", "'*'", "syncer", []),
        (LOCAL, "'*'", "'${ACCOUNT_NAME}'", ["None"]),
        (LOCAL, "'*'", "''", ["None"]),
        (LOCAL, "'*'", "'ops:'", ["None"]),
        (LOCAL, "'*'", "'ops:a:b'", ["None"]),
        (LOCAL, "'*'", "'*'", ["None"]),
        (LOCAL, "'${ANY}'", "syncer", []),
    ],
)
def test_argo_impersonates_whom_the_project_names(
    server: str, namespace: str, account: str, identities: list[str]
) -> None:
    assert argo(server, namespace, account) == identities


@pytest.mark.parametrize(
    ("old", "new", "identities"),
    [
        (
            "server: https://kubernetes.default.svc, namespace: shop-prod",
            "name: in-cluster, namespace: shop-prod",
            ["ServiceAccount shop-prod/syncer"],
        ),
        (
            "server: https://kubernetes.default.svc, namespace: shop-prod",
            "server: https://kubernetes.default.svc",
            ["ServiceAccount argocd/syncer"],
        ),
        ("server: https://kubernetes.default.svc, namespace: shop-prod", "name: edge, namespace: shop-prod", []),
        ("https://kubernetes.default.svc, namespace", "https://edge.example, namespace", ["None"]),
        ("namespace: shop-prod", "namespace: '{{ namespace }}'", []),
        ('enabled: "true"', 'enabled: "false"', []),
        ("name: argocd-cm", "name: argocd-other", []),
        ("project: shop", "project: other", []),
        (
            "---\napiVersion: v1\n",
            f"---\n{SWITCHED_OFF}---\napiVersion: v1\n",
            [],
        ),
    ],
)
def test_argo_where_it_is_not_told(old: str, new: str, identities: list[str]) -> None:
    assert argo(server="'*'", text=ARGO.replace(old, new)) == identities


FLUX = """
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: web, namespace: tenants}
spec:
  serviceAccountName: tenant
  path: ./apps/web
  sourceRef: {kind: GitRepository, name: web}
"""
ROLE = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: reader}\nrules: []\n"


@pytest.mark.parametrize(
    ("text", "identity", "home"),
    [
        (FLUX, "ServiceAccount tenants/tenant", "tenants"),
        (FLUX.replace("path:", "targetNamespace: shop\n  path:"), "ServiceAccount tenants/tenant", "shop"),
        (FLUX.replace("path:", "kubeConfig: {secretRef: {name: k}}\n  path:"), "None", ""),
        (FLUX.replace("tenant\n", "'${TENANT}'\n"), "None", ""),
        (FLUX.replace("namespace: tenants", "namespace: '${NS}'"), "None", ""),
    ],
)
def test_flux(text: str, identity: str, home: str) -> None:
    (run,) = runs({"flux.yaml": text, "apps/web/role.yaml": ROLE})
    assert (str(run.who.identity), run.home) == (identity, home)
    assert [each["kind"] for each in run.deployed.manifests] == ["ClusterRole"]


def test_flux_without_an_account_is_the_controller_or_its_default() -> None:
    assert runs({"flux.yaml": FLUX.replace("  serviceAccountName: tenant\n", "")}) == []


def test_flux_objects_end_up_with_the_names_and_places_of_their_kustomizations() -> None:
    files = {
        "flux.yaml": FLUX,
        "apps/web/kustomization.yaml": "namePrefix: eu-\nnamespace: shop\nresources: [web.yaml]\n",
        "apps/web/web.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: web}\n",
    }
    (run,) = runs(files)
    assert run.deployed.manifests[0]["metadata"] == {"name": "eu-web", "namespace": "shop"}
    files["apps/web/kustomization.yaml"] = "namespace: '${NS}'\nresources: [web.yaml]\n"
    (run,) = runs(files)
    assert run.deployed.manifests[0]["metadata"]["namespace"] == "${?}"


@pytest.mark.parametrize(
    ("declared", "identities"),
    [
        (("ServiceAccount/ops/ci",), ["ServiceAccount ops/ci", "ServiceAccount ops/ci"]),
        (("User/eve",), ["User eve", "User eve"]),
        (("Group/ops", "User/eve"), ["Group ops", "User eve", "None"]),
        (("ServiceAccount/ci",), ["None"]),
        (("nonsense",), ["None"]),
    ],
)
def test_the_configuration(declared: tuple[str, ...], identities: list[str]) -> None:
    assert who(runs({FLOW: flow(APPLY, runs_on="ubuntu-latest")}, declared)) == identities


def test_the_chain_of_a_reusable_workflow_leads_to_the_caller() -> None:
    files = {".github/workflows/called.yaml": CALLED, FLOW: caller("{runner: deploy}"), "r.yaml": RUNNER}
    (run,) = deployers(project(files))
    assert [link.says for link in run.who.chain] == [
        "the job runs here",
        "on the runner that is named here",
        "taken by `RunnerDeployment ci/deploy`",
        "whose pods act as this account",
    ]
