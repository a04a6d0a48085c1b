from pathlib import Path

import pytest

from testbed.cluster import certificates, control_plane, layout
from testbed.version import DEFAULT, Version

PAIR = certificates.Pair(certificate=Path("/pki/x.crt"), key=Path("/pki/x.key"))


def _plan(version: Version) -> control_plane.Plan:
    return control_plane.Plan(
        version=version,
        layout=layout.Layout(root=Path("/state/cluster-1"), name="cluster-1"),
        ports=control_plane.Ports(api_server=1, etcd=2, etcd_peer=3, kubelet=4),
        keys=control_plane.Keys(
            ca=PAIR,
            etcd=PAIR,
            api_server=PAIR,
            kubelet=PAIR,
            kubelet_client=PAIR,
            service_accounts=Path("/pki/sa.key"),
            service_accounts_public=Path("/pki/sa.pub"),
        ),
    )


def test_the_authentication_configuration_is_named_where_the_version_has_it() -> None:
    new, old = (
        control_plane.api_server(_plan(each)) for each in (DEFAULT, Version.parse("1.29.14"))
    )
    flag = "--authentication-config=/state/cluster-1/authentication/config.yaml"
    assert flag in new
    assert flag not in old


@pytest.mark.parametrize("program", ["etcd", "api_server", "kwok"])
def test_nothing_listens_beyond_the_loopback_address(program: str) -> None:
    command = " ".join(getattr(control_plane, program)(_plan(DEFAULT)))
    assert "127.0.0.1" in command
    assert "0.0.0.0" not in command  # noqa: S104 - this is what must not be there


def test_each_controller_has_an_account_of_its_own() -> None:
    assert "--use-service-account-credentials" in control_plane.controller_manager(_plan(DEFAULT))
