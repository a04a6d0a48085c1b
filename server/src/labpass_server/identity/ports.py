"""What the use cases of identity need from the world. Adapters fit by shape; `app` joins them."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from labpass.secret import Secret
from labpass_server.model import client, cluster, event, key, person, session, throttling
from labpass_server.model.claims import Claims

T = TypeVar("T")


class People(Protocol):
    """People at rest. Nobody is ever deleted, so no handle is ever reused."""

    def add(self, person: person.Person, password_hash: str | None) -> None:
        """Add one; raises `Conflict` for a handle that was ever used."""
        ...

    def find(self, person_id: person.PersonId) -> person.Person | None:
        """Find one by their id."""
        ...

    def find_by_handle(self, handle: str) -> person.Person | None:
        """Find one by their handle."""
        ...

    def all(self) -> Sequence[person.Person]:
        """Return everybody, by handle."""
        ...

    def password_hash(self, person_id: person.PersonId) -> str | None:
        """Return the PHC string, if they have a password."""
        ...

    def set_password(
        self, person_id: person.PersonId, password_hash: str, *, is_temporary: bool
    ) -> None:
        """Replace the password."""
        ...

    def set_disabled(self, person_id: person.PersonId, *, is_disabled: bool) -> None:
        """Disable, or enable again."""
        ...

    def describe(self, person_id: person.PersonId, *, display_name: str, email: str | None) -> None:
        """Replace what is only described."""
        ...


class Sessions(Protocol):
    """Sessions at rest."""

    def add(self, session: session.Session) -> None:
        """Begin one."""
        ...

    def end(self, session_id: session.SessionId, now: datetime, because: session.Ending) -> bool:
        """End one; tell whether it was there to end."""
        ...

    def end_all(self, person_id: person.PersonId, now: datetime, because: session.Ending) -> int:
        """End all of a person's."""
        ...

    def end_of_browser(
        self, browser_id: session.BrowserId, now: datetime, because: session.Ending
    ) -> int:
        """End all that began in one browser's session."""
        ...


class RefreshTokens(Protocol):
    """Refresh tokens at rest."""

    def add(
        self, token_hash: bytes, session_id: session.SessionId, generation: int, now: datetime
    ) -> None:
        """Add one."""
        ...

    def find(self, token_hash: bytes) -> session.RefreshToken | None:
        """Find one with its session and person."""
        ...

    def redeem(self, token_hash: bytes, now: datetime, salt: bytes) -> bool:
        """Use one up; exactly one caller is told ``True``."""
        ...


class AccessTokens(Protocol):
    """Access tokens at rest."""

    def add(self, token_hash: bytes, token: session.NewAccessToken) -> None:
        """Add one."""
        ...

    def find(self, token_hash: bytes) -> session.AccessToken | None:
        """Find one with its session and person."""
        ...

    def remove(self, token_hash: bytes) -> None:
        """Forget one."""
        ...


class Entries(Protocol):
    """Which session has had a token for which cluster."""

    def add(self, session_id: session.SessionId, cluster_id: cluster.ClusterId) -> bool:
        """Note it; tell whether it is the first time."""
        ...


class Codes(Protocol):
    """Authorization codes at rest."""

    def add(self, code_hash: bytes, code: session.Code) -> None:
        """Add one."""
        ...

    def redeem(
        self, code_hash: bytes, now: datetime, session_id: session.SessionId
    ) -> session.Code | None:
        """Use one up; exactly one caller gets it."""
        ...

    def find(self, code_hash: bytes) -> session.Code | None:
        """Find one, used or not."""
        ...

    def withdraw(self, code_hash: bytes, now: datetime) -> bool:
        """Make one useless; tell whether it was not used yet."""
        ...

    def withdraw_all(self, person_id: person.PersonId, now: datetime) -> None:
        """Make all of a person's useless."""
        ...

    def withdraw_of_browser(self, browser_id: session.BrowserId, now: datetime) -> None:
        """Make all useless that one browser's session got."""
        ...


