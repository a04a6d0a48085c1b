"""Runs an administrator's exec plugin and reads the credential it prints.

The only place of this room that passes the process's environment on: a plugin needs it.
"""

import base64
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import Any, Final

from labpass import problems
from labpass.kube.entry import ClientCertificate, Endpoint, ExecPlugin
from labpass.secret import Secret

PATIENCE: Final = 120
"""Seconds for a plugin that cannot ask anybody anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a plugin gave: a token, a certificate, or both."""

    token: Secret | None = None
    certificate: ClientCertificate | None = None


def run(plugin: ExecPlugin, endpoint: Endpoint) -> Answer:
    """Run the plugin; its words go to the terminal, and it may ask when there is one.

    Raises `problems.NotSignedIn` when it fails or prints something else.
    """
    interactive = _may_ask(plugin)
    environment = {
        **os.environ,  # noqa: TID251 -- a plugin gets the caller's environment, as from kubectl
        **dict(plugin.env),
        "KUBERNETES_EXEC_INFO": json.dumps(_info(plugin, endpoint, interactive=interactive)),
    }
    try:
        done = subprocess.run(  # noqa: S603 -- the administrator's own kubeconfig names it
            [plugin.command, *plugin.args],
            env=environment,
            stdin=None if interactive else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            timeout=None if interactive else PATIENCE,
            check=False,
        )
    except FileNotFoundError as e:
        message = f"the kubeconfig's exec plugin {plugin.command} is not there"
        raise problems.NotFound(message, plugin.install_hint) from e
    except (OSError, subprocess.TimeoutExpired) as e:
        raise problems.NotSignedIn(f"the exec plugin {plugin.command} did not answer") from e
    if done.returncode != 0:
        raise problems.NotSignedIn(f"the exec plugin {plugin.command} ended {done.returncode}")
    return _parse(plugin, done.stdout)


def _may_ask(plugin: ExecPlugin) -> bool:
    terminal = sys.stdin is not None and sys.stdin.isatty()
    match plugin.interactive_mode:
        case "Never":
            return False
        case "Always" if not terminal:
            hint = "run this on a terminal"
            raise problems.NotSignedIn(f"the exec plugin {plugin.command} wants to ask", hint)
        case _:
            return terminal


def _info(plugin: ExecPlugin, endpoint: Endpoint, *, interactive: bool) -> dict[str, Any]:
    spec: dict[str, Any] = {"interactive": interactive}
    if plugin.provide_cluster_info:
        spec["cluster"] = {"server": endpoint.server}
        if endpoint.ca_pem:
            spec["cluster"]["certificate-authority-data"] = _base64(endpoint.ca_pem)
        if endpoint.tls_server_name:
            spec["cluster"]["tls-server-name"] = endpoint.tls_server_name
    return {"apiVersion": plugin.api_version, "kind": "ExecCredential", "spec": spec}


def _parse(plugin: ExecPlugin, printed: bytes) -> Answer:
    try:
        document = json.loads(printed)
        status = document["status"]
        same_version = document["apiVersion"] == plugin.api_version
        answer = Answer(
            token=Secret(status["token"]) if status.get("token") else None,
            certificate=ClientCertificate(
                certificate_pem=status["clientCertificateData"],
                key_pem=Secret(status["clientKeyData"]),
            )
            if status.get("clientCertificateData")
            else None,
        )
    except (ValueError, KeyError, TypeError, AttributeError) as e:
        # The text may hold a credential, so neither it nor the parser's words are shown.
        raise problems.NotSignedIn(f"{plugin.command} printed no ExecCredential") from e
    if not same_version or (answer.token is None and answer.certificate is None):
        raise problems.NotSignedIn(
            f"{plugin.command} printed no credential of version {plugin.api_version}"
        )
    return answer


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
