"""Free ports on the loopback addresses."""

import contextlib
import secrets
import socket

# Below Linux's and macOS's ranges for outgoing connections, so that a port which is free now is
# not taken by a client socket between this look and the program's own bind.
_FIRST, _LAST = 20_000, 32_000
_TRIES = 200


def free() -> int:
    """Return a port that nobody listens on, on 127.0.0.1 nor on ::1."""
    for _ in range(_TRIES):
        port = _FIRST + secrets.randbelow(_LAST - _FIRST)
        if _is_free(socket.AF_INET, "127.0.0.1", port) and _is_free(socket.AF_INET6, "::1", port):
            return port
    raise OSError("no free port between 20000 and 32000 on the loopback addresses")


def _is_free(family: socket.AddressFamily, host: str, port: int) -> bool:
    try:
        with contextlib.closing(socket.socket(family, socket.SOCK_STREAM)) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError:
        return not _has(family, host)
    return True


def _has(family: socket.AddressFamily, host: str) -> bool:
    """Whether the machine has this loopback address at all; many have no ::1."""
    try:
        with contextlib.closing(socket.socket(family, socket.SOCK_STREAM)) as probe:
            probe.bind((host, 0))
    except OSError:
        return False
    return True
