import json
from pathlib import Path

import pytest

from testbed.programs import golang, sources
from testbed.version import DEFAULT, Version

PUBLISHED = {
    "Go": "1.26.0",
    "Godebug": [{"Key": "default", "Value": "go1.26"}],
    "Replace": [
        {"Old": {"Path": "k8s.io/api"}, "New": {"Path": "./staging/src/k8s.io/api"}},
        {"Old": {"Path": "example.org/fork"}, "New": {"Path": "example.org/other"}},
        {"Old": {"Path": "go.etcd.io/etcd/api/v3"}, "New": {"Path": "../api"}},
    ],
}


@pytest.fixture
def go(tmp_path: Path) -> golang.Go:
    """A go that knows one module."""
    program = tmp_path / "go"
    fetched = json.dumps({"GoMod": "/modules/go.mod"})
    program.write_text(
        f"#!/bin/sh\ncase $2 in download) echo '{fetched}';; edit) echo '{json.dumps(PUBLISHED)}';;"
        " esac\n"
    )
    program.chmod(0o755)
    return golang.Go(program=program, release=(26, 0), environment={"PATH": "/bin:/usr/bin"})


def test_a_generated_module_takes_the_libraries_of_the_same_release(
    go: golang.Go, tmp_path: Path
) -> None:
    source = sources.of("kubectl", DEFAULT)
    sources.write_module(tmp_path / "module", source, DEFAULT, go)
    assert (tmp_path / "module" / "go.mod").read_text().splitlines() == [
        "module testbed.invalid/build",
        "",
        "go 1.26.0",
        "",
        "godebug default=go1.26",
        "require k8s.io/kubernetes v1.36.3",
        "replace k8s.io/api => k8s.io/api v0.36.3",
    ]


def test_what_a_module_needs_is_what_it_says(go: golang.Go) -> None:
    assert sources.needs(sources.of("kubectl", DEFAULT), go) == (26, 0)


def test_kubernetes_programs_are_told_what_they_are() -> None:
    version = Version.parse("1.30.14")
    flags = sources.linker_flags(sources.of("kube-apiserver", version), version)
    assert flags.startswith("-s -w -X k8s.io/component-base/version.gitVersion=v1.30.14 ")
    assert sources.linker_flags(sources.of("etcd", version), version) == "-s -w"
