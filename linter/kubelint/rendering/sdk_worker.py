"""The child process that holds Helm's library: `python -I -S sdk_worker.py SITE`. It imports nothing of kubelint.

Each line of standard input is a job, a JSON object; each is answered by a line with `files` or `error`.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any


def main() -> None:
    """Answer until standard input ends. Whatever the library prints goes nowhere."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    sys.path.append(sys.argv[1])
    for line in sys.stdin.buffer:
        answers.write(json.dumps(_answer(json.loads(line))) + "\n")
        answers.flush()


def _answer(job: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"files": _render(job)}
    except Exception as error:  # noqa: BLE001 - whatever the library raises, the job is answered
        return {"error": str(error) or type(error).__name__}


def _render(job: dict[str, Any]) -> dict[str, str]:
    import helm_python

    values = helm_python.values_from_yaml(job["values"]) if job["values"] else {}
    with helm_python.Chart.load(job["folder"]) as chart:
        if not job["kubernetes"]:
            return dict(chart.render(values, name=job["name"], namespace=job["namespace"]))
        options = {"name": job["name"], "namespace": job["namespace"], "kube_version": job["kubernetes"]}
        native: Any = helm_python._native  # the public method has no parameter for the version
        text = native.call_string("helm_render", chart._raw(), json.dumps(values), json.dumps(options))
        return dict(json.loads(text))


if __name__ == "__main__":
    main()
