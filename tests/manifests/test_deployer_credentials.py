"""Every form of credentials that makes it unknown as whom a command acts, and what looks like one and is none."""

from __future__ import annotations

import pytest
from deploying import DEPLOYER, composite, flow, of_flow, who

APPLY = "kubectl apply -f web.yaml"
ACTION = ".github/actions/prepare/action.yaml"
USES = "- uses: ./.github/actions/prepare"

SETTING_UP = [
    "export KUBECONFIG=/tmp/k",
    'echo "KUBECONFIG=/tmp/k" >> "$GITHUB_ENV"',
    'mkdir -p ~/.kube; echo "$CONFIG" | base64 -d > ~/.kube/config',
    "mkdir -p $HOME/.kube",
    "cp config /home/app/.kube/config",
    "install -d ~/.kube",
    "echo '${{ secrets.KUBE_CONFIG_DATA }}' | base64 -d > k",
    "kubectl config use-context prod",
    "kubectl config set-context --current --namespace=shop",
    "kubectl config set-credentials ci --token=$TOKEN",
    "kubectl config set-cluster prod --server=https://example.net",
    "kubectl config set users.ci.token x",
    "aws eks update-kubeconfig --name prod",
    "gcloud container clusters get-credentials prod --zone z",
    "az aks get-credentials --name prod",
    "doctl kubernetes cluster kubeconfig save prod",
    "doctl auth init",
    "eksctl utils write-kubeconfig --cluster prod",
    "civo kubernetes config prod",
    "oc login https://example.net",
    "tsh kube login prod",
    "tailscale configure kubeconfig prod",
    "kubelogin convert-kubeconfig",
    "kubectx prod",
    "kind create cluster",
    "k3d cluster create",
    "minikube start",
    "vcluster connect tenant",
    "make kube-login",
    "just connect prod",
    "npm run login",
    "./hack/auth.py",
    "scripts/use-cluster prod",
]


@pytest.mark.parametrize("text", SETTING_UP)
def test_a_step_before(text: str) -> None:
    (run,) = of_flow(flow(text, APPLY))
    assert run.who.identity is None and run.who.unknown


@pytest.mark.parametrize("text", SETTING_UP[:-5])
def test_an_action_before(text: str) -> None:
    (run,) = of_flow(flow(USES, APPLY), {ACTION: composite(text)})
    assert run.who.identity is None and run.who.unknown


@pytest.mark.parametrize("text", SETTING_UP[:-5])
@pytest.mark.parametrize("call", ["./prepare.sh", "bash prepare.sh", "source ./prepare.sh", ". ./prepare.sh"])
def test_a_script_before(text: str, call: str) -> None:
    (run,) = of_flow(flow(f"{call}\n{APPLY}"), {"prepare.sh": text})
    assert run.who.identity is None and run.who.unknown


@pytest.mark.parametrize(
    "option",
    [
        "--kubeconfig k",
        "--kubeconfig=k",
        "--context prod",
        "--cluster prod",
        "--user ci",
        "--token $TOKEN",
        "--token=${{ secrets.TOKEN }}",
        "--as eve",
        "--as-group ops",
        "--as-uid 3",
        "-s https://example.net",
        "--server=https://example.net",
        "--client-certificate c",
        "--client-key k",
        "--username eve",
    ],
)
def test_options_of_kubectl(option: str) -> None:
    assert who(of_flow(flow(f"{APPLY} {option}"))) == ["None"]


@pytest.mark.parametrize(
    "option",
    [
        "--kubeconfig k",
        "--kube-context prod",
        "--kube-token t",
        "--kube-as-user eve",
        "--kube-as-group g",
        "--kube-apiserver u",
    ],
)
def test_options_of_helm(option: str) -> None:
    assert who(of_flow(flow(f"helm upgrade web x/web {option}"))) == ["None"]


VARIABLES = [
    "KUBECONFIG: /k",
    "KUBECONFIG: '${{ secrets.KUBECONFIG }}'",
    "KUBE_CONFIG: x",
    "KUBE_CONFIG_DATA: x",
    "KUBECONFIG_FILE: x",
    "PROD_KUBECONFIG: x",
    "CONFIG: '${{ secrets.KUBE_CONFIG }}'",
    "HELM_KUBECONTEXT: prod",
    "HELM_KUBETOKEN: x",
    "HELM_KUBEASUSER: eve",
    "KUBERNETES_MASTER: https://example.net",
    "KUBE_TOKEN: x",
    "K8S_TOKEN: x",
]


@pytest.mark.parametrize("variable", VARIABLES)
def test_variables(variable: str) -> None:
    text = f"env: {{{variable}}}"
    assert who(of_flow(flow(APPLY, head=f"on: push\n{text}"))) == ["None"]
    assert who(of_flow(flow(APPLY, job=text))) == ["None"]
    assert who(of_flow(flow(f"- run: {APPLY}\n  {text}"))) == ["None"]
    inner = composite(f"- run: {APPLY}\n  shell: bash\n  {text}")
    assert who(of_flow(flow(USES), {ACTION: inner})) == ["None"]


@pytest.mark.parametrize(
    "uses",
    [
        "azure/aks-set-context@v4",
        "azure/k8s-set-context@v4",
        "azure/k8s-deploy@v5",
        "google-github-actions/get-gke-credentials@v2",
        "redhat-actions/oc-login@v1",
        "teleport-actions/auth-k8s@v2",
        "digitalocean/action-doctl@v2",
        "helm/kind-action@v1",
        "medyagh/setup-minikube@latest",
        "rancher-actions/get-kubeconfig@v1",
        "docker://alpine/k8s:1.30.0",
        "./.github/actions/not-here",
        "${{ inputs.action }}",
    ],
)
def test_actions(uses: str) -> None:
    assert who(of_flow(flow(f"- uses: {uses}", APPLY))) == ["None"]
    assert who(of_flow(flow(USES, APPLY), {ACTION: composite(f"- uses: {uses}")})) == ["None"]


def test_inputs_of_actions() -> None:
    text = "- uses: shop/prepare@v1\n  with: {kubeconfig: '${{ secrets.X }}'}"
    assert who(of_flow(flow(text, APPLY))) == ["None"]


def test_jobs_in_a_container() -> None:
    assert who(of_flow(flow(APPLY, job="container: alpine/k8s:1.30.0"))) == ["None"]


@pytest.mark.parametrize(
    "step",
    [
        "- uses: azure/setup-helm@v4",
        "- uses: azure/setup-kubectl@v4",
        "- uses: actions/cache@v4",
        "- uses: aws-actions/configure-aws-credentials@v4",
        "- uses: docker/login-action@v3",
        "- {run: make build, env: {TOKEN: '${{ secrets.TOKEN }}'}}",
        "- {run: 'true', env: {KUBECTL_VERSION: v1.34.1}}",
        "make test",
        "./gradlew build",
        "npm ci",
        "kubectl config view",
        "kubectl config current-context",
        "curl -fsSL http://prometheus.kube-system.svc/metrics",
        "echo kubernetes",
        "- {if: false, run: export KUBECONFIG=/k}",
    ],
)
def test_what_brings_no_credentials(step: str) -> None:
    assert who(of_flow(flow(step, APPLY))) == [DEPLOYER]


def test_scripts_of_the_tree_are_read_whatever_their_names_say() -> None:
    assert who(of_flow(flow("./connect.sh", APPLY), {"connect.sh": "echo nothing"})) == [DEPLOYER]
    assert who(of_flow(flow("./connect.sh", APPLY))) == ["None"]
