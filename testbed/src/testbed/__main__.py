"""The entrance of the command line."""

import sys

import click

from testbed import commands
from testbed.problems import Problem


def main() -> None:
    """Run the command line; a `Problem` is said in words."""
    try:
        commands.testbed(standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except Problem as problem:
        print(f"testbed: {problem}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
