"""Who deploys what, as whom, and how that is known."""

from __future__ import annotations

from textwrap import dedent

import pytest
from releasing import Tree

from kubelint.cluster.helm import FluxKustomization, FluxRelease, Helm, Kubectl, Wait, needs
from kubelint.manifests import Document, Project
from kubelint.manifests.deployers import deployers
from kubelint.manifests.settings import ClusterSettings

RUNNER = """
apiVersion: actions.summerwind.dev/v1alpha1
kind: RunnerDeployment
metadata: {name: deploy, namespace: ci}
spec:
  template:
    spec:
      repository: shop/web
      serviceAccountName: deployer
      labels: [deploy]
"""
SCALE_SET = """
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: arc-deploy, namespace: runners}
spec:
  chart: {spec: {chart: gha-runner-scale-set, version: 0.14.2, sourceRef: {kind: HelmRepository, name: arc}}}
  values:
    githubConfigUrl: https://github.com/shop/web
    template: {spec: {serviceAccountName: scaler}}
"""


def workflow(run: str, runs_on: str = "[self-hosted, deploy]", job: str = "", steps: str = "") -> str:
    lines = [
        "on: push",
        "jobs:",
        "  deploy:",
        f"    runs-on: {runs_on}",
        *(f"    {line}" for line in dedent(job).strip().splitlines()),
        "    steps:",
        "      - uses: actions/checkout@v4",
        *(f"      {line}" for line in dedent(steps).strip().splitlines()),
        "      - run: |",
        *(f"          {line}" for line in dedent(run).strip().splitlines()),
    ]
    return "\n".join(lines) + "\n"


def tree(files: dict[str, str], declared: tuple[str, ...] = ()) -> tuple[Tree, Project]:
    made = Tree(files)
    if not declared:
        return made, made.project
    documents = (Document(source) for file in made.sources.values() for source in file.documents)
    return made, Project(documents, ClusterSettings(deployers=declared))


def runs(files: dict[str, str], declared: tuple[str, ...] = ()):
    return deployers(tree(files, declared)[1])


def of_workflow(text: str, **more: str):
    files = {".github/workflows/deploy.yaml": text, "runner.yaml": RUNNER}
    return runs({**files, **{name.replace("__", "/") + ".yaml": content for name, content in more.items()}})


def test_a_workflow_on_a_runner_of_the_tree() -> None:
    made, project = tree(
        {
            ".github/workflows/deploy.yaml": workflow("helm upgrade --install web ./chart -n shop --wait"),
            "r.yaml": RUNNER,
        }
    )
    (run,) = deployers(project)
    assert str(run.who.identity) == "ServiceAccount ci/deployer"
    assert run.command == Helm(action="upgrade", install=True, wait=Wait.DEFAULT)
    assert (run.source, run.namespace) == ("workflow", "shop")
    assert made.where(run.at).startswith(".github/workflows/deploy.yaml:8:11 helm upgrade")
    assert [made.where(link.at) for link in run.who.chain] == [
        ".github/workflows/deploy.yaml:4:14 [self-hosted, deploy]",
        "r.yaml:4:18 deploy",
        "r.yaml:9:27 deployer",
    ]


def test_a_scale_set() -> None:
    (run,) = of_workflow(workflow("kubectl rollout status deployment/web", "arc-deploy"), set=SCALE_SET)
    assert str(run.who.identity) == "ServiceAccount runners/scaler"
    assert run.command == Kubectl(action="rollout status")
    assert run.deployed.manifests == ({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}},)
    assert run.namespace == "runners"


@pytest.mark.parametrize(
    ("template", "identity"),
    [
        ("", "ServiceAccount runners/arc-deploy-gha-rs-no-permission"),
        ("containerMode: {type: dind}", "ServiceAccount runners/arc-deploy-gha-rs-no-permission"),
        ("containerMode: {type: kubernetes}", "ServiceAccount runners/arc-deploy-gha-rs-kube-mode"),
        ("containerMode: {type: '${MODE}'}", "None"),
        ("runnerScaleSetName: arc_deploy", "None"),
    ],
)
def test_a_scale_set_without_an_account(template: str, identity: str) -> None:
    text = SCALE_SET.replace("template: {spec: {serviceAccountName: scaler}}", template)
    (run,) = of_workflow(workflow("helm upgrade web ./chart", "arc-deploy"), set=text)
    assert str(run.who.identity) == identity


