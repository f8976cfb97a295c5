"""Tells options from operands, for the programs that rules read.

Sources: `helm help` and its commands (Helm 3.18 and 4.0, `pkg/cmd`), `kubectl options` and the commands of kubectl
1.34 (`staging/src/k8s.io/kubectl/pkg/cmd`), `talosctl` 1.11 (`cmd/talosctl/cmd`). Words are split as spf13/pflag does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from kubelint.regexes import regex

if TYPE_CHECKING:
    from kubelint.manifests.shell.commands import Word


class Option(NamedTuple):
    """An option that is given: its name with dashes, the word that names it, and its value if it has one."""

    name: str
    word: Word
    value: Word | None


class Arguments(NamedTuple):
    """The words of a command, its name left out.

    Not `certain` where an option is not known here: the word after it is taken for its value and for an operand.
    """

    options: list[Option]
    operands: list[Word]
    rest: list[Word]
    """The words after `--`."""
    certain: bool


class _Program(NamedTuple):
    """Which options stand alone (or take a value after `=` only), and which take the next word."""

    alone: frozenset[str]
    valued: frozenset[str]


def _program(alone: str, valued: str) -> _Program:
    return _Program(frozenset(alone.split()), frozenset(valued.split()))


_HELM = _program(
    "--debug --kube-insecure-skip-tls-verify -h --help --atomic --rollback-on-failure --cleanup-on-fail "
    "--create-namespace --dependency-update -u --devel --disable-openapi-validation --dry-run --enable-dns --force "
    "--force-replace --force-conflicts --generate-name -g --hide-notes --hide-secret --insecure-skip-tls-verify "
    "--install -i --no-hooks --pass-credentials --plain-http --render-subchart-notes --replace --reset-values "
    "--reset-then-reuse-values --reuse-values --skip-crds --skip-schema-validation --take-ownership --verify --wait "
    "--wait-for-jobs --keep-history --ignore-not-found --recreate-pods --logs --include-crds --is-upgrade "
    "--release-name --skip-tests --validate --all-namespaces -A --short -q --deployed --failed --pending --reverse -r "
    "--superseded --uninstalled --uninstalling --no-headers --force-update --no-update --allow-deprecated-repos "
    "--password-stdin --skip-refresh --untar --prov --strict --quiet --with-subcharts --sign --all",
    "--burst-limit --kube-apiserver --kube-as-group --kube-as-user --kube-ca-file --kube-context "
    "--kube-tls-server-name --kube-token --kubeconfig -n --namespace --qps --registry-config --repository-cache "
    "--repository-config --content-cache --color --colour --ca-file --cert-file --key-file --keyring --description "
    "-l --labels -o --output --password --username --post-renderer --post-renderer-args --repo --set --set-file "
    "--set-json --set-literal --set-string --timeout -f --values --version --history-max --name-template --cascade "
    "--filter --api-versions --kube-version --output-dir -s --show-only --revision --template -m --max --offset "
    "--selector --time-format --destination --app-version --key --passphrase-file --untardir",
)
_KUBECTL = _program(
    "-A --all-namespaces --all --force --now --ignore-daemonsets --delete-emptydir-data --delete-local-data "
    "--disable-eviction --ignore-not-found --wait -R --recursive --server-side --force-conflicts --prune --overwrite "
    "--dry-run --validate -w --watch --watch-only --show-labels --show-managed-fields --show-kind --no-headers -i "
    "--stdin -t --tty --rm --attach -q --quiet --record --insecure-skip-tls-verify --match-server-version "
    "--warnings-as-errors --disable-compression -h --help --local --list --save-config --cascade --command --expose "
    "--follow --previous --prefix --timestamps --all-containers --ignore-errors --minify --flatten --openapi-patch "
    "--allow-missing-template-keys --windows-line-endings --output-watch-events --server-print --keep-annotations "
    "--keep-labels --share-processes --containers --client",
    "-n --namespace --context --cluster --user --kubeconfig --token --as --as-group --as-uid -s --server "
    "--request-timeout --tls-server-name --username --password --certificate-authority --client-certificate "
    "--client-key --cache-dir --profile --profile-output -v --v --vmodule --log-flush-frequency -f --filename -k "
    "--kustomize -l --selector --field-selector -o --output --template --sort-by --chunk-size --subresource "
    "--field-manager --prune-allowlist --type -p --patch --patch-file --replicas --current-replicas "
    "--resource-version --image --env --from-literal --from-file --from-env-file --revision --to-revision --tail "
    "--since --since-time --port --target-port --protocol --name --restart --overrides --override-type -c --container "
    "--max-log-requests --raw --docker-server --docker-username --docker-password --docker-email --grace-period "
    "--timeout --for --skip-wait-for-delete-timeout --pod-selector -L --label-columns --verb --resource "
    "--resource-name --clusterrole --role --serviceaccount --group --min --max --cpu-percent --target --copy-to "
    "--address --duration --audience --labels --annotations --pod-running-timeout --limits --requests",
)
_KUBECTL_LOGS = _program("-f -p", "")
_TALOSCTL = _program(
    "-h --help -i --insecure --recover-skip-hash-check --preserve -p --stage --wait --debug --force --reboot "
    "--graceful --dry-run --watch -w -k --kernel --staged",
    "-n --nodes -e --endpoints --context --talosconfig -c --cluster --siderov1-keys-dir --recover-from --image "
    "--timeout -m --mode -f --file -o --output --system-labels-to-wipe --wipe-mode --config-patch --namespace --to "
    "--control-plane-nodes --worker-nodes --init-node --config-patch-control-plane --config-patch-worker "
    "--with-secrets --install-image --kubernetes-version --talos-version",
)
_PROGRAMS = {"helm": _HELM, "helm3": _HELM, "helm4": _HELM, "kubectl": _KUBECTL, "oc": _KUBECTL, "talosctl": _TALOSCTL}
_UNKNOWN = _program("--help", "")
_LONG = regex(r"--[A-Za-z][\w.-]*(?==)")
_NAME = regex(r"--?[A-Za-z0-9][\w.-]*")


def read_arguments(program: str, words: Sequence[Word]) -> Arguments:
    """The `words` after the name of `program`."""
    reader = _Reader(program, words)
    while reader.at < len(words):
        reader.step()
    return Arguments(reader.options, reader.operands, reader.rest, reader.certain)


class _Reader:
    def __init__(self, program: str, words: Sequence[Word]) -> None:
        self.program = program
        self.words = words
        self.at = 0
        self.options: list[Option] = []
        self.operands: list[Word] = []
        self.rest: list[Word] = []
        self.certain = program in _PROGRAMS

    def step(self) -> None:
        word = self.words[self.at]
        self.at += 1
        shown = word.text if word.text is not None else word.raw.lstrip("'\"")
        if shown == "--":
            self.rest = list(self.words[self.at :])
            self.at = len(self.words)
        elif not shown.startswith("-") or shown == "-":
            self.operands.append(word)
        elif (long := _LONG.match(shown)) is not None:
            self.options.append(Option(long[0], word, word.after(long.end() + 1)))
        elif shown.startswith("--"):
            self._named(word, shown)
        else:
            self._short(word, shown)

    def _named(self, word: Word, name: str) -> None:
        takes = self._takes(name) if _NAME.fullmatch(name) else None
        following = self.words[self.at] if self.at < len(self.words) else None
        if takes is None:
            self.certain = False
            plausible = following is not None and not following.raw.startswith("-")
            self.options.append(Option(name, word, following if plausible else None))
        elif takes:
            self.options.append(Option(name, word, following))
            self.at += 1
        else:
            self.options.append(Option(name, word, None))

    def _short(self, word: Word, shown: str) -> None:
        """`-n x`, `-nx`, `-n=x`, and several in one word: `-it`."""
        for index in range(1, len(shown)):
            name, left = f"-{shown[index]}", shown[index + 1 :]
            takes = self._takes(name)
            if takes is None and index == 1:
                self._named(word, shown)
                return
            if not left:
                self._named(word, name)
            elif takes or left.startswith("="):
                self.options.append(Option(name, word, word.after(index + 1 + left.startswith("="))))
                return
            else:
                self.options.append(Option(name, word, None))

    def _takes(self, name: str) -> bool | None:
        known = _PROGRAMS.get(self.program, _UNKNOWN)
        if known is _KUBECTL and self.operands and self.operands[0].text in ("logs", "log"):
            known = _Program(known.alone | _KUBECTL_LOGS.alone, known.valued - _KUBECTL_LOGS.alone)
        return True if name in known.valued else False if name in known.alone else None