class RemoteCodes(Protocol):
    """Which short code belongs to which PKCE challenge."""

    def add(self, challenge: str, code: session.RemoteCode) -> None:
        """Add one; raises `Conflict` for a challenge that was answered before."""
        ...

    def cancel(self, cancel_hash: bytes, now: datetime) -> bytes | None:
        """Make one useless and return the hash of its code; ``None`` if it is over."""
        ...

    def attempt(self, challenge: str) -> bytes | None:
        """Count an attempt and return the hash to compare with, while there are attempts."""
        ...


class SignIns(Protocol):
    """Sign-ins under way."""

    def add(self, secret_hash: bytes, sign_in: session.SignIn) -> None:
        """Add one."""
        ...

    def find(self, secret_hash: bytes) -> session.SignIn | None:
        """Find one."""
        ...

    def save(self, secret_hash: bytes, sign_in: session.SignIn) -> None:
        """Replace one."""
        ...

    def take(self, secret_hash: bytes, now: datetime) -> bool:
        """End one by answering it; exactly one caller is told ``True``."""
        ...

    def count(self, network: str | None = None) -> int:
        """Count those that a network began, or all."""
        ...

    def remove_all(self, person_id: person.PersonId) -> None:
        """Forget all in which this person has given their password."""
        ...

    def remove_of_browser(self, browser_id: session.BrowserId) -> None:
        """Forget all that wait in one browser's session."""
        ...


class Browsers(Protocol):
    """Browsers that are signed in."""

    def add(self, cookie_hash: bytes, browser: session.Browser) -> None:
        """Add one."""
        ...

    def find(self, cookie_hash: bytes) -> session.Browser | None:
        """Find one with its person."""
        ...

    def see(self, browser_id: session.BrowserId, now: datetime) -> None:
        """Note that it was used."""
        ...

    def remove(self, cookie_hash: bytes) -> None:
        """Forget one."""
        ...

    def remove_all(self, person_id: person.PersonId) -> None:
        """Forget all of a person's."""
        ...


class Devices(Protocol):
    """Browsers and places from which their owner has signed in before."""

    def remember(self, mark: bytes, person_id: person.PersonId, expires_at: datetime) -> None:
        """Add one, or remember it for longer."""
        ...

    def knows(self, mark: bytes, handle: str, now: datetime) -> bool:
        """Tell whether this person has used it before."""
        ...

    def forget_all(self, person_id: person.PersonId) -> None:
        """Forget all of a person's."""
        ...


class Clients(Protocol):
    """Registered clients at rest."""

    def add(self, registration: client.Registration) -> None:
        """Add one; raises `Conflict` for an id that is taken."""
        ...

    def find(self, client_id: str) -> client.Registration | None:
        """Find one."""
        ...

    def all(self) -> Sequence[client.Registration]:
        """Return all, by id."""
        ...

    def remove(self, client_id: client.ClientId) -> bool:
        """Remove one; tell whether it was there."""
        ...


class Keys(Protocol):
    """Signing keys at rest, sealed."""

    def all(self) -> Sequence[key.Key]:
        """Return all, oldest first."""
        ...

    def add(self, key: key.Key) -> None:
        """Publish one."""
        ...

    def promote(self, key_id: key.KeyId, now: datetime) -> bool:
        """Let one sign; exactly one caller is told ``True``."""
        ...

    def retire(self, key_id: key.KeyId, now: datetime) -> None:
        """Let one no longer sign."""
        ...

    def erase(self, key_id: key.KeyId) -> None:
        """Forget the private half."""
        ...


class Throttle(Protocol):
    """Counters of failed attempts."""

    def hold(self, key: bytes) -> throttling.Counter:
        """Return one, held until the transaction ends."""
        ...

    def save(self, key: bytes, counter: throttling.Counter) -> None:
        """Write one that is held."""
        ...

    def remove(self, key: bytes) -> None:
        """Forget one."""
        ...

    def forgive(self, key: bytes) -> None:
        """Take one attempt back."""
        ...


