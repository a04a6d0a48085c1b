"""Who a client is on the wire: the headers and the certificate that a credential becomes."""

import ssl
from collections.abc import Mapping
from typing import Any

from labpass import problems
from labpass.kube import exec_plugin, tls
from labpass.kube.entry import (
    Anonymous,
    BearerToken,
    ClientCertificate,
    Credential,
    Endpoint,
    ExecPlugin,
    Impersonation,
    TokenFile,
)
from labpass.secret import Secret


class Identity:
    """A credential in use; runs an exec plugin when something is first sent."""

    def __init__(
        self, endpoint: Endpoint, credential: Credential, impersonation: Impersonation | None
    ) -> None:
        self._endpoint = endpoint
        self._credential = credential
        self._impersonation = impersonation
        self._answer: exec_plugin.Answer | None = None

    def headers(self) -> list[tuple[str, str]]:
        """Return what goes with each request; a header may come more than once."""
        token = self._token()
        found = [] if token is None else [("Authorization", f"Bearer {token.reveal()}")]
        if self._impersonation is not None:
            found.append(("Impersonate-User", self._impersonation.user))
            found += [("Impersonate-Group", group) for group in self._impersonation.groups]
            if self._impersonation.uid:
                found.append(("Impersonate-Uid", self._impersonation.uid))
        return found

    def extensions(self) -> Mapping[str, Any]:
        """Return the name to expect in the server's certificate, when it is not the host's."""
        name = self._endpoint.tls_server_name
        return {"sni_hostname": name} if name else {}

    def tls(self) -> ssl.SSLContext:
        """Return the TLS context, with our certificate when there is one."""
        match self._credential:
            case ClientCertificate() as certificate:
                return tls.context(self._endpoint.ca_pem, certificate)
            case ExecPlugin() as plugin:
                return tls.context(self._endpoint.ca_pem, self._from(plugin).certificate)
            case _:
                return tls.context(self._endpoint.ca_pem, None)

    def renew(self) -> bool:
        """Forget what can be asked for again; False when asking again gives the same."""
        had, self._answer = self._answer, None
        return had is not None

    def _token(self) -> Secret | None:
        match self._credential:
            case BearerToken(token=token):
                return token
            case TokenFile(path=path):
                try:
                    return Secret(path.read_text(encoding="utf-8").strip())
                except OSError as e:
                    raise problems.NotFound(f"cannot read tokenFile {path}: {e.strerror}") from e
            case ExecPlugin() as plugin:
                return self._from(plugin).token
            case ClientCertificate() | Anonymous():
                return None

    def _from(self, plugin: ExecPlugin) -> exec_plugin.Answer:
        if self._answer is None:
            self._answer = exec_plugin.run(plugin, self._endpoint)
        return self._answer
