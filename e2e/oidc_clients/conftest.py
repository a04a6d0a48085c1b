"""kubelogin, which knows an issuer, a client id and a CA, and nothing of Labpass."""

import json
import os
import shlex
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from testbed import document, waiting
from testbed.programs import find

if TYPE_CHECKING:
    from e2e.conftest import Person, World

# What kubelogin starts instead of a browser; whoever reads the file is the browser.
OPENER = '#!/bin/sh\nprintf "%s" "$1" > "$0.part" && mv "$0.part" "$0.url"\n'


@dataclass(frozen=True, kw_only=True)
class Running:
    """kubectl, waiting for kubelogin, which waits for a browser."""

    process: "subprocess.Popen[str]"
    opened: Path

    def address(self) -> str:
        """Wait for the address that kubelogin wants opened."""
        self._wait_for_a_browser()
        assert self.opened.exists(), self.process.communicate(timeout=60)
        found = self.opened.read_text()
        self.opened.unlink()
        return found

    def end(self) -> tuple[int, str, str]:
        """Wait for the end; return code, output and words."""
        out, err = self.process.communicate(timeout=60)
        return self.process.returncode, out, err

    def _wait_for_a_browser(self) -> None:
        def has_come() -> bool:
            return self.opened.exists() or self.process.poll() is not None

        waiting.until(has_come, seconds=30, what="kubelogin opens a browser")


@dataclass(frozen=True, kw_only=True)
class Laptop:
    """A machine with kubectl and kubelogin and nothing of Labpass."""

    person: "Person"
    environment: dict[str, str]
    arguments: tuple[str, ...]
    kubelogin: Path
    opener: Path

    def kubectl(self, *command: str) -> Running:
        """Start kubectl."""
        return self._start("kubectl", *command)

    def get_token(self, *more: str) -> Running:
        """Start kubelogin alone."""
        return self._start(str(self.kubelogin), *self.arguments, *more)

    def cached(self) -> dict[str, Any]:
        """Return what kubelogin keeps."""
        (path,) = (p for p in self._cache() if not p.name.endswith(".lock"))
        found: dict[str, Any] = json.loads(path.read_text())
        return found

    def keep(self, tokens: dict[str, Any]) -> None:
        """Change what kubelogin keeps."""
        (path,) = (p for p in self._cache() if not p.name.endswith(".lock"))
        path.write_text(json.dumps(tokens))

    def _cache(self) -> Iterator[Path]:
        return (self.person.desk.home / ".kube/cache/oidc-login").iterdir()

    def _start(self, *command: str) -> Running:
        started = subprocess.Popen(
            command,
            env=self.environment,
            cwd=self.person.desk.home,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        return Running(process=started, opened=Path(f"{self.opener}.url"))


@pytest.fixture(scope="session")
def kubelogin() -> Path:
    """Find or build it; the first time this takes a minute."""
    return find.peer("kubelogin")


@pytest.fixture
def laptop(world: "World", kubelogin: Path) -> Callable[..., Laptop]:
    """Give somebody a machine; ``more`` is what they tell kubelogin beyond the least."""

    def give(person: "Person", *more: str) -> Laptop:
        cluster = world.testbed.clusters[0]
        opener = person.desk.home / "open"
        opener.write_text(OPENER)
        opener.chmod(0o755)
        arguments = (
            "get-token",
            f"--oidc-issuer-url={world.labpass.issuer}",
            f"--oidc-client-id={cluster.audience}",
            f"--certificate-authority={world.labpass.ca}",
            f"--browser-command={shlex.quote(str(opener))}",
            *more,
        )
        config = person.desk.home / "config.json"
        config.write_text(json.dumps(kubeconfig(cluster, [str(kubelogin), *arguments])))
        path = f"{world.programs.folder}{os.pathsep}{os.defpath}"
        home = str(person.desk.home)
        return Laptop(
            person=person,
            environment={"HOME": home, "PATH": path, "KUBECONFIG": str(config)},
            arguments=arguments,
            kubelogin=kubelogin,
            opener=opener,
        )

    return give


def kubeconfig(cluster: document.Cluster, command: list[str]) -> dict[str, Any]:
    """Build what kubelogin's own manual has people write."""
    plugin = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": command[0],
        "args": command[1:],
        "interactiveMode": "Never",
    }
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {
                "name": "c",
                "cluster": {
                    "server": cluster.server,
                    "certificate-authority": str(cluster.ca),
                },
            }
        ],
        "users": [{"name": "u", "user": {"exec": plugin}}],
        "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
        "current-context": "x",
    }
