"""Reading hosts takes work in proportion to what is written, however many hosts, tasks, files and lines there are."""

import pytest
from effort import grows_linearly
from host_trees import tree

from kubelint.manifests.hosts.rollouts import read_outages
from kubelint.manifests.shell.runbooks import scripts_of
from kubelint.sources import SourceFile
from kubelint.sources.text_files import TextFile, TextKind

INVENTORY = "[k3s_server]\ns[1:3]\n[k3s_agent]\nw0\n"
REBOOT = "    - {reboot: , when: \"'k3s_server' in group_names\"}\n"
INSTALL = "curl -sfL https://get.k3s.io | INSTALL_K3S_EXEC='server --cluster-init' sh -\n"


def outages(files):
    project = tree({"hosts.ini": INVENTORY, **files})
    return [
        each
        for nodes in project.hosts.ansible_nodes
        for play in project.hosts.plays
        for each in read_outages(play, nodes)
    ]


def hosts(size):
    lines = "".join(
        f"w{n} ansible_host=192.0.2.1 extra_server_args='--cluster-init --tls-san a'\n" for n in range(size)
    )
    return {"hosts.ini": INVENTORY + lines, "p.yml": f"- hosts: all\n  tasks:\n{REBOOT}"}


def tasks(size):
    return {"p.yml": f"- hosts: all\n  tasks:\n{REBOOT * size}"}


def handlers(size):
    told = "".join(f"    - {{copy: {{src: a, dest: b}}, notify: h{n}}}\n" for n in range(size))
    given = "".join(f"    - {{name: h{n}, command: netplan apply}}\n" for n in range(size))
    return {"p.yml": f"- hosts: all\n  tasks:\n{told}  handlers:\n{given}"}


def plays(size):
    return {"p.yml": "- hosts: all\n  tasks: [{reboot: }]\n" * size}


def playbooks(size):
    return {
        f"p{n}.yml": f"- import_playbook: p{n + 1}.yml\n- hosts: all\n  tasks: [{{reboot: }}]\n" for n in range(size)
    }


def roles(size):
    files = {f"roles/r{n}/tasks/main.yml": "- reboot:\n" for n in range(size)}
    files |= {f"roles/r{n}/meta/main.yml": f"dependencies: [r{(n + 1) % size}]\n" for n in range(size)}
    return files | {"p.yml": f"- hosts: all\n  roles: [{', '.join(f'r{n}' for n in range(size))}]\n"}


def groups(size):
    nested = "".join(f"[g{n}]\ns1\n[g{n}:children]\ng{(n + 1) % size}\n" for n in range(size))
    return {"hosts.ini": INVENTORY + nested, **plays(1)}


def items(size):
    task = "{{service: {{name: '{{{{ item }}}}', state: restarted}}, loop: [{}]}}"
    return {"p.yml": f"- hosts: all\n  tasks: [{task.format(', '.join(['k3s'] * size))}]\n"}


@pytest.mark.parametrize("files", [hosts, tasks, handlers, plays, playbooks, roles, groups, items])
def test_plays(files):
    def work(size):
        assert outages(files(size))

    assert grows_linearly(work, 100)


def scripts(size):
    return {f"s{n}.sh": INSTALL for n in range(size)}


def one_script(size):
    return {"s.sh": INSTALL * size}


def words(size):
    return {"s.sh": f"k3s server {'--tls-san a ' * size}\n"}


def units(size):
    return {"k3s.service": "ExecStart=/usr/bin/k3s server --cluster-init\n" * size}


def commands(size):
    return {"c.yaml": f"runcmd:\n{f'  - {INSTALL}' * size}"}


@pytest.mark.parametrize("files", [scripts, one_script, words, units, commands])
def test_started_servers(files):
    def work(size):
        assert tree(files(size)).hosts.started_servers

    assert grows_linearly(work, 100)


def test_files_within_files():
    entry = "  - {path: /etc/rancher/k3s/config.yaml, content: 'cluster-init: true'}\n"

    def work(size):
        assert len(tree({"c.yaml": f"write_files:\n{entry * size}"}).hosts.server_configs) == 1

    assert grows_linearly(work, 100)


MARKDOWN = [
    '=== "x"\n\n{}',
    "    ```bash\n    helm ls # wrong \\\n    ```\n",
    "```bash\nhelm ls # wrong \\\n```\n\nThis is wrong.\n\n",
    "# Wrong\n\n`helm ls`, not ~~`helm get`~~\n\n",
    "    ```bash\n    helm ls\n",
    "> [!CAUTION]\n> Do not run `helm ls`\n\n",
]


@pytest.mark.parametrize("text", MARKDOWN)
def test_documents(text):
    def work(size):
        content = text * size
        scripts_of(TextFile("a.md", TextKind.MARKDOWN, lambda: SourceFile("a.md", content)))

    assert grows_linearly(work, 100)


def test_a_long_block_of_warnings():
    def work(size):
        content = "```bash\n" + "helm ls # wrong \\\n" * size + "```\n"
        scripts_of(TextFile("a.md", TextKind.MARKDOWN, lambda: SourceFile("a.md", content)))

    assert grows_linearly(work, 100)