class Installation(Protocol):
    """The one row about this installation."""

    def begin(self, installation_id: str, set_up_hash: bytes, now: datetime) -> None:
        """Write it; raises `Conflict` when it is there."""
        ...

    def find(self) -> str | None:
        """Return its id."""
        ...

    def renew_set_up(self, set_up_hash: bytes) -> bool:
        """Replace an unused set-up link; tell whether there was one."""
        ...

    def expects(self, set_up_hash: bytes) -> bool:
        """Tell whether this is the unused set-up link."""
        ...

    def use_set_up(self, set_up_hash: bytes, now: datetime) -> bool:
        """Use the link up; exactly one caller is told ``True``."""
        ...

    def close_set_up(self, now: datetime) -> bool:
        """Make the link useless."""
        ...


class Leftovers(Protocol):
    """What is over and only takes up room, or is a risk to keep."""

    def forget_salts(self, used_before: datetime) -> None:
        """Erase what successors of refresh tokens are made of."""
        ...

    def remove(self, now: datetime) -> None:
        """Remove what has been over for a day."""
        ...


class Events(Protocol):
    """The list of what happened."""

    def add(self, event: event.Event) -> None:
        """Append one."""
        ...


class Transaction(Protocol):
    """One unit of work over what identity keeps."""

    @property
    def people(self) -> People:
        """People."""
        ...

    @property
    def sessions(self) -> Sessions:
        """Sessions."""
        ...

    @property
    def refresh_tokens(self) -> RefreshTokens:
        """Refresh tokens."""
        ...

    @property
    def access_tokens(self) -> AccessTokens:
        """Access tokens."""
        ...

    @property
    def entries(self) -> Entries:
        """Which session has entered which cluster."""
        ...

    @property
    def codes(self) -> Codes:
        """Authorization codes."""
        ...

    @property
    def remote_codes(self) -> RemoteCodes:
        """Short codes."""
        ...

    @property
    def sign_ins(self) -> SignIns:
        """Sign-ins under way."""
        ...

    @property
    def browsers(self) -> Browsers:
        """Browsers that are signed in."""
        ...

    @property
    def devices(self) -> Devices:
        """Browsers used before."""
        ...

    @property
    def clients(self) -> Clients:
        """Registered clients."""
        ...

    @property
    def keys(self) -> Keys:
        """Signing keys."""
        ...

    @property
    def throttle(self) -> Throttle:
        """Counters."""
        ...

    @property
    def leftovers(self) -> Leftovers:
        """What is over."""
        ...

    @property
    def installation(self) -> Installation:
        """This installation."""
        ...

    @property
    def events(self) -> Events:
        """What happened."""
        ...


class Store(Protocol):
    """Runs units of work; each is a sync function without network inside."""

    async def read(self, work: Callable[[Transaction], T]) -> T:
        """Run work that does not write."""
        ...

    async def write(self, work: Callable[[Transaction], T]) -> T:
        """Run work and keep all of it, or nothing."""
        ...


class Targets(Protocol):
    """Which clusters there are, and who has a live rule on one. Filled by access."""

    def find(self, tx: Transaction, audience: str) -> cluster.Target | None:
        """Find the cluster with this audience."""
        ...

    def reaches(
        self, tx: Transaction, person_id: person.PersonId, target: cluster.Target, now: datetime
    ) -> bool:
        """Tell whether the person has a live rule there."""
        ...

    def grantors(self, tx: Transaction, target: cluster.Target, now: datetime) -> str:
        """Say in a sentence who can give access there, as far as everybody may know."""
        ...


class Signer(Protocol):
    """Signs with one key."""

    def sign(self, claims: Claims) -> str:
        """Return the token."""
        ...


class Keysmith(Protocol):
    """Makes keys and opens sealed ones."""

    def make(self, algorithm: cluster.Algorithm) -> tuple[key.KeyId, str, bytes]:
        """Return id, public JWK as text, and the sealed private half."""
        ...

    def open(self, key: key.Key) -> Signer:
        """Return what signs with this key."""
        ...


class Hasher(Protocol):
    """Hashes and checks passwords."""

    async def hash(self, password: Secret) -> str:
        """Return the PHC string."""
        ...

    async def verify(self, password: Secret, phc: str | None) -> bool:
        """Tell whether it is right; ``None`` costs the same."""
        ...

    def is_outdated(self, phc: str) -> bool:
        """Tell whether it should be made anew."""
        ...
