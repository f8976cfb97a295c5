"""CPU of reading and checking alerting rules, and how it grows with their number.

    python benchmarks/alerts.py [--rules 20000] [--rounds 3]

Each line is one shape of alert, beside a configuration of Alertmanager with 200 routes: seconds to read the YAML; then
to parse the expressions and to run every rule about alerts; how many times as long as reading that is; and how the
cost of one alert grows from a quarter of them on. The budget is 5 seconds for the alerts, 12 times the YAML (the
parser compiles each regular expression in a matcher), and 2 for the growth; the exit code is 1 beyond it.
"""

from __future__ import annotations

import argparse
import gc
import time
from collections.abc import Callable
from datetime import date

from kubelint.checks import load_rules
from kubelint.cluster.promql.parsing import parse_query
from kubelint.config.model import Settings
from kubelint.engine.linter import Linter
from kubelint.engine.reading import Input
from kubelint.sources.reading import read_bytes

BUDGET, RATIO, GROWTH = 5.0, 12.0, 2.0
PER_FILE = 100
Shape = Callable[[int], str]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rules", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    gc.disable()
    failed = False
    print(f"{'':<12} {'YAML':>6} {'alerts':>7} {'ratio':>6} {'growth':>7}")
    for name, shape in SHAPES.items():
        reading, checking = _best(shape, options.rules, options.rounds)
        _, quarter = _best(shape, options.rules // 4, options.rounds)
        ratio, growth = checking / reading, checking / (4 * quarter)
        failed = failed or checking > BUDGET or ratio > RATIO or growth > GROWTH
        print(f"{name:<12} {reading:6.2f} {checking:7.2f} {ratio:6.2f} {growth:7.2f}")
    raise SystemExit(failed)


def _best(shape: Shape, rules: int, rounds: int) -> tuple[float, float]:
    files = {f"rules/{at:05}.yaml": _file(shape, at) for at in range(0, rules, PER_FILE)}
    files["alertmanager.yml"] = _routes()
    return min((_measure(files) for _ in range(rounds)), key=sum)


def _measure(files: dict[str, str]) -> tuple[float, float]:
    registry = load_rules()
    parse_query.cache_clear()
    start = time.process_time()
    given = Input([read_bytes(name, text.encode()) for name, text in files.items()])
    for source in given.files:
        _ = source.documents
    middle = time.process_time()
    Linter(registry, Settings()._replace(select=("alerts",)), date(2026, 11, 23)).run(given)
    return middle - start, time.process_time() - middle


def _file(shape: Shape, first: int) -> str:
    rules = "".join(shape(number) for number in range(first, first + PER_FILE))
    return f"groups:\n  - name: group-{first}\n    rules:\n{rules}"


def _rule(number: int, expr: str) -> str:
    return f"""\
      - alert: Alert{number}
        expr: {expr}
        for: 5m
        labels:
          severity: {"critical" if number % 3 else "warning"}
          team: team-{number % 50}
        annotations:
          summary: "{{{{ $labels.instance }}}} needs somebody"
          runbook_url: https://wiki.example/runbooks/{number}
"""


def _shares(number: int) -> str:
    job = f'job="node-{number}"'
    return _rule(
        number,
        f"(node_memory_MemTotal_bytes{{{job}}} - node_memory_MemAvailable_bytes{{{job}}})"
        f" / node_memory_MemTotal_bytes{{{job}}} * 100 > {number % 100}",
    )


def _rates(number: int) -> str:
    total = f'http_requests_total{{job="api-{number}"'
    return _rule(
        number,
        f'\n          sum by (instance) (rate({total},code=~"5.."}}[5m]))\n'
        f"            / sum by (instance) (rate({total}}}[5m])) > 0.05\n"
        f'            unless on (instance) up{{job="api-{number}"}} == 0',
    )


def _plain(number: int) -> str:
    return _rule(number, f'up{{job="job-{number}"}} == 0')


def _routes() -> str:
    routes = "".join(
        f"    - matchers: ['alertname=~\"Alert{number}|Alert{number + 1}.*\"']\n      receiver: team-{number % 50}\n"
        for number in range(200)
    )
    receivers = "".join(
        f"  - name: team-{number}\n    webhook_configs: [{{url_file: /run/{number}}}]\n" for number in range(50)
    )
    return f"route:\n  receiver: team-0\n  routes:\n{routes}receivers:\n{receivers}"


SHAPES: dict[str, Shape] = {"plain": _plain, "shares": _shares, "rates": _rates}


if __name__ == "__main__":
    main()
