"""The same server through httpx2, for rooms that speak much to it: the API's commands."""

import httpx2

from labpass.login import wire
from labpass.login.wire import Server


def http(server: Server, *, proxy: str | None = None) -> httpx2.Client:
    """Return a client for one server that trusts its pinned CA alone, and follows no redirects.

    It carries no token: whoever sends one says so at the request.
    """
    return httpx2.Client(
        base_url=server.url,
        verify=wire.context_for(server.ca_pem),
        timeout=wire.TIMEOUT,
        trust_env=False,
        proxy=proxy,
        headers={"User-Agent": wire.AGENT},
    )
