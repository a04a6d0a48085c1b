"""`labpass kubeconfig`: build a researcher's own, or clean an administrator's."""

import difflib
import shlex
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import click

from labpass import commands
from labpass.commands import cluster_view, from_api, output, plugin_path, signed_in, surroundings
from labpass.kubeconfig import cleaning, document, file, masking, merging, parsing
from labpass.kubeconfig.document import Login, Place
from labpass.login.answers import NotOurs
from labpass.problems import CheckFailed, NotFound, Problem, UsageProblem
from labpass.session import keys

PATH: Final = click.Path(dir_okay=False, path_type=Path)


@click.group(cls=commands.Group)
def kubeconfig() -> None:
    """Build a kubeconfig, or clean one."""


@kubeconfig.command()
@click.option("--project", metavar="NAME", help="Only this project.")
@click.option("--cluster", metavar="NAME", help="Only this cluster.")
@click.option("--kubeconfig", "given", type=PATH, help="Write to this file.")
@click.option("--set-context", is_flag=True, help="Make the first one kubectl's current context.")
@click.option("--bare-command", is_flag=True, help="Name the plugin without its path.")
@click.option("--dry-run", is_flag=True, help="Show what would change.")
@click.option("--print", "is_printed", is_flag=True, help="Print it; write no file.")
@click.option("--no-verify", is_flag=True, help="Do not ask the clusters who you are there.")
@click.pass_context
def create(  # noqa: PLR0913 -- one parameter for each option
    ctx: click.Context,
    *,
    project: str | None,
    cluster: str | None,
    given: Path | None,
    set_context: bool,
    bare_command: bool,
    dry_run: bool,
    is_printed: bool,
    no_verify: bool,
) -> None:
    """Add one context for each of your projects to your kubeconfig."""
    command = document.PLUGIN if bare_command else plugin_path.find()
    mine = _mine(ctx, project=project, cluster=cluster)
    places = _places(ctx, command, mine)
    first = places[0].context
    ours = _checked(document.build(places, current=first), command)
    if is_printed:
        click.echo(parsing.render(ours), nl=False)
        return
    names = {place.context for place in places}
    path = file.choose(surroundings.of(ctx).environment, given, names)

    def edit(found: dict[str, Any]) -> bool:
        return merging.merge(found, ours, set_context=set_context)

    if dry_run:
        _show_change(file.preview(path, edit))
        return
    done = "Wrote" if file.change(path, edit) else "Nothing to change in"
    output.words(f"{done} {path}: {', '.join(place.context for place in places)}.")
    if not no_verify:
        _prove(ctx, mine)
    output.words(f"Try: {_kubectl(given, first)} get pods")


def _prove(ctx: click.Context, mine: list[dict[str, Any]]) -> None:
    """Ask each cluster who comes with the token that the kubeconfig's plugin will bring."""
    for one in {str(one.get("cluster")): one for one in mine}.values():
        token = signed_in.cluster_token(ctx, str(one.get("audience")))
        try:
            seen = cluster_view.ask(one, token)
        except Problem as e:
            raise type(e)(
                f"It is written, but {one.get('cluster')} does not let you in with it: {e.message}",
                hint="Ask its administrator: labpass trust verify. Not to be asked: --no-verify",
            ) from e
        output.words(f"{one.get('cluster')} knows you as {seen.username}.")


def _kubectl(given: Path | None, context: str) -> str:
    """Return the command that uses what was written, wherever that is."""
    if given is None:
        return f"kubectl --context {context}"
    return f"kubectl --kubeconfig {shlex.quote(str(given))} --context {context}"


def _mine(ctx: click.Context, *, project: str | None, cluster: str | None) -> list[dict[str, Any]]:
    """Ask the server for what is mine. Raises `NotFound` with what to do where there is nothing."""
    mine = from_api.items(ctx, "/me/projects")
    chosen = [
        one
        for one in mine
        if (project is None or one.get("project") == project)
        and (cluster is None or one.get("cluster") == cluster)
    ]
    if not chosen:
        names = ", ".join(sorted({output.plain(one.get("project")) for one in mine}))
        raise NotFound(
            "You have no such project." if mine else "You have no project yet.",
            hint=f"Yours are: {names}"
            if mine
            else "An administrator gives you one: labpass rule create HANDLE -p PROJECT",
        )
    return chosen


def _places(ctx: click.Context, command: str, mine: list[dict[str, Any]]) -> list[Place]:
    issuer, profile = signed_in.server(ctx).url, surroundings.of(ctx).profile
    return [_place(one, issuer=issuer, profile=profile, command=command) for one in mine]


def _place(mine: dict[str, Any], *, issuer: str, profile: str, command: str) -> Place:
    audience = str(mine.get("audience"))
    return Place(
        context=f"{mine.get('project')}@{mine.get('cluster')}",
        server=str(mine.get("server") or ""),
        ca_pem=mine.get("ca"),
        namespace=str(mine.get("namespace")),
        login=_login(issuer, audience, profile, command),
    )