def test_a_runner_without_an_account_runs_as_default() -> None:
    files = {
        ".github/workflows/deploy.yaml": workflow("helm upgrade web ./chart"),
        "runner.yaml": RUNNER.replace("      serviceAccountName: deployer\n", ""),
    }
    assert [str(run.who.identity) for run in runs(files)] == ["ServiceAccount ci/default"]


@pytest.mark.parametrize(
    ("run", "job", "steps"),
    [
        ("helm upgrade web ./chart --kubeconfig k", "", ""),
        ("helm upgrade web ./chart --kube-context prod", "", ""),
        ("kubectl apply -f web.yaml --context=prod", "", ""),
        ("kubectl apply -f web.yaml --token $TOKEN", "", ""),
        ("kubectl apply -f web.yaml --as eve", "", ""),
        ("kubectl apply -f web.yaml -s https://example.net", "", ""),
        ("KUBECONFIG=k helm upgrade web ./chart", "", ""),
        ("export KUBECONFIG=k\nhelm upgrade web ./chart", "", ""),
        ("mkdir -p ~/.kube/\nhelm upgrade web ./chart", "", ""),
        ("kubectl config use-context prod\nhelm upgrade web ./chart", "", ""),
        ("aws eks update-kubeconfig --name x\nhelm upgrade web ./chart", "", ""),
        ("gcloud container clusters get-credentials x\nhelm upgrade web ./chart", "", ""),
        ("doctl kubernetes cluster list\nhelm upgrade web ./chart", "", ""),
        ("kind create cluster\nhelm upgrade web ./chart", "", ""),
        ("helm upgrade web ./chart $MORE", "", ""),
        ("ssh host helm upgrade web ./chart", "", ""),
        ("helm upgrade web ./chart", "env: {KUBECONFIG: /k}", ""),
        ("helm upgrade web ./chart", "container: alpine/helm", ""),
        ("helm upgrade web ./chart", "", "- uses: azure/k8s-set-context@v4"),
        ("helm upgrade web ./chart", "", "- uses: azure/aks-set-context@v4"),
        ("helm upgrade web ./chart", "", "- uses: google-github-actions/get-gke-credentials@v2"),
        ("helm upgrade web ./chart", "", "- uses: helm/kind-action@v1"),
        ("helm upgrade web ./chart", "", "- uses: ./.github/actions/elsewhere"),
        ("helm upgrade web ./chart", "", "- uses: ${{ inputs.action }}"),
        ("helm upgrade web ./chart", "", "- {run: 'true', env: {HELM_KUBETOKEN: x}}"),
    ],
)
def test_credentials_of_their_own(run: str, job: str, steps: str) -> None:
    (found,) = of_workflow(workflow(run, job=job, steps=steps))
    assert found.who.identity is None and found.who.unknown


@pytest.mark.parametrize(
    "steps",
    ["- uses: azure/setup-helm@v4", "- uses: azure/setup-kubectl@v4", "- uses: docker/login-action@v3", "- run: make"],
)
def test_steps_that_bring_no_credentials(steps: str) -> None:
    (found,) = of_workflow(workflow("helm upgrade web ./chart", steps=steps))
    assert found.who.identity is not None


@pytest.mark.parametrize("text", ["kubectl get pods", "export KUBECONFIG=k"])
def test_local_actions_are_looked_into(text: str) -> None:
    action = f"name: x\nruns:\n  using: composite\n  steps:\n    - run: {text}\n      shell: bash\n"
    (found,) = of_workflow(
        workflow("helm upgrade web ./chart", steps="- uses: ./.github/actions/x"),
        **{".github__actions__x__action": action},
    )
    assert (found.who.identity is None) is ("KUBECONFIG" in text)


