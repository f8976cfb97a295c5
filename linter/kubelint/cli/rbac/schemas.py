"""The JSON Schemas of what `kubelint rbac` prints, version 1. tools/generate_schema.py writes them to docs/.

Within version 1 fields may be added; none is taken away, renamed or given another meaning.
"""

from __future__ import annotations

from typing import Final

from kubelint.cluster.helm import Occasion, Without
from kubelint.reporters.schema_parts import Schema, array, choice, closed, document, or_null, position, string

ANSWER: Final[Schema] = choice(["yes", "no", "unknown"], "Unknown where the tree does not tell, or clusters differ.")
_TEXT: Final[Schema] = {"type": "string"}

SUBJECT: Final[Schema] = closed(
    {
        "kind": choice(["ServiceAccount", "User", "Group"], "What it is."),
        "name": string("Its name.", minLength=1),
        "namespace": string("The namespace of a service account."),
        "user": string("The user name of its requests; empty for the members of a group."),
        "groups": array(_TEXT, "The groups that it is in."),
    },
    description="The identity that was asked about.",
)

SPOT: Final[Schema] = {
    "path": or_null(string("The file that it is written in, null for what is built in.", minLength=1)),
    "line": or_null(position("Its line.")),
    "column": or_null(position("Its column.")),
}

SOURCE: Final[Schema] = closed(
    {
        "kind": choice(["Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding", ""], "Empty where unreadable."),
        "name": string("Its name."),
        "namespace": string("Its namespace; empty for the whole cluster."),
        "known": {"type": "boolean", "description": "Whether it is in the tree or built in."},
        "builtin": {"type": "boolean", "description": "Whether every cluster starts with it."},
        **SPOT,
    },
    description="A role or binding.",
)

RULE: Final[Schema] = closed(
    {
        **{
            key: array(_TEXT, "As in the role.")
            for key in ("verbs", "apiGroups", "resources", "resourceNames", "nonResourceURLs")
        },
        "aggregatedFrom": or_null(string("The ClusterRole whose rule it is, where the role aggregates others.")),
        **SPOT,
    }
)

HELD: Final[Schema] = closed(
    {
        "namespace": string("Where it counts; empty for the whole cluster."),
        "binding": SOURCE,
        "role": SOURCE,
        "rules": array(RULE, "What the role grants."),
    },
    description="What one binding gives.",
)

_CLUSTERS: Final[Schema] = array(
    _TEXT, "The clusters that the answer holds in, by directory; empty for the whole tree."
)
_UNKNOWN: Final[Schema] = array(_TEXT, "Why the identity may hold more than is known.")

EXPLAIN_SCHEMA: Final[Schema] = document(
    "rbac-explain",
    "kubelint rbac explain",
    "What `kubelint rbac explain --format json` prints.",
    {
        "subject": SUBJECT,
        "answers": array(
            closed({"clusters": _CLUSTERS, "held": array(HELD, "Everything that it holds."), "unknown": _UNKNOWN}),
            "One for all clusters that agree.",
        ),
    },
)

REQUEST: Final[Schema] = {
    "verb": string("The verb.", minLength=1),
    "group": string("The API group; empty for core."),
    "resource": string("The plural; empty for a URL."),
    "subresource": string("What follows the slash."),
    "namespace": string("The namespace; empty for the whole cluster."),
    "name": string("The name that is asked for; empty for none."),
    "path": string("The URL, where it is about one."),
}

CAN_I_SCHEMA: Final[Schema] = document(
    "rbac-can-i",
    "kubelint rbac can-i",
    "What `kubelint rbac can-i --format json` prints.",
    {
        "subject": SUBJECT,
        "request": closed(REQUEST),
        "answer": ANSWER,
        "answers": array(
            closed(
                {
                    "clusters": _CLUSTERS,
                    "answer": ANSWER,
                    "witness": or_null(HELD),
                    "namespaces": array(_TEXT, "Where it may, though not in the whole cluster."),
                    "unknown": _UNKNOWN,
                }
            ),
            "One for all clusters that agree.",
        ),
    },
)

NEED: Final[Schema] = closed(
    {
        **REQUEST,
        "held": {"type": "boolean", "description": "Whether it is no request, but a rule to be held to pass it on."},
        "why": string("What it is for.", minLength=1),
        "without": choice([each.name.lower().replace("_", "-") for each in Without], "What happens if it is refused."),
        "occasion": choice([each.name.lower().replace("_", "-") for each in Occasion], "When it is asked for."),
        "helm": {"enum": [3, 4, None], "description": "The version of Helm that asks for it, where they differ."},
        "answer": or_null(ANSWER),
        "unknown": string("Why it is not fully known what is asked; empty if it is."),
        "objects": array(
            closed({"kind": _TEXT, "namespace": _TEXT, "name": _TEXT, **SPOT}), "The objects that it is asked for."
        ),
    },
    description="One thing that whoever deploys must be allowed.",
)

NEEDS_SCHEMA: Final[Schema] = document(
    "rbac-needs",
    "kubelint rbac needs",
    "What `kubelint rbac needs --format json` prints.",
    {
        "command": string("What deploys, as people type it.", minLength=1),
        "namespace": string("Where objects go that name no namespace.", minLength=1),
        "subject": or_null(SUBJECT),
        "answer": or_null(ANSWER),
        "notes": array(_TEXT, "What was assumed or left out."),
        "answers": array(
            closed(
                {
                    "clusters": _CLUSTERS,
                    "answer": or_null(ANSWER),
                    "needs": array(NEED, "With a subject what it lacks or may lack, else everything."),
                    "unknown": _UNKNOWN,
                    "manifests": array(
                        {"type": "object", "required": ["apiVersion", "kind", "metadata"]},
                        "The smallest roles and bindings that grant it, ready to apply.",
                    ),
                }
            ),
            "One for all clusters that agree; without a subject one.",
        ),
    },
)

SCHEMAS: Final[dict[str, Schema]] = {"explain": EXPLAIN_SCHEMA, "can-i": CAN_I_SCHEMA, "needs": NEEDS_SCHEMA}
