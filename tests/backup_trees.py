"""Small trees around a backup target of Longhorn, as texts."""

TARGET = (
    "apiVersion: longhorn.io/v1beta2\nkind: BackupTarget\nmetadata: {name: default, namespace: longhorn-system}\n"
    "spec: {backupTargetURL: 's3://cellar@eu/', credentialSecret: keys}\n"
)
KUSTOMIZATION = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
OLD = "defaultSettings: {backupTarget: 's3://cellar@eu/', backupTargetCredentialSecret: keys}"
NEW = OLD.replace("defaultSettings", "defaultBackupStore")


def obj(kind, body="", name="keys", namespace="longhorn-system", annotations=""):
    """An object: what follows its metadata is `body`."""
    versions = {
        "Secret": "v1",
        "ExternalSecret": "external-secrets.io/v1",
        "ClusterExternalSecret": "external-secrets.io/v1",
        "SealedSecret": "bitnami.com/v1alpha1",
        "RecurringJob": "longhorn.io/v1beta2",
        "Volume": "longhorn.io/v1beta2",
        "Setting": "longhorn.io/v1beta2",
        "BackupTarget": "longhorn.io/v1beta2",
        "StorageClass": "storage.k8s.io/v1",
        "ConfigMap": "v1",
        "PersistentVolumeClaim": "v1",
        "ClusterPolicy": "kyverno.io/v1",
    }
    noted = f", annotations: {{{annotations}}}" if annotations else ""
    meta = f"{{name: {name}, namespace: {namespace}{noted}}}"
    return f"apiVersion: {versions[kind]}\nkind: {kind}\nmetadata: {meta}\n{body}\n"


def secret(body, **meta):
    """A Secret with `stringData: {body}`."""
    return obj("Secret", f"stringData: {{{body}}}", **meta)


def block(style, text, key="AWS_ACCESS_KEY_ID"):
    """A Secret with one key as a block scalar."""
    lines = "".join(f"    {line}\n" for line in text.split("\n"))
    return obj("Secret", f"stringData:\n  AWS_SECRET_ACCESS_KEY: b\n  {key}: {style}\n{lines}")


def external(spec, **meta):
    """An ExternalSecret with `spec: {spec}`."""
    return obj("ExternalSecret", f"spec: {{{spec}}}", **meta)


def sealed(spec, **meta):
    """A SealedSecret with `spec: {spec}`."""
    return obj("SealedSecret", f"spec: {{{spec}}}", **meta)


def job(name="nightly", **changes):
    """A recurring backup; a change to None leaves the field out."""
    fields = {"task": "backup", "cron": "'0 3 * * *'", "retain": "7", "concurrency": "1"} | changes
    spec = ", ".join(f"{key}: {value}" for key, value in fields.items() if value is not None)
    return obj("RecurringJob", f"spec: {{{spec}}}", name=name)


def manager(image):
    """Longhorn's manager as an object."""
    return (
        "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: longhorn-manager, namespace: longhorn-system}\n"
        "spec:\n  selector: {matchLabels: {app: m}}\n  template:\n    metadata: {labels: {app: m}}\n"
        f"    spec: {{containers: [{{name: m, image: '{image}'}}]}}\n"
    )


def flux(version, values, chart="longhorn", extra=""):
    """A HelmRelease of a chart from a repository."""
    asked = f", version: '{version}'" if version else ""
    return (
        f"apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\n"
        f"metadata: {{name: {chart}, namespace: longhorn-system}}\nspec:\n{extra}"
        f"  chart: {{spec: {{chart: {chart}{asked}, sourceRef: {{kind: HelmRepository, name: longhorn}}}}}}\n"
        f"  values:\n    {values}\n"
    )


def flux_oci(ref, values):
    """A HelmRelease of a chart that an OCIRepository fetches."""
    return (
        "apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\n"
        "metadata: {name: longhorn, namespace: longhorn-system}\n"
        f"spec: {{url: 'oci://registry.example/charts/longhorn', ref: {ref}}}\n---\n"
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\n"
        "metadata: {name: longhorn, namespace: longhorn-system}\n"
        f"spec:\n  chartRef: {{kind: OCIRepository, name: longhorn}}\n  values:\n    {values}\n"
    )


def argo(version, values):
    """An Application with values as text."""
    return (
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: longhorn, namespace: argocd}\n"
        "spec:\n  destination: {namespace: longhorn-system, server: https://kubernetes.default.svc}\n"
        "  source:\n    chart: longhorn\n    repoURL: https://charts.longhorn.io\n"
        f"    targetRevision: '{version or '*'}'\n    helm:\n      values: |\n        {values}\n"
    )


def k3s(version, values, chart="longhorn"):
    """A HelmChart of k3s."""
    asked = f"  version: '{version}'\n" if version else ""
    return (
        "apiVersion: helm.cattle.io/v1\nkind: HelmChart\nmetadata: {name: longhorn, namespace: kube-system}\n"
        f"spec:\n  chart: {chart}\n  targetNamespace: longhorn-system\n{asked}  valuesContent: |-\n    {values}\n"
    )


def raw(version, values):
    """The ConfigMap that the chart would make of the values, and the manager."""
    name, _, mapping = values.partition(": ")
    text = {"defaultSettings": "default-setting", "defaultBackupStore": "default-resource"}[name]
    lines = mapping.strip("{}\n").replace("backupTargetCredentialSecret", "backup-target-credential-secret")
    body = "".join(f"    {line}\n" for line in lines.replace("backupTarget:", "backup-target:").split(", "))
    image = f"longhornio/longhorn-manager:v{version}" if version else "longhornio/longhorn-manager"
    return obj("ConfigMap", f"data:\n  {text}.yaml: |\n{body}", name=f"longhorn-{text}") + "---\n" + manager(image)


def chart_dependency(version, values, alias=""):
    """The files of a chart that has Longhorn's as a dependency."""
    named = f"alias: {alias}, " if alias else ""
    entry = f"{{name: longhorn, {named}version: '{version}', repository: 'https://charts.longhorn.io'}}"
    return {
        "c/Chart.yaml": f"apiVersion: v2\nname: storage\nversion: 1.0.0\ndependencies: [{entry}]\n",
        "c/values.yaml": f"{alias or 'longhorn'}:\n  {values}\n",
    }


def helmfile(version, values):
    """A helmfile."""
    asked = f"    version: {version}\n" if version else ""
    return {
        "helmfile.yaml": "releases:\n  - name: longhorn\n    namespace: longhorn-system\n"
        f"    chart: longhorn/longhorn\n{asked}    values:\n      - {values}\n"
    }


def workflow(version, *options):
    """A workflow that installs the chart."""
    asked = f"--version {version} " if version else ""
    command = f"helm upgrade --install longhorn longhorn/longhorn {asked}-n longhorn-system {' '.join(options)}"
    steps = f"    runs-on: ubuntu-latest\n    steps:\n      - run: {command}\n"
    return {".github/workflows/up.yaml": f"on: push\njobs:\n  up:\n{steps}"}
