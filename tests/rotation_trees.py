"""Small trees around a Secret that rotates and what reads it, as texts."""

AUTO = "reloader.stakater.com/auto"
SECRET_AUTO = "secret.reloader.stakater.com/auto"
SECRET_RELOAD = "secret.reloader.stakater.com/reload"
READS = "envFrom: [{secretRef: {name: db}}]"
MOUNTS = "volumeMounts: [{name: v, mountPath: /a, subPath: a}]"
KUSTOMIZATION = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
_VERSIONS = {
    "ExternalSecret": "external-secrets.io/v1",
    "ClusterExternalSecret": "external-secrets.io/v1",
    "SealedSecret": "bitnami.com/v1alpha1",
    "Certificate": "cert-manager.io/v1",
    "VaultStaticSecret": "secrets.hashicorp.com/v1beta1",
    "VaultDynamicSecret": "secrets.hashicorp.com/v1beta1",
    "SecretProviderClass": "secrets-store.csi.x-k8s.io/v1",
    "OnePasswordItem": "onepassword.com/v1",
    "InfisicalSecret": "secrets.infisical.com/v1alpha1",
    "Job": "batch/v1",
    "Rollout": "argoproj.io/v1alpha1",
}


def release(values="{}", chart="reloader", name="reloader", namespace="kube-system", extra=""):
    """A HelmRelease; `extra` are more fields of its `spec`."""
    source = f"{{chart: {chart}, sourceRef: {{kind: HelmRepository, name: charts}}}}"
    return (
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\n"
        f"metadata: {{name: {name}, namespace: {namespace}}}\n"
        f"spec: {{chart: {{spec: {source}}}, values: {values}{extra}}}\n"
    )


def reloader(flags="{}"):
    """A release of Reloader with these values below `reloader`."""
    return release(f"{{reloader: {flags}}}")


def made(kind, spec="", name="db", namespace="shop", annotations=""):
    """An object that makes a Secret."""
    noted = f", annotations: {{{annotations}}}" if annotations else ""
    head = f"apiVersion: {_VERSIONS[kind]}\nkind: {kind}\nmetadata: {{name: {name}, namespace: {namespace}{noted}}}\n"
    return f"{head}spec: {{{spec}}}\n"


def external(spec="dataFrom: [{extract: {key: db}}]", **meta):
    """An ExternalSecret."""
    return made("ExternalSecret", spec, **meta)


def workload(container=READS, kind="Deployment", own="", pod="", rest="", namespace="shop"):
    """A workload called web; `own` and `pod` are annotations, `rest` more fields of its pods' `spec`."""
    noted = f", annotations: {own}" if own else ""
    inner = f", annotations: {pod}" if pod else ""
    return (
        f"apiVersion: {_VERSIONS.get(kind, 'apps/v1')}\nkind: {kind}\n"
        f"metadata: {{name: web, namespace: {namespace}{noted}}}\n"
        f"spec:\n  selector: {{matchLabels: {{a: b}}}}\n  template:\n    metadata: {{labels: {{a: b}}{inner}}}\n"
        f"    spec: {{containers: [{{name: web, image: 'a/b:1', {container}}}]{rest}}}\n"
    )


def mounting(source):
    """A Deployment that mounts one path of a volume."""
    return workload(MOUNTS, rest=f", volumes: [{{name: v, {source}}}]")


def app(controller="", rest="", extra="", container=READS):
    """A release of app-template with one controller; `rest` are more values."""
    controllers = f"{{web: {{{controller}containers: {{app: {{{container}}}}}}}}}"
    return release(f"{{controllers: {controllers}{rest}}}", "app-template", "web", "shop", extra)