@pytest.mark.parametrize(
    "runs_on", ["ubuntu-latest", "${{ inputs.runner }}", "[self-hosted, other]", "${{ fromJSON(vars.RUNNER) }}"]
)
def test_jobs_that_no_runner_surely_takes(runs_on: str) -> None:
    (found,) = of_workflow(workflow("helm upgrade web ./chart", runs_on))
    assert found.who.identity is None and found.who.unknown


def test_a_runner_without_a_token() -> None:
    text = RUNNER.replace("serviceAccountName: deployer", "automountServiceAccountToken: false")
    (found,) = runs({".github/workflows/deploy.yaml": workflow("helm upgrade web ./chart"), "runner.yaml": text})
    assert found.who.unknown == "the pods of RunnerDeployment ci/deploy get no token"


def test_two_runners_with_different_accounts() -> None:
    other = RUNNER.replace("name: deploy,", "name: other,").replace("deployer", "other")
    (found,) = of_workflow(workflow("helm upgrade web ./chart"), other=other)
    assert found.who.unknown == "several runners take the job"


def test_two_runners_with_the_same_account() -> None:
    (found,) = of_workflow(workflow("helm upgrade web ./chart"), other=RUNNER.replace("name: deploy,", "name: other,"))
    assert str(found.who.identity) == "ServiceAccount ci/deployer"


def test_the_only_declared_deployer_is_whoever_is_not_known() -> None:
    files = {".github/workflows/deploy.yaml": workflow("helm upgrade web ./chart", "ubuntu-latest")}
    declared, run = runs(files, ("ServiceAccount/ops/ci",))
    assert declared.command is None and declared.source == "configuration"
    assert (str(run.who.identity), run.who.declared) == ("ServiceAccount ops/ci", True)
    assert [str(one.who.identity) for one in runs(files, ("ServiceAccount/ops/ci", "User/eve"))] == [
        "ServiceAccount ops/ci",
        "User eve",
        "None",
    ]


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("helm install web ./chart", Helm(action="install")),
        ("helm upgrade -i web ./chart --atomic", Helm(action="upgrade", install=True, atomic=True)),
        ("helm upgrade web ./chart --rollback-on-failure", Helm(action="upgrade", version=4, atomic=True)),
        ("helm upgrade web ./chart --wait=legacy", Helm(action="upgrade", version=4, wait=Wait.LEGACY)),
        ("helm upgrade web ./chart --wait=false", Helm(action="upgrade")),
        ("helm upgrade web ./chart --wait=$WAIT", Helm(action="upgrade")),
        ("helm upgrade web ./chart --no-hooks --force", Helm(action="upgrade", hooks=False, force=True)),
        ("helm install web ./chart --create-namespace", Helm(action="install", create_namespace=True)),
        ("helm install web ./chart --dry-run=server", Helm(action="install", dry_run="server")),
        ("helm install web ./chart --server-side=false", Helm(action="install", version=4, server_side=False)),
        ("helm upgrade web ./chart --timeout 0", Helm(action="upgrade", endless=True)),
        ("HELM_DRIVER=configmap helm upgrade web ./chart", Helm(action="upgrade", driver="configmap")),
        ("helm uninstall web --keep-history", Helm(action="uninstall", keep_history=True)),
        ("helm delete web", Helm(action="uninstall")),
        ("helm rollback web 3 --recreate-pods", Helm(action="rollback", version=3, recreate_pods=True)),
        ("helm test web --logs", Helm(action="test", logs=True)),
        ("kubectl apply -f web.yaml", Kubectl(action="apply")),
        ("kubectl apply --server-side -f web.yaml", Kubectl(action="apply", server_side=True)),
        ("kubectl apply --dry-run=server -f web.yaml", Kubectl(action="apply", dry_run="server")),
        ("kubectl apply --prune -l app=web -f web.yaml", Kubectl(action="apply", prune=True)),
        ("kubectl delete -f web.yaml --wait=false", Kubectl(action="delete", wait=False)),
        ("kubectl rollout status deploy web --timeout=5m", Kubectl(action="rollout status", timeout=True)),
        ("kubectl rollout status deploy/web --timeout=0s", Kubectl(action="rollout status", endless=True)),
        ("kubectl rollout status deploy/web --timeout=$LIMIT", Kubectl(action="rollout status", timeout=True)),
        ("kubectl replace --force -f web.yaml", Kubectl(action="replace", force=True)),
        ("kubectl set image deploy/web web=$IMAGE", Kubectl(action="set")),
        ("kubectl scale --replicas=2 deploy web", Kubectl(action="scale")),
        ("kubectl rollout restart deploy/web", Kubectl(action="rollout restart")),
        ("kubectl wait --for=condition=available deploy/web", Kubectl(action="wait")),
        ("kubectl wait --for=condition=ready pod -l app=web", Kubectl(action="wait", by_list=True)),
    ],
)
def test_commands(line: str, command: object) -> None:
    (found,) = of_workflow(workflow(line))
    assert found.command == command


