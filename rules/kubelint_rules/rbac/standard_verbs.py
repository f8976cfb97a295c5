"""The verbs that requests to the API server are made with, and those that it asks for besides."""

#: What a request is: every one has one of these (kubernetes `staging/src/k8s.io/apiserver/pkg/endpoints/request`).
REQUEST_VERBS = frozenset({"get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"})
#: Asked for by the API server and its admission plugins on top of the request's verb.
SPECIAL_VERBS = frozenset({"approve", "attest", "bind", "escalate", "impersonate", "proxy", "sign", "use"})
#: Those that are checked under the names of objects that exist, which hold no `*`.
CHECKED_VERBS = REQUEST_VERBS | {"*", "bind", "escalate"}
#: Verbs and resources that give far more than they name: what they let somebody take, or give to others.
FAR_REACHING = frozenset({"*", "bind", "escalate", "impersonate", "secrets"})
