"""Commands in documents that delete the wrong node or reset a cluster halfway: which are told, which are warned of."""

import pytest
from small_trees import found

REMOVAL, RESET = "wrong-node-removal-command", "incomplete-cluster-reset-runbook"
COMMAND = "kubectl delete node worker-3 -n longhorn-system"
RIGHT = "kubectl -n longhorn-system delete nodes.longhorn.io worker-3"
BLOCK = f"```bash\n{COMMAND}\n```\n"


def removals(folder, text, file="docs/nodes.md"):
    return len(found(folder, {file: text}, REMOVAL))


TOLD = [
    BLOCK,
    BLOCK.replace("```", "~~~"),
    BLOCK.replace("```", "`````"),
    BLOCK.replace("\n", "\r\n"),
    BLOCK.removesuffix("```\n"),
    f"Run:\n\n    {COMMAND}\n",
    f"1. Do\n\n   ```sh\n   {COMMAND}\n   ```\n",
    f"> ```sh\n> {COMMAND}\n> ```\n",
    f"- > ```sh\n  > {COMMAND}\n  > ```\n",
    f"<details>\n<summary>x</summary>\n\n{BLOCK}\n</details>\n",
    f"```{{.bash .numberLines}}\n{COMMAND}\n```\n",
    f'```console\n$ {COMMAND}\nnode "worker-3" deleted\n```\n',
    f"```console\n# {COMMAND}\n```\n",
    f"!!! note\n    Run:\n\n    ```bash\n    {COMMAND}\n    ```\n",
    f'=== "bash"\n\n    ```bash\n    {COMMAND}\n    ```\n',
    f"| step | command |\n|---|---|\n| 1 | `{COMMAND}` |\n",
    f"## `{COMMAND}`\n",
    f"Then `{COMMAND}`.\n",
    f"Then ``{COMMAND}``.\n",
    "```bash\nkubectl delete node worker-3 \\\n  -n longhorn-system\n```\n",
    "```bash\nkubectl get nodes -o name | xargs kubectl delete node -n longhorn-system\n```\n",
    '```bash\nfor n in a b; do kubectl delete node "$n" -n longhorn-system; done\n```\n',
    "```bash\nkubectl delete node <node> -n longhorn-system\n```\n",
]


@pytest.mark.parametrize("text", TOLD)
def test_shapes_of_commands(text, tmp_path):
    assert removals(tmp_path, text) == 1
    assert removals(tmp_path, text.replace("delete node", "drain")) == 0


UNTOLD = [
    f"````markdown\n{BLOCK}````\n",
    f"<!--\n{BLOCK}-->\n",
    f"text <!-- `{COMMAND}` --> more\n",
    f"Then {COMMAND} and go on.\n",
    f"---\ntitle: {COMMAND}\n---\n",
    f"```yaml\ncmd: {COMMAND}\n```\n",
    f"```powershell\n{COMMAND}\n```\n",
    f"```diff\n- {COMMAND}\n+ {RIGHT}\n```\n",
    f"```console\n$ kubectl get events\n{COMMAND}\n```\n",
    f"```bash\n# {COMMAND}\n```\n",
    f"```bash\nkubectl get nodes # {COMMAND}\n```\n",
    f"```bash\necho '{COMMAND}'\n```\n",
    f"```bash\ncat <<EOF\n{COMMAND}\nEOF\n```\n",
    f'!!! note\n\n    ```yaml\n    a: "{COMMAND}"\n    ```\n',
]


@pytest.mark.parametrize("text", UNTOLD)
def test_what_is_no_command(text, tmp_path):
    assert removals(tmp_path, text) == 0
    assert removals(tmp_path, f"{text}\n\n# Next\n\n{BLOCK}") == 1


HEADINGS = """Wrong/What not to do/Don't/❌ Do not/Common mistakes/Anti-patterns/Incorrect/Bad/Not this/How not to do it
Deprecated/Broken""".replace("\n", "/").split("/")


@pytest.mark.parametrize("heading", HEADINGS)
def test_headings_that_warn(heading, tmp_path):
    assert removals(tmp_path, f"## {heading}\n\nText.\n\n{BLOCK}") == 0
    assert removals(tmp_path, f"## {heading}\n\n```bash\nls\n```\n\n### Step\n\n{BLOCK}") == 0
    assert removals(tmp_path, f"{heading}\n-----\n\n`{COMMAND}`\n") == 0
    assert removals(tmp_path, f"### {heading}\n\nText.\n\n## Right\n\n{BLOCK}") == 1
    assert removals(tmp_path, f"## {heading}\n\nText.\n\nNow run instead:\n\n{BLOCK}") == 1


