"""Small trees that describe a control plane, each kind of file with what it says of its members."""

WORKERS = "[agent]\nw-1 ansible_host=10.0.0.91\nw-2 ansible_host=10.0.0.92\n"
INI = f"[server]\n{{}}\n{WORKERS}[k3s_cluster:children]\nserver\nagent\n"
KUBEADM = "apiVersion: kubeadm.k8s.io/v1beta4\n"
CONFIG = "hosts/server-{}/etc/rancher/k3s/config.yaml"


def inventory(*hosts, path="hosts.ini", variables=""):
    """An inventory with these servers: a name, and what is said of it."""
    return {path: INI.format("\n".join(hosts)) + variables}


def servers(net="10.0.0", names=("s-1", "s-2", "s-3"), variable="ansible_host"):
    return [f"{name} {variable}={net}.{number}" for number, name in enumerate(names, 11)]


def k3s(line, count=3, path=CONFIG, **more):
    """Files of servers; `line` says of each, by its number, what is to stand in it."""
    start = {1: "cluster-init: true\n"}
    return {
        path.format(number): start.get(number, "server: https://server-1:6443\n") + line(number) + "\n"
        for number in range(1, count + 1)
    } | more


def talos(interface, kind="controlplane", cluster="", count=3, more=""):
    """Files of Talos; `interface` says of each machine what it has."""
    head = f"version: v1alpha1\nmachine:\n  type: {kind}\n  network:\n    hostname: cp-"
    return {
        f"talos/cp-{number}.yaml": f"{head}{number}\n"
        f"    interfaces:\n      - {interface(number)}\ncluster:\n  clusterName: home\n{cluster}{more}"
        for number in range(1, count + 1)
    }


def talconfig(line, head="", worker=""):
    nodes = "".join(f"  - hostname: cp-{number}\n    controlPlane: true\n    {line(number)}\n" for number in (1, 2, 3))
    last = f"  - hostname: w-1\n    controlPlane: false\n{worker}"
    return {"talconfig.yaml": f"clusterName: home\n{head}nodes:\n{nodes}{last}"}


def kubeadm(line, endpoint="api.example.org:6443"):
    kinds = {1: ("InitConfiguration", ""), 2: ("JoinConfiguration", "controlPlane:\n  ")}
    files = {}
    for number in (1, 2, 3):
        kind, inside = kinds[min(number, 2)]
        name = f"nodeRegistration:\n  name: cp-{number}\n"
        told = f"discovery: {{bootstrapToken: {{apiServerEndpoint: '{endpoint}'}}}}\n" if number > 1 else ""
        text = f"{KUBEADM}kind: {kind}\n{told}{name}{line(number, inside)}"
        if number == 1:
            text += f"---\n{KUBEADM}kind: ClusterConfiguration\ncontrolPlaneEndpoint: {endpoint}\n"
        files[f"cp-{number}/kubeadm.yaml"] = text
    return files


def advertised(net):
    return lambda number, inside: f"{inside}localAPIEndpoint: {{advertiseAddress: {net}.{number}}}\n"


def kubelet(net):
    def line(number, inside):
        joins = "controlPlane: {}\n" if inside else ""
        return f"  kubeletExtraArgs: [{{name: node-ip, value: {net}.{number}}}]\n{joins}"

    return line


HOSTS = "kubernetes:\n  children:\n    masters:\n      hosts: {}\n    workers:\n      hosts: {{w-1: {{}}}}\n"
BARE = HOSTS.format("{s-1: {}, s-2: {}, s-3: {}}")
LONG = servers(names=("s-1.example.org", "s-2.example.org", "s-3.example.org"))
NEW = servers("10.1.0")


def own(line, numbers=(1, 2, 3)):
    return {f"host_vars/s-{number}.yml": line(number) + "\n" for number in numbers}


def patches(net):
    """Patches of Talos that are named after members and say no more than their addresses."""
    interface = "machine: {{network: {{interfaces: [{{interface: a, addresses: [{}.{}/8]}}]}}}}\n"
    return {f"patches/cp-{number}.yaml": interface.format(net, number) for number in (1, 2)}


def etcd(*addresses):
    """kubeadm with etcd elsewhere."""
    endpoints = [f"https://{address}:2379" for address in addresses]
    return {"kubeadm.yaml": f"{KUBEADM}kind: ClusterConfiguration\netcd: {{external: {{endpoints: {endpoints}}}}}\n"}


def listed(name, item, head=""):
    """A file that lists three machines."""
    return {name: head + "".join(f"  - {item.format(n=number)}\n" for number in (1, 2, 3))}


K0S = "apiVersion: k0sctl.k0sproject.io/v1beta1\nkind: Cluster\nmetadata: {name: a}\nspec:\n hosts:\n"


def k0s(net):
    return listed("k0s.yaml", f"{{{{role: controller, hostname: c-{{n}}, ssh: {{{{address: {net}.{{n}}}}}}}}}}", K0S)


def rke(net):
    node = f"{{{{address: {net}.{{n}}, hostname_override: r-{{n}}, role: [controlplane, etcd]}}}}"
    return listed("cluster.yml", node, "nodes:\n")


def nodes(net):
    return listed("nodes.yaml", f"{{{{name: k-{{n}}, address: {net}.{{n}}, controller: true}}}}", "nodes:\n")


def two_networks(interface, net):
    """talhelper with a network of its own beside that of the cluster."""

    def line(number):
        links = {"a": f"10.0.0.{number}/8", interface: f"{net}.{number}/8"}
        told = ", ".join(f"{{interface: {name}, addresses: [{address}]}}" for name, address in links.items())
        return f"ipAddress: 10.0.0.{number}\n    networkInterfaces: [{told}]"

    return talconfig(line)


def two_kubeadms(net):
    """Two clusters of kubeadm, of which the first member is in the network `net`."""
    found = {}
    for where in "ab":
        files = kubeadm(advertised("10.0.0"), f"{where}:6443")
        files["cp-1/kubeadm.yaml"] = kubeadm(advertised(net), f"{where}:6443")["cp-1/kubeadm.yaml"]
        found |= {f"{where}/{path}": text for path, text in files.items()}
    return found
