"""The kubectl credential plugin behind its shell front, and in front of everything else.

    labpass-credential VERSION KEY ISSUER AUDIENCE PROFILE

Owns reading the cached ExecCredential with every check that a shell cannot make, and printing it;
on a miss runs `labpass auth token`. Imports what every Python start has loaded anyway; refuses the
network and every import of ours.
"""

import os
import sys
import time

VERSIONS = ("v1", "v1beta1")
GROUP = '"client.authentication.k8s.io/'
MARGIN = 360  # seconds; the same as labpass.session.credentials.MARGIN, a test compares them
LONGEST = 3600
USAGE = 2


def main() -> None:
    """Answer kubectl."""
    arguments = sys.argv[1:]
    if len(arguments) != 5 or arguments[0] not in VERSIONS or not _is_key(arguments[1]):  # noqa: PLR2004 -- the five of the usage line
        sys.stderr.write("usage: labpass-credential v1|v1beta1 KEY ISSUER AUDIENCE PROFILE\n")
        sys.exit(USAGE)
    version = _version(os.environ.get("KUBERNETES_EXEC_INFO", ""), arguments[0])  # noqa: TID251 -- how kubectl passes it
    document = cached(_folder(), arguments[1], version, int(time.time()))  # noqa: TID251 -- the plugin has no room for a clock
    if document is None:
        _run_labpass(version, arguments[2:])
    else:
        sys.stdout.buffer.write(document)


def cached(folder: str, key: str, version: str, now: int) -> bytes | None:
    """Return the document to print; None where there is none that is private, ours and fresh."""
    try:
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        descriptor = os.open(f"{folder}/cred/{key}.{version}.cred", flags)
    except OSError:
        return None
    try:
        content = os.read(descriptor, 65536) if _is_private(os.fstat(descriptor)) else b""
    except OSError:
        return None
    finally:
        os.close(descriptor)
    expiry, _, document = content.partition(b"\n")
    if not expiry.isdigit() or not document.endswith(b"\n"):
        return None
    return document if MARGIN <= int(expiry) - now <= LONGEST else None


def _is_private(found: os.stat_result) -> bool:
    """True for a regular file of our own that nobody else can read."""
    if not hasattr(os, "getuid"):  # Windows: the profile folder's ACL does this
        return True
    return found.st_uid == os.getuid() and found.st_mode & 0o170077 == 0o100000  # noqa: PLR2004 -- S_IFREG


def _is_key(text: str) -> bool:
    """True for 64 hexadecimal digits: it becomes part of a path."""
    return len(text) == 64 and not text.strip("0123456789abcdef")  # noqa: PLR2004 -- of SHA-256


def _version(exec_info: str, otherwise: str) -> str:
    """Return the version that kubectl says it reads; missing or garbage leaves the argument's."""
    _, found, rest = exec_info.partition(GROUP)
    said = rest.partition('"')[0]
    return said if found and said in VERSIONS else otherwise


def _folder() -> str:
    """Return the state folder, as labpass.session.folders does; a test compares them."""
    own = os.environ.get("LABPASS_HOME", "")  # noqa: TID251 -- the plugin's one need of the environment
    if os.path.isabs(own):
        return own
    state = os.environ.get("XDG_STATE_HOME", "")  # noqa: TID251 -- the same
    if not os.path.isabs(state):
        state = os.path.expanduser("~/.local/state")
    return state + "/labpass"


def _run_labpass(version: str, rest: list[str]) -> None:
    """Become `labpass auth token`, which stands beside us; never looked for in the work folder."""
    issuer, audience, profile = rest
    here = os.path.dirname(os.path.realpath(sys.argv[0]))
    program = os.path.join(here, "labpass.exe" if os.name == "nt" else "labpass")
    arguments = [program, "auth", "token", f"--issuer={issuer}", f"--audience={audience}"]
    arguments += [f"--profile={profile}", "--output=exec-credential"]
    arguments += [f"--exec-api-version={version}"]
    if os.name == "nt":
        sys.exit(os.spawnv(os.P_WAIT, program, arguments))  # noqa: S606 -- our own program
    try:
        os.execv(program, arguments)  # noqa: S606 -- our own program
    except OSError as e:
        sys.stderr.write(f"labpass-credential: cannot start {program}: {e.strerror}\n")
        sys.exit(1)
