"""What each command of `labpass trust` is given, and what follows: server, version, plan."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from labpass.problems import CheckFailed, UsageProblem
from labpass.rollout import trust as rollout
from labpass.rollout import trust_place, trust_server
from labpass.rollout.trust_bundle import Bundle
from labpass.rollout.trust_server import ApiServer
from labpass.session.folders import Folders
from labpass.trust.distribution import Change, Found
from labpass.trust.distributions.self_managed import SelfManaged
from labpass.trust.errors import Invalid, NotExpressible
from labpass.trust.version import Version

_ROOTS_BACKUPS = Path("/var/lib/labpass/backup")
_SERVER_FILE = "/etc/kubernetes/labpass/authentication.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The options that every command of this group shares."""

    bundle: Path
    config_file: Path
    kubeconfig: Path | None
    context: str | None
    server_version: str | None
    instead_of: tuple[str, ...] = ()

    @property
    def file(self) -> Path:
        """The configuration file, absolute; a link in it stays a link."""
        return Path(os.path.abspath(self.config_file))  # noqa: PTH100 -- resolve() follows links


def options(command: Any) -> Any:
    """Add the shared options; the command gets them as one `Asked`."""
    path = click.Path(path_type=Path)
    for option in (
        click.option(
            "--server-version", metavar="VERSION", help="Kubernetes version, instead of asking."
        ),
        click.option("--context", metavar="NAME", help="Context of that kubeconfig."),
        click.option(
            "--kubeconfig",
            "--break-glass",
            "kubeconfig",
            type=path,
            help="An administrator's kubeconfig that does not depend on Labpass.",
        ),
        click.option(
            "--config-file",
            type=path,
            default=Path(_SERVER_FILE),
            show_default=True,
            help="The file that the API server's --authentication-config names.",
        ),
        click.option("--bundle", type=path, required=True, help="What cluster bundle wrote."),
    ):
        command = option(command)
    return command


def instead_of(command: Any) -> Any:
    """Add the option of those commands that bring our entry in."""
    return click.option(
        "--instead-of",
        metavar="ISSUER",
        multiple=True,
        help="Take this issuer out, such as our own former address.",
    )(command)


def server(asked: Asked) -> ApiServer | None:
    """Open the kubeconfig that was named; without one, only the version is needed."""
    if asked.kubeconfig is None:
        return None
    return trust_server.connect(asked.kubeconfig, asked.context)


def needed_server(asked: Asked) -> ApiServer:
    """Open the kubeconfig. Raises `UsageProblem` where none was named."""
    opened = server(asked)
    if opened is None:
        raise UsageProblem(
            "Which credential still works when everything else fails?",
            hint="--break-glass /etc/kubernetes/super-admin.conf",
        )
    return opened


def server_for_change(asked: Asked) -> ApiServer:
    """Open the kubeconfig, unless another labpass is at work on this file now."""
    if asked.file.parent.is_dir():
        with trust_place.alone(asked.file):
            pass
    return needed_server(asked)


def version(asked: Asked, opened: ApiServer | None) -> Version:
    """Return the version that was named, else the one that the API server says."""
    if asked.server_version is not None:
        try:
            return Version.parse(asked.server_version)
        except Invalid as e:
            raise UsageProblem(f"{e.reason}.") from e
    if opened is None:
        raise UsageProblem(
            "Which version is the API server?", hint="--server-version v1.36.3, or --kubeconfig"
        )
    return opened.version()


def change(asked: Asked, bundle: Bundle, found: Found) -> Change:
    """Plan our entry's way in. Raises `CheckFailed` for what cannot be said there."""
    with _refused():
        return _distribution(asked).change(bundle.config, found)


def withdrawal(asked: Asked, bundle: Bundle, found: Found) -> Change:
    """Plan our entry's way out."""
    with _refused():
        return _distribution(asked).withdraw(bundle.config.issuer, found)


def found(asked: Asked, opened: ApiServer | None) -> Found:
    """Look at what stands there now."""
    return rollout.find(asked.file, version(asked, opened), opened)


def backups(given: Path | None, where: Folders) -> Path:
    """Return where the old file is kept: as named, else root's own place, else the person's."""
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return given or (_ROOTS_BACKUPS if is_root else where.state / "backup")


def _distribution(asked: Asked) -> SelfManaged:
    return SelfManaged(config_file=str(asked.file), instead_of=asked.instead_of)


@contextmanager
def _refused() -> Iterator[None]:
    try:
        yield
    except (Invalid, NotExpressible) as e:
        raise CheckFailed(f"{e}.", hint="nothing was changed") from e
