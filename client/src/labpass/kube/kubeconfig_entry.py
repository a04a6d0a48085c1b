"""One context of a kubeconfig as an `Entry`, with a word for everything we do not take."""

import base64
import binascii
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from labpass import problems
from labpass.kube import kubeconfig_files
from labpass.kube.entry import (
    Anonymous,
    BearerToken,
    ClientCertificate,
    Credential,
    Endpoint,
    Entry,
    ExecPlugin,
    Impersonation,
    TokenFile,
)
from labpass.kube.kubeconfig_files import Found, Merged
from labpass.secret import Secret

EXEC_VERSIONS: Final = (
    "client.authentication.k8s.io/v1",
    "client.authentication.k8s.io/v1beta1",
)


def load(kubeconfig: Path | None = None, context: str | None = None) -> Entry:
    """Return the named context, or the current one, of a kubeconfig.

    ``kubeconfig`` is that file alone; without it ``KUBECONFIG`` or ``~/.kube/config`` count as they
    do for kubectl. Raises `problems.Problem` naming what is missing or not taken.
    """
    files = kubeconfig_files.paths(kubeconfig)
    return select(kubeconfig_files.load(files, missing_ok=kubeconfig is None), context)


def select(merged: Merged, context: str | None) -> Entry:
    """Resolve one context; relative paths follow the file their entry stands in."""
    name = context or merged.current_context
    if not name:
        hint = "name one with --context: " + ", ".join(sorted(merged.contexts))
        raise problems.UsageProblem("the kubeconfig has no current context", hint)
    chosen = _get(merged.contexts, name, "context")
    user = str(chosen.body.get("user") or "")
    found_user = _get(merged.users, user, "user") if user else Found(body={}, folder=chosen.folder)
    return Entry(
        context=name,
        endpoint=_endpoint(_get(merged.clusters, str(chosen.body.get("cluster") or ""), "cluster")),
        credential=_credential(found_user),
        namespace=str(chosen.body.get("namespace") or ""),
        impersonation=_impersonation(found_user.body),
    )


def _get(entries: Mapping[str, Found], name: str, what: str) -> Found:
    if name not in entries:
        hint = f"it has: {', '.join(sorted(entries)) or 'none'}"
        raise problems.NotFound(f"the kubeconfig has no {what} {name!r}", hint)
    return entries[name]


def _endpoint(cluster: Found) -> Endpoint:
    server = str(cluster.body.get("server") or "")
    if not server.startswith("https://"):
        raise problems.UsageProblem(f"the cluster's server {server!r} is not an https address")
    if cluster.body.get("insecure-skip-tls-verify"):
        hint = "put the API server's CA into certificate-authority-data"
        raise problems.UsageProblem("insecure-skip-tls-verify is not taken", hint)
    proxy = str(cluster.body.get("proxy-url") or "")
    if proxy and not proxy.startswith(("http://", "https://")):
        raise problems.UsageProblem("a proxy-url must be http or https")
    return Endpoint(
        server=server.rstrip("/"),
        ca_pem=_text(cluster, "certificate-authority"),
        tls_server_name=str(cluster.body.get("tls-server-name") or "") or None,
        proxy_url=proxy or None,
    )


def _credential(user: Found) -> Credential:
    """Choose as client-go does: certificate and token may stand together, exec stands alone."""
    for unusable in ("auth-provider", "username", "password"):
        if user.body.get(unusable):
            hint = "use a client certificate, a token or an exec plugin"
            raise problems.UsageProblem(f"{unusable} of a kubeconfig user is not taken", hint)
    certificate = _text(user, "client-certificate")
    if certificate is not None:
        return ClientCertificate(certificate_pem=certificate, key_pem=_key(user))
    if user.body.get("tokenFile"):
        return TokenFile(path=_path(user, "tokenFile"))
    if user.body.get("token"):
        return BearerToken(token=Secret(str(user.body["token"])))
    if user.body.get("exec"):
        return _exec(user)
    return Anonymous()


def _key(user: Found) -> Secret:
    key = _text(user, "client-key")
    if key is None:
        raise problems.UsageProblem("the kubeconfig user has a client certificate and no key")
    return Secret(key)


def _exec(user: Found) -> ExecPlugin:
    body: Mapping[str, Any] = user.body["exec"]
    version = str(body.get("apiVersion") or "")
    if version not in EXEC_VERSIONS:
        raise problems.UsageProblem(
            f"the exec plugin's apiVersion {version!r} is not taken", f"use {EXEC_VERSIONS[0]}"
        )
    command = str(body.get("command") or "")
    if "/" in command:  # a bare name is looked up in PATH
        command = str(user.folder / command)
    env = body.get("env") or ()
    return ExecPlugin(
        api_version=version,
        command=command,
        args=tuple(str(arg) for arg in body.get("args") or ()),
        env=tuple((str(pair["name"]), str(pair.get("value", ""))) for pair in env),
        interactive_mode=str(body.get("interactiveMode") or "IfAvailable"),
        provide_cluster_info=bool(body.get("provideClusterInfo")),
        install_hint=str(body.get("installHint") or ""),
    )


def _impersonation(user: Mapping[str, Any]) -> Impersonation | None:
    if user.get("as-user-extra"):
        raise problems.UsageProblem("as-user-extra of a kubeconfig user is not taken")
    if not user.get("as"):
        return None
    groups = tuple(str(group) for group in user.get("as-groups") or ())
    return Impersonation(user=str(user["as"]), groups=groups, uid=str(user.get("as-uid") or ""))


def _text(found: Found, key: str) -> str | None:
    """Return the PEM of ``KEY-data`` or of the file that ``KEY`` names; the data win."""
    data = found.body.get(f"{key}-data")
    try:
        if data:
            return base64.b64decode("".join(str(data).split()), validate=True).decode()
        if found.body.get(key):
            return _path(found, key).read_text(encoding="utf-8")
    except (binascii.Error, UnicodeDecodeError) as e:
        raise problems.Problem(f"{key} of the kubeconfig is no base64 of PEM text") from e
    except OSError as e:
        raise problems.NotFound(f"cannot read {key} {e.filename}: {e.strerror}") from e
    return None


def _path(found: Found, key: str) -> Path:
    return found.folder / Path(str(found.body[key])).expanduser()
