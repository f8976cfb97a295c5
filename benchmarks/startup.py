"""Time as the shell sees it: a run over one file, as a multiple of an interpreter that imports click and yaml.

    python benchmarks/startup.py [FILE] [--rounds 20]

The budget is 2. The fastest of all rounds counts: everything slower is somebody else's work on the machine.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

MANIFEST = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      nodeSelector: {kubernetes.io/arch: amd64}
      containers:
        - name: web
          image: nginx:1.27
          env: [{name: LEVEL, value: info}]
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", type=Path)
    parser.add_argument("--rounds", type=int, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = options.file or Path(folder, "web.yaml")
        if options.file is None:
            file.write_text(MANIFEST, encoding="utf-8")
        commands = {
            "click and yaml": ["-c", "import click, yaml"],
            "--version": ["-m", "kubelint", "--version"],
            "one file": ["-m", "kubelint", str(file)],
        }
        best = dict.fromkeys(commands, float("inf"))
        for _ in range(options.rounds):
            for name, command in commands.items():
                best[name] = min(best[name], _seconds([sys.executable, *command]))
    for name, seconds in best.items():
        print(f"{name:<16} {seconds * 1000:6.1f} ms  {seconds / best['click and yaml']:5.2f}")


def _seconds(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
