"""Where each program's source is, and the module that builds it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from testbed import files
from testbed.problems import Problem
from testbed.programs.golang import Go, parse
from testbed.version import Version

_KUBERNETES = "k8s.io/kubernetes"
_STAGING = "k8s.io/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A main package of a module on the Go module proxy."""

    module: str
    version: str
    package: str

    def __str__(self) -> str:
        return f"{self.package}@{self.version}"


_FIXED: Mapping[str, Source] = {
    "etcd": Source(
        module="go.etcd.io/etcd/server/v3", version="v3.6.16", package="go.etcd.io/etcd/server/v3"
    ),
    "kwok": Source(
        module="sigs.k8s.io/kwok", version="v0.7.0", package="sigs.k8s.io/kwok/cmd/kwok"
    ),
    "kubelogin": Source(
        module="github.com/int128/kubelogin",
        version="v1.36.3",
        package="github.com/int128/kubelogin",
    ),
}


def of(name: str, version: Version) -> Source:
    """Return the source of a program that goes with this release of Kubernetes."""
    package = f"{_KUBERNETES}/cmd/{name}"
    kubernetes = Source(module=_KUBERNETES, version=str(version), package=package)
    return _FIXED.get(name, kubernetes)


def linker_flags(source: Source, version: Version) -> str:
    """Return the flags that strip a program and, for Kubernetes' own, tell it what it is."""
    flags = ["-s", "-w"]
    if source.module == _KUBERNETES:
        says = {"gitVersion": version, "gitMajor": 1, "gitMinor": version.minor}
        flags += [f"-X k8s.io/component-base/version.{key}={value}" for key, value in says.items()]
    return " ".join(flags)


def needs(source: Source, go: Go) -> tuple[int, int]:
    """Return the oldest Go that this module says it builds with."""
    return parse(_published(source, go)["Go"])


def write_module(folder: Path, source: Source, version: Version, go: Go) -> None:
    """Write a module that requires ``source`` alone.

    A module's `replace` counts only where it is the main one, and Kubernetes replaces its
    libraries by folders that the proxy does not serve. The same release of each is on the proxy as
    a module of its own, so they are replaced by that. The language version and its settings are
    the source's.
    """
    published = _published(source, go)
    lines = ["module testbed.invalid/build", "", f"go {published['Go']}", ""]
    settings = published.get("Godebug") or ()
    lines.extend(f"godebug {setting['Key']}={setting['Value']}" for setting in settings)
    lines.append(f"require {source.module} {source.version}")
    for replaced in published.get("Replace") or ():
        path = replaced["Old"]["Path"]
        if replaced["New"]["Path"].startswith("./staging/") and path.startswith(_STAGING):
            lines.append(f"replace {path} => {path} {version.staging}")
    files.write(files.folder(folder) / "go.mod", "\n".join(lines) + "\n", mode=0o644)


def _published(source: Source, go: Go) -> dict[str, Any]:
    try:
        fetched = go.ask("mod", "download", "-json", f"{source.module}@{source.version}")
    except Problem as problem:
        raise Problem(f"{source} is not to be had from the Go module proxy: {problem}") from problem
    return go.ask("mod", "edit", "-json", fetched["GoMod"])
