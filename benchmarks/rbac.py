"""CPU of resolving a cluster's roles and bindings, and how it grows with their number.

    python benchmarks/rbac.py [--objects 10000] [--subjects 2000] [--rounds 3]

Each line is one shape of cluster: seconds per 10,000 objects to read them, and to ask for every subject what it holds,
one request, and whether it may write a role and a binding; then the same for a cluster of a quarter of the size, and
the ratio of the two.  The budget is 1 second, and 2 for the ratio, which is 4 where time grows with the square; the
exit code is 1 beyond it.
"""

from __future__ import annotations

import argparse
import gc
import time
from collections.abc import Callable, Iterator, Mapping

from kubelint.cluster.rbac import Authorizer, Request

Manifest = Mapping[str, object]
GROUP = "rbac.authorization.k8s.io"
BUDGET = 1.0
RATIO = 2.0


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--objects", type=int, default=10_000)
    parser.add_argument("--subjects", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    gc.disable()
    failed = False
    print(f"{'':<22} {'s per 10,000':>12} {'a quarter':>10} {'ratio':>6}")
    for name, shape in SHAPES.items():
        whole = _per_ten_thousand(shape, options.objects, options.subjects, options.rounds)
        quarter = _per_ten_thousand(shape, options.objects // 4, options.subjects // 4, options.rounds)
        failed = failed or whole > BUDGET or whole > RATIO * quarter
        print(f"{name:<22} {whole:12.2f} {quarter:10.2f} {whole / quarter:6.2f}")
    raise SystemExit(failed)


def _per_ten_thousand(
    shape: Callable[[int, int], Iterator[Manifest]], objects: int, subjects: int, rounds: int
) -> float:
    manifests = list(shape(objects // 2, subjects))
    best = min(_cpu(lambda: _resolve(manifests, subjects)) for _ in range(rounds))
    return best * 10_000 / len(manifests)


def _resolve(manifests: list[Manifest], subjects: int) -> None:
    authorizer = Authorizer(manifests)
    role = {**_role("new", 0, "ns-0"), "kind": "Role"}
    for number in range(subjects):
        user, namespace = f"system:serviceaccount:{_namespace(number)}:account-{number}", _namespace(number)
        authorizer.rules_for(user, (), namespace)
        authorizer.allows(user, (), Request("delete", "apps", "deployments", namespace=namespace))
        authorizer.may_write_role(user, (), role)
        authorizer.may_write_binding(user, (), _binding("new", "role-0", "ns-0", []))


def _namespace(number: int) -> str:
    return f"ns-{number % 500}"


def _role(name: str, number: int, namespace: str = "") -> Manifest:
    return {
        "apiVersion": f"{GROUP}/v1",
        "kind": "Role" if namespace else "ClusterRole",
        "metadata": {"name": name, "namespace": namespace, "labels": {"part": f"of-{number}"}},
        "rules": [
            {"apiGroups": [""], "resources": ["pods", f"things-{number}"], "verbs": ["get", "list", "watch"]},
            {
                "apiGroups": ["apps"],
                "resources": ["deployments"],
                "resourceNames": [f"app-{number}"],
                "verbs": ["patch"],
            },
        ],
    }


def _binding(name: str, role: str, namespace: str, subjects: list[object], kind: str = "Role") -> Manifest:
    return {
        "apiVersion": f"{GROUP}/v1",
        "kind": "RoleBinding" if namespace else "ClusterRoleBinding",
        "metadata": {"name": name, "namespace": namespace},
        "roleRef": {"apiGroup": GROUP, "kind": kind if namespace else "ClusterRole", "name": role},
        "subjects": subjects,
    }


def _account(number: int, namespace: str | None = None) -> Manifest:
    return {"kind": "ServiceAccount", "name": f"account-{number}", "namespace": namespace or _namespace(number)}


def _namespaced(pairs: int, subjects: int) -> Iterator[Manifest]:
    """Roles and their bindings, spread over 500 namespaces."""
    for number in range(pairs):
        subject = number % subjects
        yield _role(f"role-{number}", number, _namespace(subject))
        yield _binding(f"binding-{number}", f"role-{number}", _namespace(subject), [_account(subject)])


def _clusterwide(pairs: int, subjects: int) -> Iterator[Manifest]:
    """ClusterRoles, bound in the whole cluster."""
    for number in range(pairs):
        yield _role(f"role-{number}", number)
        yield _binding(f"binding-{number}", f"role-{number}", "", [_account(number % subjects)])


def _aggregated(pairs: int, subjects: int) -> Iterator[Manifest]:
    """Every second ClusterRole aggregates one other, and is bound; the third part binds."""
    for number in range(pairs * 2 // 3):
        selector = {"matchLabels": {"part": f"of-{number}"}}
        yield _role(f"part-{number}", number)
        yield {
            **_role(f"sum-{number}", -1),
            "aggregationRule": {"clusterRoleSelectors": [selector]},
        }
        yield _binding(f"binding-{number}", f"sum-{number}", "", [_account(number % subjects)])


def _templated(pairs: int, subjects: int) -> Iterator[Manifest]:
    """Bindings whose namespace, or that of their subject, is only filled in later."""
    for number in range(pairs):
        subject = number % subjects
        yield _role(f"role-{number}", number, _namespace(subject))
        somewhere = _account(subject, "${NAMESPACE}") if number % 2 else _account(subject)
        namespace = _namespace(subject) if number % 2 else "${NAMESPACE}"
        yield _binding(f"binding-{number}", f"role-{number}", namespace, [somewhere])


def _missing(pairs: int, subjects: int) -> Iterator[Manifest]:
    """Bindings to roles that are nowhere."""
    for number in range(pairs * 2):
        subject = number % subjects
        yield _binding(f"binding-{number}", f"role-{number}", _namespace(subject), [_account(subject)])


SHAPES: dict[str, Callable[[int, int], Iterator[Manifest]]] = {
    "in namespaces": _namespaced,
    "in the whole cluster": _clusterwide,
    "aggregated": _aggregated,
    "template text": _templated,
    "roles missing": _missing,
}


def _cpu(job: Callable[[], None]) -> float:
    start = time.process_time()
    job()
    return time.process_time() - start


if __name__ == "__main__":
    main()
