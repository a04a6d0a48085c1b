"""`labpass cluster`: records of clusters, and what Labpass installs in them."""

from pathlib import Path

import click

from labpass import commands
from labpass.api import clusters
from labpass.api.clusters import Cluster
from labpass.api.fields import to_document
from labpass.commands import connected, installing, output, private
from labpass.commands.output import Column, Format
from labpass.problems import NotFound, UsageProblem

_COLUMNS = (
    Column(title="NAME", of="name"),
    Column(title="STATE", of="state"),
    Column(title="VERSION", of="kubernetes_version"),
    Column(title="SERVER", of="server"),
    Column(title="AUDIENCE", of="audience", is_wide=True),
    Column(title="PREFIX", of="username_prefix", is_wide=True),
    Column(title="ERROR", of="last_error", is_wide=True),
)
_KUBECONFIG = click.option(
    "--kubeconfig",
    type=click.Path(path_type=Path),
    help="An administrator's; it never leaves this machine.",
)
_CONTEXT = click.option("--context", metavar="NAME", help="Context of that kubeconfig.")
_YES = click.option("--yes", is_flag=True, help="Do not ask.")


@click.group(cls=commands.Group)
def cluster() -> None:
    """Add clusters, connect them, remove them."""


@cluster.command()
@click.argument("name")
@click.option("--server", metavar="URL", help="Address of the API server for researchers.")
@click.option("--ca-file", type=click.Path(path_type=Path), help="Its certificate authority.")
@click.option("--username-prefix", metavar="TEXT", help="labpass: unless set; never empty.")
@click.option("--algorithm", type=click.Choice(("RS256", "ES256")), help="RS256 unless set.")
@output.option(output.ONE)
@click.pass_context
def add(  # noqa: PLR0913 -- one parameter for each option
    ctx: click.Context,
    /,
    name: str,
    *,
    server: str | None,
    ca_file: Path | None,
    username_prefix: str | None,
    algorithm: str | None,
    output: Format,
) -> None:
    """Make a cluster's record and its audience; nothing in the cluster changes."""
    wanted = {
        "name": name,
        "server": server,
        "ca": None if ca_file is None else _text(ca_file),
        "username_prefix": username_prefix,
        "algorithm": algorithm,
    }
    body = {field: value for field, value in wanted.items() if value is not None}
    with connected.client(ctx) as client:
        _show(clusters.add(client, body), output)


@cluster.command("list")
@output.option((*output.LISTS, Format.WIDE))
@click.pass_context
def list_(ctx: click.Context, /, output: Format) -> None:
    """List clusters."""
    with connected.client(ctx) as client:
        found = clusters.load_all(client)
    _list([to_document(one) for one in found], output)


@cluster.command()
@click.argument("name")
@output.option(output.ONE)
@click.pass_context
def show(ctx: click.Context, /, name: str, output: Format) -> None:
    """Show one cluster."""
    with connected.client(ctx) as client:
        _show(clusters.load(client, name), output)


@cluster.command()
@click.argument("name")
@click.option(
    "-f", "--file", type=click.Path(path_type=Path), help="Write it there, 0600, not to stdout."
)
@click.option("--minutes", type=click.IntRange(1, 1440), help="How long its tokens live.")
@click.pass_context
def bundle(ctx: click.Context, /, name: str, *, file: Path | None, minutes: int | None) -> None:
    """Write what a node needs to make its API server trust us, and to prove it."""
    with connected.client(ctx) as client:
        document = clusters.bundle(client, name, minutes=minutes)
    if file is None:
        output.show_document(document, output=Format.JSON)
        return
    private.write(file, document)
    output.words(f"Wrote {file}. Next, on a control-plane node:")
    output.words(f"  labpass trust plan --bundle {file} --config-file ... --break-glass ...")


