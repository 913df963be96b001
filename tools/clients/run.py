"""Makes an API key in a running installation, has every client work with it, and takes it back.

Reads `ready.json` of the installation, whose path is the only argument.
"""

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

HERE = Path(__file__).parent
CLIENTS = [
    ["openai, Python", sys.executable, "openai_python.py"],
    ["openai, Node", "node", "openai_node.mjs"],
    ["AI SDK, useChat's transport", "node", "ai_sdk_chat.mjs"],
    ["AI SDK, OpenAI-compatible provider", "node", "ai_sdk_provider.mjs"],
]


def call(url, method, token=None, body=None):
    """What the gateway answers, as JSON."""
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            text = answer.read()
    except urllib.error.HTTPError as error:
        raise SystemExit(f"{method} {url}: {error.code} {error.read().decode()}") from error
    return json.loads(text) if text else None


def main():
    ready = json.loads(Path(sys.argv[1]).read_text())
    base = ready["url"]
    person = {"email": ready["email"], "password": ready["password"]}
    token = call(f"{base}/api/v1/auth/login", "POST", body=person)["accessToken"]
    wish = {"name": "official clients", "scopes": ["agents"], "expiresInDays": 1}
    made = call(f"{base}/api/v1/api-keys", "POST", token, wish)
    environment = {**os.environ, "WITAN_URL": base, "WITAN_KEY": made["key"]}
    failed = []
    try:
        for name, *command in CLIENTS:
            done = subprocess.run(command, cwd=HERE, env=environment, timeout=300, check=False)
            print(f"{'works' if done.returncode == 0 else 'FAILS'}: {name}", flush=True)
            failed += [name] if done.returncode else []
    finally:
        call(f"{base}/api/v1/api-keys/{made['id']}", "DELETE", token)
    sys.exit(1 if failed else 0)


main()