def _login(issuer: str, audience: str, profile: str, command: str) -> Login:
    return Login(
        command=command,
        key=keys.for_credential(issuer=issuer, audience=audience, profile=profile),
        issuer=issuer,
        audience=audience,
        profile=profile,
    )


def _checked(built: dict[str, Any], command: str) -> dict[str, Any]:
    """Hold what the server's answers became against the list of what may stand in a kubeconfig."""
    cleaned = cleaning.clean(built, commands=(command,))
    if cleaned.findings:
        places = ", ".join(output.plain(one.place) for one in cleaned.findings)
        raise NotOurs(
            f"The server's answer does not fit into a kubeconfig: {places}.",
            hint="Is the cluster connected? Its administrator: labpass cluster show",
        )
    return built


def _show_change(made: file.Change) -> None:
    """Print a diff in which nobody's secrets are shown."""
    before, after = (_masked(text) for text in (made.before, made.after))
    names = (str(made.path), f"{made.path} (new)")
    for line in difflib.unified_diff(before, after, *names, n=2):
        click.echo(output.plain(line.rstrip("\n")))
    if made.before == made.after:
        output.words("Nothing to change.")


def _masked(raw: bytes) -> list[str]:
    """Return the document's lines. Its text is not used: it may spell a secret in any way."""
    if not raw.strip():
        return []
    shown = masking.masked(parsing.parse(raw))
    return parsing.render(shown).decode().splitlines(keepends=True)


@kubeconfig.command()
@click.option("--in", "source", type=PATH, help="The kubeconfig to clean; default: yours.")
@click.option("-o", "--out", type=PATH, help="Write here instead of stdout.")
@click.option("--check", is_flag=True, help="Write nothing; exit 3 if something has to go.")
@click.option("--audience", metavar="AUDIENCE", help="Let contexts sign in for this cluster.")
@click.option("--cluster", metavar="NAME", help="The same, by the name Labpass knows it by.")
@click.pass_context
def sanitize(  # noqa: PLR0913 -- one parameter for each option
    ctx: click.Context,
    *,
    source: Path | None,
    out: Path | None,
    check: bool,
    audience: str | None,
    cluster: str | None,
) -> None:
    """Take an administrator's credentials out of a kubeconfig, and name each one."""
    path = source or file.choose(surroundings.of(ctx).environment, None, set())
    if out is not None and out.resolve() == path.resolve():
        raise UsageProblem(
            f"{path} stays as it is: administration goes on with it.",
            hint="Give another file: -o researcher.yaml",
        )
    found = file.load(path)
    if found is None:
        raise Problem(f"{path} cannot be used: it is empty, or not there.")
    login = _researcher(ctx, audience, cluster)
    cleaned = _clean(path, found, login)
    for one in cleaned.findings:
        click.echo(
            f"{'found' if check else 'taken out'}: {output.plain(one.place)} ({one.kind})", err=True
        )
    if check:
        _say_check(path, cleaned)
        return
    if login is None and any("user" not in one["context"] for one in cleaned.document["contexts"]):
        output.words("Contexts have no user now. To let people sign in: --cluster NAME")
    text = parsing.render(cleaned.document)
    if out is None:
        click.echo(text, nl=False)
    else:
        file.write(out, text)
        output.words(f"Wrote {out}; {path} is as it was.")


def _researcher(ctx: click.Context, audience: str | None, cluster: str | None) -> Login | None:
    """Return how a researcher gets tokens in place of the administrator's credential."""
    if cluster is not None:
        audience = str(from_api.get(ctx, f"/clusters/{quote(cluster, safe='')}").get("audience"))
    if audience is None:
        return None
    profile = surroundings.of(ctx).profile
    return _login(signed_in.server(ctx).url, audience, profile, document.PLUGIN)


def _clean(path: Path, found: dict[str, Any], login: Login | None) -> cleaning.Cleaned:
    try:
        return cleaning.clean(
            found,
            commands=(document.PLUGIN, plugin_path.find()),
            login=login,
            authorities=_authorities(path, found),
        )
    except cleaning.NotAKubeconfig as e:
        raise Problem(f"{path} cannot be used: {e}.") from e


def _authorities(path: Path, found: dict[str, Any]) -> dict[str, str]:
    """Read the CA files that clusters name; relative names follow the kubeconfig."""
    read: dict[str, str] = {}
    for name in cleaning.authority_paths(found):
        try:
            read[name] = (path.parent / name).read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError) as e:
            output.words(f"The CA file {output.plain(name)} cannot be read: {e}.")
    return read


def _say_check(path: Path, cleaned: cleaning.Cleaned) -> None:
    if cleaned.findings:
        raise CheckFailed(
            f"{path} holds {len(cleaned.findings)} things that must not be handed out.",
            hint=f"labpass kubeconfig sanitize --in {path} -o researcher.yaml",
        )
    output.words(f"{path} is clean.")
