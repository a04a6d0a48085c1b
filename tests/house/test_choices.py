"""The command line offers what the server takes: the client may not import it, so this compares."""

import click

from labpass.commands import project, rule
from labpass_server.model.project import PodSecurity
from labpass_server.model.role import RoleName


def test_the_roles_on_the_command_line_are_the_servers() -> None:
    assert tuple(RoleName) == rule.ROLES


def test_the_pod_security_levels_on_the_command_line_are_the_servers() -> None:
    levels = next(each for each in project.create.params if each.name == "pod_security")
    assert isinstance(levels.type, click.Choice)
    assert list(levels.type.choices) == [str(each) for each in PodSecurity]
