"""A cluster's whole life with the real server: trusted, connected, upgraded, removed."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from labpass.kube import kubeconfig_entry
from labpass.kube.client import Client
from labpass.problems import NotFound
from labpass.rollout import trust_server
from labpass.secret import Secret
from testbed import lifecycle
from testbed.desk import Desk
from testbed.programs import Programs

pytestmark = [pytest.mark.testbed, pytest.mark.slow]


def test_a_cluster_is_trusted_connected_upgraded_and_removed(
    programs: Programs, testbed_states: Callable[[str], Path]
) -> None:
    wanted = lifecycle.Wanted(state=testbed_states("life"), programs=programs)
    with lifecycle.running(wanted) as found:
        (cluster,) = found.clusters
        desk = Desk(home=found.state / "people" / "dana", programs=(programs.folder,))
        admin = ("--kubeconfig", str(cluster.admin_kubeconfig))
        file = found.state / "again.json"
        desk.ask("labpass", "cluster", "bundle", cluster.name, "--file", str(file))
        where = ("--bundle", str(file), "--config-file", str(cluster.authentication_config))
        proven = desk.ask("labpass", "trust", "verify", *where, *admin, "-o", "json")
        assert json.loads(proven.out)["proven"]

        record = json.loads(desk.ask("labpass", "cluster", "show", cluster.name, "-o", "json").out)
        assert (record["state"], record["audience"]) == ("connected", cluster.audience)
        planned = desk.ask("labpass", "cluster", "connect", cluster.name, *admin, "--dry-run")
        assert "more are as they should be" in planned.err
        desk.ask("labpass", "cluster", "upgrade", cluster.name, *admin, "--yes")

        with Client.from_entry(kubeconfig_entry.load(cluster.admin_kubeconfig)) as api:
            assert api.get("/api/v1/namespaces/labpass-system")
            gone = desk.ask("labpass", "cluster", "remove", cluster.name, *admin, "--yes")
            assert "stays: namespace labpass-vision" in gone.err
            with pytest.raises(NotFound):
                api.get("/api/v1/namespaces/labpass-system")
            assert api.get("/api/v1/namespaces/labpass-vision")
            bindings = "/apis/rbac.authorization.k8s.io/v1/namespaces/labpass-vision/rolebindings"
            assert list(api.list(bindings)) == []
        assert json.loads(desk.ask("labpass", "cluster", "list", "-o", "json").out)["items"] == []
        canary = Secret(json.loads(file.read_text())["canary"]["token"])
        who = trust_server.connect(cluster.break_glass_kubeconfig).bearer(canary)
        assert who.username == "labpass:canary"  # trust stays until it is taken out; rights do not