@cluster.command()
@click.argument("name")
@_KUBECONFIG
@_CONTEXT
@click.option("--server", metavar="URL", help="The API server's address as Labpass reaches it.")
@click.option("--fresh-account", is_flag=True, help="End every older token of our account.")
@click.option("--dry-run", is_flag=True, help="Show what would be installed.")
@_YES
@output.option(output.ONE)
@click.pass_context
def connect(  # noqa: PLR0913 -- one parameter for each option
    ctx: click.Context,
    /,
    name: str,
    *,
    kubeconfig: Path | None,
    context: str | None,
    server: str | None,
    fresh_account: bool,
    dry_run: bool,
    yes: bool,
    output: Format,
) -> None:
    """Install Labpass in a cluster with your own credential, and hand our account over."""
    wish = installing.Wish(
        kubeconfig=kubeconfig,
        context=context,
        server=server,
        fresh_account=fresh_account,
        dry_run=dry_run,
        yes=yes,
    )
    with connected.client(ctx) as client:
        found = installing.install(client, clusters.load(client, name), wish)
    if found is not None:
        _show(found, output)


@cluster.command()
@click.argument("name")
@_KUBECONFIG
@_CONTEXT
@click.option("--dry-run", is_flag=True, help="Show what would be changed.")
@_YES
@output.option(output.ONE)
@click.pass_context
def upgrade(  # noqa: PLR0913 -- one parameter for each option
    ctx: click.Context,
    /,
    name: str,
    *,
    kubeconfig: Path | None,
    context: str | None,
    dry_run: bool,
    yes: bool,
    output: Format,
) -> None:
    """Bring what is installed in a connected cluster up to this version of Labpass."""
    wish = installing.Wish(kubeconfig=kubeconfig, context=context, dry_run=dry_run, yes=yes)
    with connected.client(ctx) as client:
        record = clusters.load(client, name)
        if record.state == "recorded":
            raise UsageProblem(f"{name} is not connected.", hint=f"labpass cluster connect {name}")
        found = installing.install(client, record, wish)
    if found is not None:
        _show(found, output)


@cluster.command()
@click.argument("name")
@_KUBECONFIG
@_CONTEXT
@click.option("--record-only", is_flag=True, help="Leave what is installed in the cluster.")
@_YES
@click.pass_context
def remove(  # noqa: PLR0913 -- one parameter for each option
    ctx: click.Context,
    /,
    name: str,
    *,
    kubeconfig: Path | None,
    context: str | None,
    record_only: bool,
    yes: bool,
) -> None:
    """Take Labpass out of a cluster and forget it; people's work and namespaces stay."""
    wish = installing.Wish(kubeconfig=kubeconfig, context=context, yes=yes)
    with connected.client(ctx) as client:
        record = clusters.load(client, name)
        output.words(
            "Everybody loses access there. Its projects' namespaces stay, with what runs in"
        )
        output.words("  them, and without the policies that Labpass put around them.")
        output.confirm_or_stop(f"Remove {name}?", yes=yes)
        installing.remove(client, record, wish, record_only=record_only)
    output.words(f"Removed: {name}. Its API server still trusts us until labpass is taken out of")
    output.words("  its authentication configuration; without a rule nobody gets a token for it.")


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError) as e:
        raise NotFound(f"Cannot read {path}.", hint="a PEM file is wanted") from e


def _list(items: list[dict[str, object]], form: Format) -> None:
    output.show_list(
        items,
        output=form,
        columns=_COLUMNS,
        name=lambda item: f"cluster/{item['name']}",
        empty="There are no clusters yet. Add one: labpass cluster add NAME",
    )


def _show(found: Cluster, form: Format) -> None:
    lines: list[tuple[str, object]] = [
        ("Cluster", found.name),
        ("State", found.state),
        ("Server", found.server),
        ("Audience", found.audience),
        ("Issuer", found.issuer),
        ("Prefix", found.username_prefix),
        ("Version", found.kubernetes_version),
        ("Account until", found.account_expires_at),
        ("Last pass", found.last_pass_at),
        ("Last error", found.last_error),
    ]
    output.show_one(to_document(found), output=form, name=f"cluster/{found.name}", lines=lines)
