"""Rule: secret-in-args."""

from collections.abc import Iterator

from kubelint.checks import Category, Finding, Location, ProjectRule, RuleMeta, Severity
from kubelint.manifests import Container, Field, Project
from kubelint.manifests.shell.lexer import read_words

from .command_secrets import CommandSecret, may_hold_secret, secrets_in, words_of
from .command_variables import Shown, variable_fix
from .plain_words import remedy, severity_of
from .rendered_values import is_told_elsewhere
from .secret_objects import is_sealed

_HANDLERS = (
    ("livenessProbe",),
    ("readinessProbe",),
    ("startupProbe",),
    ("lifecycle", "postStart"),
    ("lifecycle", "preStop"),
)


class SecretInArgs(ProjectRule):
    """A command line of a container holds a credential in clear.

    ## What it does
    Reads `command` and `args` of containers, and the commands of their probes and lifecycle hooks, as the
    programs do that get them: `--password=…`, `--token …`, `-p…` of MySQL, `-u user:…` of curl,
    `PGPASSWORD=…` before a command, `Authorization` headers, and what scripts behind `sh -c` say. So are the
    scripts of GitHub workflows and actions. Names of
    objects and files, placeholders, variables and templates are left alone. A value that `private-key`,
    `provider-token` or `credentials-in-url` speaks for is theirs.

    ## Why it matters
    Besides being in git, the arguments of a process can be read by everyone who may look at the pod, by every
    process on the node that sees `/proc`, and in the logs of whatever lists processes.

    ## Example
    ```yaml
    apiVersion: v1
    kind: Pod
    metadata:
      name: wiki
      namespace: wiki
    spec:
      containers:
        - name: wiki
          image: registry.example.org/wiki:2.4.1
          args:
            - --database-user=wiki
            - --database-password=<invented:password>
    ```

    ## Use instead
    ```yaml
    apiVersion: v1
    kind: Pod
    metadata:
      name: wiki
      namespace: wiki
    spec:
      containers:
        - name: wiki
          image: registry.example.org/wiki:2.4.1
          args:
            - --database-user=wiki
            - --database-password=$(DATABASE_PASSWORD)
          env:
            - name: DATABASE_PASSWORD
              valueFrom:
                secretKeyRef:
                  name: wiki
                  key: DATABASE_PASSWORD
    ```

    ## Fix
    Puts `$(NAME)` in place of the value, `"$NAME"` in a script, and takes that variable from a Secret of the
    workload's name. Make that Secret first. Commands of probes and hooks have no fix, since variables are not
    put into them, nor has what a script writes to a file.

    ## When to ignore
    For a value that is public although its option is called a token or key.

    ## References
    - [Use environment variables to define arguments](https://kubernetes.io/docs/tasks/inject-data-application/define-command-argument-container/#use-environment-variables-to-define-arguments)
    """

    meta = RuleMeta(
        id="secret-in-args",
        summary="a command line of a container holds a credential in clear",
        category=Category.SECRETS,
        severity=Severity.WARNING,
        incident=10,
        since="0.1.0",
        fixable=True,
    )
    marks = ("args", "command", "run:")

    def check(self, project: Project) -> Iterator[Finding]:
        """One finding per credential."""
        for pod in project.pods:
            found = [shown for container in pod.containers for shown in _secrets_of(container)]
            document = pod.obj.document
            for shown in found if not is_sealed(document.root) else ():
                if not is_told_elsewhere(project, document, shown.secret.text(), shown.secret.word.raw):
                    fix = variable_fix(project, shown, found)
                    yield self._finding(project, shown.container, shown.secret).fix(fix)
        if project.workflows or project.actions:
            from .workflow_secrets import workflow_commands

            for given in workflow_commands(project):
                yield self.finding(given.message, at=given.at, severity=given.severity).help(given.help)

    def _finding(self, project: Project, container: Container, found: CommandSecret) -> Finding:
        refer = "give it to the container as a variable, say `$(NAME)` where the value is"
        return self.finding(
            f"`{found.name}` on a command line of container `{container.name}` is a credential in clear "
            f"({found.kind}, {found.length} characters); whoever reads the repository or the pod can use it",
            at=found.at,
            severity=severity_of(container.field.document.file, proven=found.proven),
        ).help(remedy(project, container.field.document.file, refer=refer))


def _secrets_of(container: Container) -> Iterator[Shown]:
    """The credentials on the command lines of a container, each place once."""
    places: set[Location] = set()
    for number, fields in enumerate(_command_lines(container)):
        words = words_of(fields)
        if not any(may_hold_secret(word.passage.text) for word in words):
            continue
        for command in read_words(words, None).commands:
            for found in secrets_in(command):
                if Location.of(found.at) not in places:
                    places.add(Location.of(found.at))
                    yield Shown(found, container, command, words, expands=number == 0)


def _command_lines(container: Container) -> Iterator[list[Field]]:
    """The container's own first."""
    yield [*container.get("command").elements(), *container.get("args").elements()]
    for steps in _HANDLERS:
        yield list(container.get(*steps, "exec", "command").elements())
