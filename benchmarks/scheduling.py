"""CPU of finding the nodes that fit each workload, and how it grows with their numbers.

    python benchmarks/scheduling.py [--workloads 5000] [--nodes 1000] [--rounds 3]

Each line is one shape of cluster: seconds to index the nodes and to find, for every workload, the nodes that it can run
on and their architectures; then the same for a quarter of the workloads on a quarter of the nodes, and how the cost of
one workload grows. The budget is 2 seconds, and 2 for the growth, which is 4 where every workload is compared with
every node; the exit code is 1 beyond it.
"""

from __future__ import annotations

import argparse
import gc
import time
from collections.abc import Callable, Mapping

from kubelint.cluster.scheduling import Nodes, architectures_of, nodes_for

Manifest = Mapping[str, object]
Shape = tuple[Callable[[int], Manifest], Callable[[int, int], Manifest]]
ARCH, HOST, ZONE = "kubernetes.io/arch", "kubernetes.io/hostname", "topology.kubernetes.io/zone"
BUDGET = 2.0
GROWTH = 2.0


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workloads", type=int, default=5_000)
    parser.add_argument("--nodes", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    gc.disable()
    failed = False
    print(f"{'':<22} {'seconds':>8} {'a quarter':>10} {'growth':>7}")
    for name, shape in SHAPES.items():
        whole = _best(shape, options.workloads, options.nodes, options.rounds)
        quarter = _best(shape, options.workloads // 4, options.nodes // 4, options.rounds)
        growth = whole / (4 * quarter)
        failed = failed or whole > BUDGET or growth > GROWTH
        print(f"{name:<22} {whole:8.2f} {quarter:10.2f} {growth:7.2f}")
    raise SystemExit(failed)


def _best(shape: Shape, workloads: int, nodes: int, rounds: int) -> float:
    node, pod = shape
    pods = [pod(number, nodes) for number in range(workloads)]
    machines = [node(number) for number in range(nodes)]
    return min(_cpu(lambda: _place(machines, pods)) for _ in range(rounds))


def _place(machines: list[Manifest], pods: list[Manifest]) -> None:
    nodes = Nodes(machines)
    for pod in pods:
        nodes_for(pod, nodes)
        architectures_of(pod, nodes)


def _node(number: int, *taints: Manifest) -> Manifest:
    labels = {
        ARCH: "arm64" if number % 3 else "amd64",
        HOST: f"node-{number}",
        ZONE: f"zone-{number % 5}",
        "disk": f"disk-{number % 50}",
        "generation": str(number),
    }
    return {"metadata": {"name": f"node-{number}", "labels": labels}, "spec": {"taints": list(taints)}}


def _tainted(number: int) -> Manifest:
    return _node(number, {"key": "dedicated", "value": f"team-{number}", "effect": "NoSchedule"})


def _selector(number: int, nodes: int) -> Manifest:
    return {"nodeSelector": {ARCH: "arm64" if number % 2 else "amd64", "disk": f"disk-{number % 60}"}}


def _affinity(*terms: list[Manifest]) -> Manifest:
    required = {"nodeSelectorTerms": [{"matchExpressions": term} for term in terms]}
    return {"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": required}}}


def _expression(key: str, operator: str, *values: str) -> Manifest:
    return {"key": key, "operator": operator, "values": list(values)}


def _expressions(number: int, nodes: int) -> Manifest:
    hosts = [f"node-{(number + offset) % nodes}" for offset in range(3)]
    return _affinity(
        [_expression(ARCH, "In", "amd64"), _expression(HOST, "NotIn", *hosts)],
        [_expression(ZONE, "In", f"zone-{number % 7}"), _expression("disk", "Exists")],
        [_expression("generation", "Gt", str(number % nodes)), _expression("spot", "DoesNotExist")],
    )


def _named(number: int, nodes: int) -> Manifest:
    return {"nodeName": f"node-{number % nodes}"}


def _tolerating(number: int, nodes: int) -> Manifest:
    owned = [{"key": "dedicated", "value": f"team-{(number + offset) % nodes}"} for offset in range(3)]
    return {"tolerations": [*owned, {"key": "other", "operator": "Exists"}]}


SHAPES: dict[str, Shape] = {
    "selectors": (_node, _selector),
    "affinities": (_node, _expressions),
    "names": (_node, _named),
    "a taint for each node": (_tainted, _tolerating),
}


def _cpu(job: Callable[[], None]) -> float:
    start = time.process_time()
    job()
    return time.process_time() - start


if __name__ == "__main__":
    main()
