"""Tries a connection before it is believed."""

from labpass.cluster import names
from labpass_server.kube.cluster import Cluster
from labpass_server.model.cluster import Credential
from labpass_server.model.errors import Invalid, Refusal


class Probe:
    """Asks the API server who we are there."""

    async def version(self, credential: Credential) -> str:
        """Return the cluster's version as our own account sees it.

        Raises `Invalid` for a token that is not our account's: an administrator's own token must
        not end up in the database, and would be outside the fence. Whatever else a cluster says is
        a wrong address too: its 403 or 404 must not look like ours.
        """
        cluster = Cluster(credential)
        try:
            who, version = await cluster.who(), await cluster.version()
        except Refusal as error:
            raise Invalid("server", str(error) or "it refuses our account") from error
        finally:
            await cluster.close()
        if who != names.ACCOUNT_USER:
            raise Invalid("token", f"this is the token of {who[:63]}, not of {names.ACCOUNT_USER}")
        return version
