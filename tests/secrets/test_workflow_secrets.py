"""Credentials in GitHub workflows and actions."""

import pytest
from invented import invented, substitute
from linting import lint_texts

HEAD = "on: push\n"
JOB = "jobs:\n  a:\n    runs-on: ubuntu-latest\n"


def told(text, name=".github/workflows/a.yaml"):
    report = lint_texts({name: substitute(text)}, select=("secret-in-env", "secret-in-args"))
    assert not report.crashed and invented("password") not in repr(report.findings)
    return [(finding.meta.id, finding.place.start.line) for finding in report.findings]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("env: {API_TOKEN: <invented:password>}\njobs: {}\n", [2]),
        (f"{JOB}    env: {{API_TOKEN: <invented:password>}}\n", [5]),
        (f"{JOB}    steps:\n    - env:\n        DB_PASSWORD: <invented:password>\n", [7]),
        (f"{JOB}    steps:\n    - uses: docker/login-action@v3\n      with: {{password: <invented:password>}}\n", [7]),
        (f"{JOB}    container: {{image: a, env: {{DB_PASSWORD: <invented:password>}}}}\n", [5]),
        (f"{JOB}    container: {{image: a, credentials: {{username: a, password: <invented:password>}}}}\n", [5]),
        (f"{JOB}    services: {{db: {{image: a, env: {{DB_PASSWORD: <invented:password>}}}}}}\n", []),
        (f"{JOB}    services: {{db: {{image: a, credentials: {{password: <invented:password>}}}}}}\n", [5]),
        ("jobs:\n  a:\n    uses: ./.github/workflows/b.yaml\n    with: {token: <invented:password>}\n", [5]),
        ("jobs:\n  a:\n    uses: ./.github/workflows/b.yaml\n    secrets: {token: '${{ secrets.A }}'}\n", []),
        (
            "env: {API_TOKEN: '${{ secrets.A }}', TOKEN_FILE: /a, SECRET_NAME: a-b, B_TOKEN: changeme, C_TOKEN: ''}\n",
            [],
        ),
        ("env: {API_TOKEN: <invented:github_token>}\n", []),
        ("env: [a]\njobs: {a: {env: x, steps: [x, {env: [a], with: 3}], container: x, services: [x]}}\n", []),
    ],
)
def test_variables(text, lines):
    assert told(HEAD + text) == [("secret-in-env", line) for line in lines]


@pytest.mark.parametrize(
    ("command", "found"),
    [
        ("curl -u ci:<invented:password> https://git.wiki.internal", True),
        ("PGPASSWORD=<invented:password> psql -h db", True),
        ("export API_TOKEN=<invented:password>", True),
        ("helm upgrade a b --set auth.password=<invented:password>", True),
        ("wiki login --password <invented:password>", True),
        ("mysql -p<invented:password> -e x", True),
        ("curl -H 'Authorization: Bearer <invented:password>' https://git.wiki.internal", True),
        ("wiki login --password ${{ secrets.PASSWORD }}", False),
        ('wiki login --password "$PASSWORD"', False),
        ("wiki login --password-file /run/password", False),
        ("echo '::add-mask::x' && echo \"TOKEN=$TOKEN\" >> $GITHUB_ENV", False),
        ("docker run -e POSTGRES_PASSWORD=postgres postgres", False),
        ("git clone https://x-access-token:<invented:github_token>@github.com/a/b", False),
    ],
)
def test_scripts(command, found):
    text = f"{HEAD}{JOB}    steps:\n    - run: |\n        set -e\n        {command}\n"
    assert told(text) == ([("secret-in-args", 8)] if found else [])


def test_actions():
    text = "runs:\n  using: composite\n  steps:\n  - shell: bash\n    env: {API_TOKEN: <invented:password>}\n"
    text += "    run: wiki --token <invented:password>\n"
    assert sorted(told(text, "action.yml")) == [("secret-in-args", 6), ("secret-in-env", 5)]


def test_other_shells_are_not_read():
    text = f"{HEAD}{JOB}    steps:\n    - shell: pwsh\n      run: wiki --token <invented:password>\n"
    assert told(text) == []
    assert told(text.replace("pwsh", "bash"))