@pytest.mark.parametrize(
    "line",
    [
        "helm template web ./chart",
        "helm lint ./chart",
        "helm package ./chart",
        "helm repo add x https://example.net",
        "helm diff upgrade web ./chart",
        "helm install web ./chart --dry-run",
        "helm upgrade web ./chart --dry-run=client",
        "kubectl get pods",
        "kubectl version",
        "echo helm upgrade",
        "# helm upgrade web ./chart",
    ],
)
def test_commands_that_deploy_nothing(line: str) -> None:
    assert of_workflow(workflow(line)) == []


@pytest.mark.parametrize(
    ("line", "namespace"),
    [
        ("helm upgrade web ./chart", "ci"),
        ("helm upgrade web ./chart -n shop", "shop"),
        ("helm upgrade web ./chart --namespace=shop", "shop"),
        ("helm upgrade web ./chart -n $NAMESPACE", ""),
        ("HELM_NAMESPACE=x helm upgrade web ./chart", "x"),
        ("HELM_NAMESPACE=$X helm upgrade web ./chart", ""),
        ("export HELM_NAMESPACE=x\nhelm upgrade web ./chart", "x"),
        ("if true; then export HELM_NAMESPACE=x; fi\nhelm upgrade web ./chart", ""),
        ("HELM_NAMESPACE=x helm list\nhelm upgrade web ./chart", "ci"),
        ("export HELM_NAMESPACE=x\nkubectl apply -f web.yaml", "ci"),
        ("kubectl apply -f web.yaml", "ci"),
    ],
)
def test_namespaces(line: str, namespace: str) -> None:
    (found,) = of_workflow(workflow(line))
    assert found.namespace == namespace


@pytest.mark.parametrize(
    ("version", "major"), [("v3.18.1", 3), ("v4.0.0", 4), ("4", 4), ("latest", None), ("${{ vars.HELM }}", None)]
)
def test_the_version_of_helm_that_the_job_sets_up(version: str, major: int | None) -> None:
    steps = f"- uses: azure/setup-helm@v4\n  with: {{version: '{version}'}}"
    (found,) = of_workflow(workflow("helm upgrade web ./chart", steps=steps))
    assert isinstance(found.command, Helm) and found.command.version == major


