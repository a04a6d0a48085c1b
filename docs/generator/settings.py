"""What an operator, and what a person, can set."""

from typing import Any, Final

import click
from docs.generator.command_line import PROGRAMS
from docs.generator.page import page, table

from labpass_server.settings import PREFIX

CLIENT: Final = {
    "LABPASS_SERVER": "address of the server; wins over what `labpass login` kept",
    "LABPASS_PROFILE": "which sign-in to use; `default` unless set; `--profile` wins",
    "LABPASS_USERNAME": "who signs in by password; `--username` wins",
    "LABPASS_PROJECT": "the project of `submit`, `list`, `describe`, `logs`, `delete`; `--project` wins",
    "LABPASS_HOME": "one folder for everything that `labpass` keeps; absolute",
    "LABPASS_LOGIN_ON_DEMAND": "`0`: kubectl's plugin never asks for a sign-in by itself",
    "LABPASS_QUIET": "anything: no words on stderr but problems",
    "XDG_CONFIG_HOME": "folder above `labpass/config.json`; `~/.config` unless set",
    "XDG_STATE_HOME": "folder above `labpass/` with sessions and tokens; `~/.local/state` unless set",
    "KUBECONFIG": "the kubeconfigs that are read and changed; `~/.kube/config` unless set",
    "HTTPS_PROXY": "proxy on the way to the server; lower case works too",
    "NO_PROXY": "hosts that are asked without it; lower case works too",
    "BROWSER": "a sign that there is a browser, as are `DISPLAY` and `WAYLAND_DISPLAY`",
    "SSH_CONNECTION": "a sign that the browser is elsewhere: `--remote` is chosen",
    "CI": "anything: nobody is asked, so only `--password-stdin` signs in",
}


def render() -> str:
    """Return the page."""
    return page(
        "Settings",
        "A flag wins over the environment, and the environment over the default.",
        "## The server",
        table(("flag", "environment", "what", "default"), _server()),
        "## The command line and the plugin",
        table(("environment", "what"), [[f"`{name}`", words] for name, words in CLIENT.items()]),
    )


def _server() -> list[list[str]]:
    group: Any = PROGRAMS["labpass-server"]
    serve: click.Command = group.commands["serve"]
    return [_flag(each) for each in serve.params if isinstance(each, click.Option)]


def _flag(option: click.Option) -> list[str]:
    flag = option.opts[0]
    words, _, default = (option.help or "").partition("  [")
    variable = PREFIX + flag.removeprefix("--").upper().replace("-", "_")
    shown = default.rstrip("]")
    return [f"`{flag} {option.metavar}`", f"`{variable}`", words, f"`{shown}`" if shown else "-"]
