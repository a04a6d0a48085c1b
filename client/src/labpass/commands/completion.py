"""`labpass completion`: the lines that teach a shell our commands and options."""

from typing import Final

import click
from click.shell_completion import get_completion_class

from labpass.problems import UsageProblem

VARIABLE: Final = "_LABPASS_COMPLETE"
WHERE: Final = {
    "bash": "~/.bashrc:  source <(labpass completion bash)",
    "zsh": "~/.zshrc:  source <(labpass completion zsh)",
    "fish": "~/.config/fish/completions/labpass.fish:  labpass completion fish | source",
}


@click.command(epilog="\b\n" + "\n".join(WHERE.values()))
@click.argument("shell", type=click.Choice(list(WHERE)))
@click.pass_context
def completion(ctx: click.Context, *, shell: str) -> None:
    """Print what makes a shell complete our commands and options.

    Put one line into the file that your shell reads at its start:
    """
    kind = get_completion_class(shell)
    if kind is None:
        raise UsageProblem(f"There is no completion for {shell}.")
    click.echo(kind(ctx.find_root().command, {}, "labpass", VARIABLE).source())