WEB = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
---
apiVersion: v1
kind: Service
metadata: {name: web}
"""


@pytest.mark.parametrize(
    ("line", "kinds", "complete"),
    [
        ("kubectl apply -f k8s/web.yaml", ["Deployment", "Service"], True),
        ("kubectl apply -f k8s", ["Deployment", "Service"], True),
        ("kubectl apply -f k8s/ -R", ["ConfigMap", "Deployment", "Service"], True),
        ("cd k8s && kubectl apply -f web.yaml", ["Deployment", "Service"], True),
        ("kubectl apply -f k8s/web.yaml -f https://example.net/x.yaml", ["Deployment", "Service"], False),
        ("kubectl apply -f $FILE", [], False),
        ("kubectl apply -k k8s/deep", ["ConfigMap"], False),
    ],
)
def test_what_kubectl_applies(line: str, kinds: list[str], complete: bool) -> None:
    more = {
        "k8s__web": WEB,
        "k8s__deep__settings": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\n",
        "k8s__deep__kustomization": "resources: [settings.yaml]\n",
    }
    (found,) = of_workflow(workflow(line), **more)
    assert sorted(manifest["kind"] for manifest in found.deployed.manifests) == kinds
    assert len(found.deployed.objects) == len(kinds)
    assert found.deployed.complete is complete


def test_the_model_answers_for_what_is_found() -> None:
    (found,) = of_workflow(workflow("kubectl apply -f k8s"), k8s__web=WEB)
    assert found.command is not None
    asked = {
        (need.request.verb, need.request.resource, need.request.namespace)
        for need in needs(found.command, found.deployed.manifests, found.namespace)
    }
    assert ("patch", "deployments", "ci") in asked and ("create", "services", "ci") in asked


@pytest.mark.parametrize(("belongs_to", "complete"), [(".github/workflows/deploy.yaml", True), (None, False)])
def test_what_helm_applies_is_what_the_chart_renders_to(belongs_to: str | None, complete: bool) -> None:
    made = Tree(
        {
            ".github/workflows/deploy.yaml": workflow("helm upgrade web ./chart"),
            "chart/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
            "chart/crds/crd.yaml": "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n",
            "chart/templates/web.yaml (rendered)": WEB,
            "elsewhere/web.yaml": WEB,
        }
    )
    documents = [Document(source) for file in made.sources.values() for source in file.documents]
    for document in documents:
        if document.file.endswith("(rendered)"):
            document.rendering, document.belongs_to = "1", belongs_to or document.file
    (found,) = deployers(Project(documents))
    assert [obj.file for obj in found.deployed.objects if obj] == ["chart/templates/web.yaml (rendered)"] * 2
    assert [manifest["kind"] for manifest in found.deployed.crds] == ["CustomResourceDefinition"]
    assert found.deployed.complete is complete


CRON = """
apiVersion: batch/v1
kind: CronJob
metadata: {name: nightly, namespace: shop}
spec:
  jobTemplate:
    spec:
      template:
        spec:
          serviceAccountName: cleaner
          containers:
            - name: kubectl
              image: alpine/helm:3.18.1
              command: [sh, -c, "helm upgrade web ./chart && kubectl rollout status deploy/web"]
"""


def test_a_pod_that_deploys() -> None:
    found = runs({"cron.yaml": CRON})
    assert [str(run.who.identity) for run in found] == ["ServiceAccount shop/cleaner"] * 2
    assert [run.namespace for run in found] == ["shop", "shop"]
    assert isinstance(found[0].command, Helm) and found[0].command.version == 3
    assert [link.says for link in found[0].who.chain] == ["CronJob shop/nightly runs as `ServiceAccount shop/cleaner`"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("serviceAccountName: cleaner", "automountServiceAccountToken: false"),
        ("serviceAccountName: cleaner", "serviceAccountName: ${ACCOUNT}"),
        ("namespace: shop", "namespace: '{{ .Values.namespace }}'"),
        ("name: kubectl\n", "name: kubectl\n              env: [{name: KUBECONFIG, value: /k}]\n"),
        ("name: kubectl\n", "name: kubectl\n              volumeMounts: [{name: k, mountPath: /home/ci/.kube}]\n"),
        ("helm upgrade web", "helm --kubeconfig /k upgrade web"),
    ],
)
def test_a_pod_whose_account_is_not_known(old: str, new: str) -> None:
    found = runs({"cron.yaml": CRON.replace(old, new)})
    assert found and found[0].who.identity is None and found[0].who.unknown


FLUX = """
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: web, namespace: tenants}
spec:
  serviceAccountName: tenant
  targetNamespace: shop
  chart: {spec: {chart: web, sourceRef: {kind: HelmRepository, name: web}}}
  install: {createNamespace: true, crds: Skip}
  upgrade: {disableWait: true}
  test: {enable: true}
