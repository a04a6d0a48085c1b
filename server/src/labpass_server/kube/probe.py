"""Tries a connection before it is believed."""

from labpass.cluster import names
from labpass_server.kube.cluster import Cluster
from labpass_server.model.cluster import Credential
from labpass_server.model.errors import Invalid, Unavailable


class Probe:
    """Asks the API server who we are there."""

    async def version(self, credential: Credential) -> str:
        """Return the cluster's version as our own account sees it.

        Raises `Invalid` for a token that is not our account's: an administrator's own token must
        not end up in the database, and would be outside the fence.
        """
        cluster = Cluster(credential)
        try:
            who = await cluster.who()
            if who != names.ACCOUNT_USER:
                raise Invalid("token", f"this is the token of {who}, not of {names.ACCOUNT_USER}")
            return await cluster.version()
        except Unavailable as error:
            raise Invalid("server", error.what) from error
        finally:
            await cluster.close()