WARNED = [
    f"Wrong:\n\n{BLOCK}",
    f"**Bad:**\n{BLOCK}\n**Good:**\n```bash\n{RIGHT}\n```\n",
    f"❌\n\n{BLOCK}",
    f"- ❌ `{COMMAND}`\n- ✅ `{RIGHT}`\n",
    f"Never run this:\n\n{BLOCK}",
    f"~~`{COMMAND}`~~\n",
    f"~~Run `{COMMAND}`~~ Use `{RIGHT}`.\n",
    f"```bash\n# wrong\n{COMMAND}\n```\n",
    f"```bash\n# WRONG - deletes the node\n{COMMAND}\n# RIGHT\n{RIGHT}\n```\n",
    f"```bash\n{COMMAND}  # wrong\n```\n",
    f"```bash\n{COMMAND}  # WRONG: the Kubernetes node\n{RIGHT}\n```\n",
    f"```bash\n{COMMAND} # ❌\n```\n",
    "```bash\nkubectl delete node worker-3 \\\n  -n longhorn-system  # wrong\n```\n",
    f'```bash title="wrong"\n{COMMAND}\n```\n',
    f"{BLOCK}\nThis is wrong: it deletes the Kubernetes node.\n",
    f"{BLOCK}\n☝️ Do not use this command.\n",
    f"{BLOCK}\nThe command above does not work.\n",
    f"`{COMMAND}` is wrong.\n",
    f"Use `{RIGHT}` instead of `{COMMAND}`.\n",
    f"Use `{RIGHT}` rather than `{COMMAND}`.\n",
    f"Run `{RIGHT}`, not `{COMMAND}`.\n",
    f"The mistake was running `{COMMAND}`.\n",
    f"Root cause: somebody ran `{COMMAND}`.\n",
    f"We used to run:\n\n{BLOCK}\nwhich deleted the node.\n",
    f"> [!CAUTION]\n> Don't run this:\n> ```bash\n> {COMMAND}\n> ```\n",
    f"This no longer works:\n\n{BLOCK}",
    f"Instead of\n\n{BLOCK}\nrun\n\n```bash\n{RIGHT}\n```\n",
    f"Broken command:\n\n{BLOCK}",
    f"| Wrong | Right |\n|---|---|\n| `{COMMAND}` | `{RIGHT}` |\n",
]


@pytest.mark.parametrize("text", WARNED)
def test_what_is_warned_of(text, tmp_path):
    assert removals(tmp_path, text) == 0


MEANT = [
    "If something goes wrong:",
    "Don't forget to drain it. Then:",
    "Don't worry, then run:",
    "The node never came back. Run:",
    "If the node is in an incorrect state:",
    "✅",
    "When the node is not ready:",
    "Do not drain it. Instead run:",
    "## Removing a bad node",
    "## Remove deprecated nodes",
    "## When a node failed",
    "## Wrong\n\nText.\n\n## Right",
    "Do not reuse its name.\n\n1. Remove it:",
]


@pytest.mark.parametrize("before", MEANT)
def test_words_that_only_sound_like_a_warning(before, tmp_path):
    assert removals(tmp_path, f"{before}\n\n{BLOCK}") == 1
    assert removals(tmp_path, f"{before}\n\n{BLOCK}\nIt is gone then, which is what you want.\n") == 1


STEPS = "```bash\nsystemctl stop k3s\nk3s server --cluster-reset\nsystemctl start k3s\n```\n"


def others(*commands, before="Then on the other servers:"):
    return f"{before}\n\n```bash\n" + "\n".join(commands) + "\n```\n"


GONE = "rm -rf /var/lib/rancher/k3s/server/db"
RESETS = [
    (STEPS + others("systemctl restart k3s"), 1),
    (STEPS.replace("--cluster-reset", "--cluster-reset=true") + others("systemctl start k3s"), 1),
    (STEPS.replace("k3s server", "sudo k3s server") + others("service k3s restart"), 1),
    (STEPS.replace("k3s", "rke2").replace("rt rke2", "rt rke2-server") + others("systemctl start rke2-server"), 1),
    (STEPS + others("for h in server-2 server-3; do ssh $h sudo systemctl restart k3s; done", before="Now"), 1),
    (STEPS + others(f"{GONE}/snapshots", "systemctl start k3s"), 1),
    (STEPS + others(GONE, "systemctl start k3s"), 0),
    (STEPS + others(f"{GONE}/", "systemctl start k3s"), 0),
    (STEPS + others("cd /var/lib/rancher/k3s/server && rm -rf db", "systemctl start k3s"), 0),
    (STEPS + others("rm -rf ${datadir}/server/db", "systemctl start k3s"), 0),
    (STEPS + others("k3s-uninstall.sh", "curl -sfL https://get.k3s.io | sh -s - server"), 0),
    (STEPS + others("systemctl start k3s", before="On the other servers delete `server/db`, then"), 0),
    (STEPS, 0),
    (f"## Wrong\n\n{STEPS}" + others("systemctl restart k3s", before="Other servers:"), 0),
    ("Run `k3s server --cluster-reset`, then `systemctl restart k3s` on the other servers.\n", 1),
    ("Run k3s server --cluster-reset, then restart k3s on the other servers.\n", 0),
    ("`k3s server --cluster-reset` resets. The other servers rejoin.\n", 0),
]


@pytest.mark.parametrize(("text", "number"), RESETS)
def test_resets(text, number, tmp_path):
    assert len(found(tmp_path, {"docs/recovery.md": text}, RESET)) == number


@pytest.mark.parametrize(("peers", "number"), [("systemctl restart k3s", 1), (f"'{GONE}; systemctl restart k3s'", 0)])
def test_resets_in_scripts(peers, number, tmp_path):
    text = f"#!/bin/sh\nk3s server --cluster-reset\nsystemctl start k3s\n# the other servers\nssh server-2 {peers}\n"
    assert len(found(tmp_path, {"reset.sh": text}, RESET)) == number