"""


def test_a_flux_release() -> None:
    made, project = tree({"web.yaml": FLUX})
    (run,) = deployers(project)
    assert str(run.who.identity) == "ServiceAccount tenants/tenant"
    assert run.command == FluxRelease(
        wait=False, create_namespace=True, crds=False, test=True, storage_namespace="tenants"
    )
    assert run.namespace == "shop"
    assert [made.where(link.at) for link in run.who.chain] == ["web.yaml:6:23 tenant"]


@pytest.mark.parametrize(
    "text",
    [
        FLUX.replace("serviceAccountName: tenant", "serviceAccountName: ${TENANT}"),
        FLUX.replace("targetNamespace", "kubeConfig: {secretRef: {name: other}}\n  targetNamespace"),
    ],
)
def test_a_flux_release_that_deploys_as_somebody_unknown(text: str) -> None:
    (run,) = runs({"web.yaml": text})
    assert run.who.identity is None and run.who.unknown


def test_flux_without_an_account_acts_as_itself() -> None:
    assert runs({"web.yaml": FLUX.replace("  serviceAccountName: tenant\n", "")}) == []


def test_a_flux_kustomization() -> None:
    flux = """
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: web, namespace: tenants}
spec:
  serviceAccountName: tenant
  path: ./apps/web
  targetNamespace: shop
  prune: true
  wait: true
  sourceRef: {kind: GitRepository, name: web}
"""
    (run,) = runs({"flux.yaml": flux, "apps/web/web.yaml": WEB, "apps/other/other.yaml": WEB})
    assert run.command == FluxKustomization(prune=True, wait=True)
    assert [(m["kind"], m["metadata"]["namespace"]) for m in run.deployed.manifests] == [
        ("Deployment", "shop"),
        ("Service", "shop"),
    ]
    assert [obj.file for obj in run.deployed.objects if obj is not None] == ["apps/web/web.yaml"] * 2


ARGO = """
apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata: {name: shop, namespace: argocd}
spec:
  destinationServiceAccounts:
    - {server: https://kubernetes.default.svc, namespace: "shop-*", defaultServiceAccount: syncer}
    - {server: "*", namespace: "*", defaultServiceAccount: "argocd:fallback"}
---
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: web, namespace: argocd}
spec:
  project: shop
  source: {repoURL: https://example.net/web.git, path: web}
  destination: {server: https://kubernetes.default.svc, namespace: shop-prod}
  syncPolicy: {syncOptions: [ServerSideApply=true]}
"""
ARGO_CM = """
apiVersion: v1
kind: ConfigMap
metadata: {name: argocd-cm, namespace: argocd}
data: {application.sync.impersonation.enabled: "true"}
"""


@pytest.mark.parametrize(
    ("namespace", "identity"),
    [("shop-prod", "ServiceAccount shop-prod/syncer"), ("monitoring", "ServiceAccount argocd/fallback")],
)
def test_argo_impersonates(namespace: str, identity: str) -> None:
    (run,) = runs({"argo.yaml": ARGO.replace("shop-prod", namespace), "cm.yaml": ARGO_CM})
    assert (str(run.who.identity), run.namespace) == (identity, namespace)


def test_argo_acts_as_itself_unless_told() -> None:
    assert runs({"argo.yaml": ARGO, "cm.yaml": ARGO_CM.replace('"true"', '"false"')}) == []
    assert runs({"argo.yaml": ARGO}) == []


@pytest.mark.parametrize(
    "files",
    [
        {},
        {".github/workflows/x.yaml": "jobs: []\n"},
        {".github/workflows/x.yaml": "jobs: {a: {steps: [{run: helm upgrade x}]}}\n"},
        {"x.yaml": "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nspec: {serviceAccountName: [3]}\n"},
        {"x.yaml": "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nspec: {serviceAccountName: 3}\n"},
        {"x.yaml": "apiVersion: argoproj.io/v1alpha1\nkind: AppProject\nspec: {destinationServiceAccounts: [3, {}]}\n"},
    ],
)
def test_odd_files_raise_nothing(files: dict[str, str]) -> None:
    assert all(run.who.identity is None for run in runs(files))


def test_repositories_stay_apart() -> None:
    files = {
        "a/.github/workflows/deploy.yaml": workflow("helm upgrade web ./chart"),
        "b/.github/workflows/other.yaml": "on: push\njobs: {}\n",
        "b/runner.yaml": RUNNER,
    }
    (found,) = runs(files)
    assert found.who.identity is None
