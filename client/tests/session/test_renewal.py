"""The credential state machine, with an authority that answers what the test wants."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from labpass.problems import Forbidden, NotSignedIn, Unreachable
from labpass.secret import Secret
from labpass.session import credentials, files, renewal, store
from labpass.session.folders import Folders
from labpass.session.renewal import Asked, Dead, Issued, Refreshed, Refused, Unanswered
from labpass.session.store import Session

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ISSUER = "https://login.example"
QUARTER = timedelta(minutes=15)


@dataclass
class Scripted:
    """Answers from two lists and remembers what it was asked, and what lay on disk then."""

    folders: Folders
    refreshes: list[Refreshed | Dead | Unanswered] = field(default_factory=list)
    exchanges: list[Issued | Dead | Refused | Unanswered] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    saved: list[str] = field(default_factory=list)

    def refresh(self, session: Session) -> Refreshed | Dead | Unanswered:
        self.asked.append(f"refresh {session.refresh_token.reveal()}")
        return self.refreshes.pop(0)

    def exchange(
        self, session: Session, access_token: Secret, audience: str
    ) -> Issued | Dead | Refused | Unanswered:
        del session
        self.asked.append(f"exchange {access_token.reveal()} {audience}")
        on_disk = store.load(self.folders, issuer=ISSUER, profile="default")
        self.saved.append(on_disk.refresh_token.reveal() if on_disk else "")
        return self.exchanges.pop(0)


@dataclass
class Clock:
    at: datetime = NOW

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders(config=tmp_path, state=tmp_path)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def notes() -> list[str]:
    return []


@pytest.fixture
def asked(folders: Folders, clock: Callable[[], datetime], notes: list[str]) -> Asked:
    return Asked(
        folders=folders,
        issuer=ISSUER,
        profile="default",
        audience="lab",
        now=clock,
        note=notes.append,
    )


@pytest.fixture
def authority(folders: Folders) -> Scripted:
    return Scripted(folders)


@pytest.fixture
def signed_in(folders: Folders) -> Session:
    session = Session(
        issuer=ISSUER,
        profile="default",
        handle="alice",
        person="p-1",
        token_endpoint=f"{ISSUER}/token",
        revocation_endpoint=f"{ISSUER}/revoke",
        refresh_token=Secret("r1"),
        signed_in_at=NOW,
        access_token=Secret("a1"),
        access_expires_at=NOW + timedelta(minutes=10),
    )
    store.save(folders, session)
    return session


def issued(token: str) -> Issued:
    return Issued(token=Secret(token), lifetime=QUARTER)


def refreshed(number: int) -> Refreshed:
    return Refreshed(
        refresh_token=Secret(f"r{number}"),
        access_token=Secret(f"a{number}"),
        access_lifetime=timedelta(minutes=10),
    )


def test_a_fresh_token_is_handed_out_without_asking(
    asked: Asked, authority: Scripted, signed_in: Session, clock: Clock
) -> None:
    authority.exchanges = [issued("t1")]
    first = renewal.credential(asked, authority)
    clock.at += timedelta(minutes=8)
    assert renewal.credential(asked, authority).token.reveal() == "t1"
    assert authority.asked == ["exchange a1 lab"]
    assert first.expires_at == NOW + QUARTER - timedelta(minutes=1)


def test_under_six_minutes_it_is_renewed(
    asked: Asked, authority: Scripted, signed_in: Session, clock: Clock
) -> None:
    authority.exchanges = [issued("t1"), issued("t2")]
    renewal.credential(asked, authority)
    clock.at += timedelta(minutes=8, seconds=1)
    assert renewal.credential(asked, authority).token.reveal() == "t2"


def test_the_rotated_token_is_on_disk_before_the_next_request(
    asked: Asked, authority: Scripted, signed_in: Session, clock: Clock
) -> None:
    clock.at += timedelta(minutes=30)
    authority.refreshes, authority.exchanges = [refreshed(2)], [issued("t")]
    renewal.credential(asked, authority)
    assert authority.asked == ["refresh r1", "exchange a2 lab"]
    assert authority.saved == ["r2"]


def test_a_crash_between_rotation_and_exchange_costs_no_session(
    asked: Asked, authority: Scripted, signed_in: Session, clock: Clock
) -> None:
    clock.at += timedelta(minutes=30)
    authority.refreshes = [refreshed(2)]
    with pytest.raises(IndexError):
        renewal.credential(asked, authority)
    authority.exchanges = [issued("t")]
    assert renewal.credential(asked, authority).token.reveal() == "t"
    assert authority.asked[-1] == "exchange a2 lab"


def test_an_access_token_that_is_not_taken_any_more_is_refreshed(
    asked: Asked, authority: Scripted, signed_in: Session
) -> None:
    authority.exchanges = [Dead(reason="no"), issued("t")]
    authority.refreshes = [refreshed(2)]
    assert renewal.credential(asked, authority).token.reveal() == "t"


def test_a_dead_session_is_deleted_and_remembered(
    asked: Asked, authority: Scripted, signed_in: Session, clock: Clock, folders: Folders
) -> None:
    clock.at += timedelta(hours=1)
    authority.refreshes = [Dead(reason="revoked")]
    with pytest.raises(NotSignedIn, match=r"session for alice at .* ended 0 s ago"):
        renewal.credential(asked, authority)
    clock.at += timedelta(hours=2)
    with pytest.raises(NotSignedIn, match="ended 2 h ago"):
        renewal.credential(asked, authority)
    assert authority.asked == ["refresh r1"]
    assert store.load(folders, issuer=ISSUER, profile="default") is None


def test_an_outage_hands_out_the_old_token_while_it_works(
    asked: Asked, authority: Scripted, signed_in: Session, clock: Clock, notes: list[str]
) -> None:
    authority.exchanges = [issued("t1"), Unanswered(reason="gone")]
    renewal.credential(asked, authority)
    clock.at += timedelta(minutes=8, seconds=30)
    assert renewal.credential(asked, authority).token.reveal() == "t1"
    assert "gone" in notes[0]


def test_an_outage_without_a_working_token_is_unreachable_and_keeps_the_session(
    asked: Asked, authority: Scripted, signed_in: Session, clock: Clock, folders: Folders
) -> None:
    clock.at += timedelta(hours=1)
    authority.refreshes = [Unanswered(reason="gone")]
    with pytest.raises(Unreachable, match="gone"):
        renewal.credential(asked, authority)
    assert store.load(folders, issuer=ISSUER, profile="default") is not None


def test_no_right_there_is_said_and_keeps_the_session(
    asked: Asked, authority: Scripted, signed_in: Session, folders: Folders
) -> None:
    authority.exchanges = [Refused(reason="ask carol")]
    with pytest.raises(Forbidden, match="ask carol"):
        renewal.credential(asked, authority)
    assert store.load(folders, issuer=ISSUER, profile="default") is not None


def test_nobody_signed_in(asked: Asked, authority: Scripted) -> None:
    with pytest.raises(NotSignedIn, match="Not signed in"):
        renewal.credential(asked, authority)
    assert authority.asked == []


def test_a_cache_that_cannot_be_written_does_not_withhold_the_token(
    asked: Asked,
    authority: Scripted,
    signed_in: Session,
    notes: list[str],
    folders: Folders,
) -> None:
    folders.credentials.write_text("a file stands where the folder belongs")
    authority.exchanges = [issued("t")]
    assert renewal.credential(asked, authority).token.reveal() == "t"
    assert "Cannot write" in notes[0]


def test_no_place_to_save_means_no_rotation(
    asked: Asked,
    authority: Scripted,
    signed_in: Session,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(*_: object) -> None:
        raise files.CannotWrite("the disk is full")

    clock.at += timedelta(hours=1)
    monkeypatch.setattr(files, "_write_all", full)
    with pytest.raises(files.CannotWrite):
        renewal.credential(asked, authority)
    assert authority.asked == []


def test_no_place_to_save_hands_out_the_old_token_while_it_works(
    asked: Asked,
    authority: Scripted,
    signed_in: Session,
    clock: Clock,
    folders: Folders,
    notes: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(*_: object) -> None:
        raise files.CannotWrite("the disk is full")

    clock.at += timedelta(hours=1)
    left = credentials.Credential(token=Secret("t1"), expires_at=clock.at + timedelta(minutes=2))
    credentials.save(folders, asked.key, left)
    monkeypatch.setattr(files, "_write_all", full)
    assert renewal.credential(asked, authority).token.reveal() == "t1"
    assert "the disk is full" in notes[0]


@pytest.mark.parametrize("minutes", [-5, 5])
def test_a_clock_five_minutes_off_is_no_trouble(
    asked: Asked, authority: Scripted, signed_in: Session, clock: Clock, minutes: int
) -> None:
    """The token was got with a wrong clock, which was then set right."""
    clock.at += timedelta(minutes=minutes)
    authority.exchanges = [issued("t1"), issued("t2")]
    renewal.credential(asked, authority)
    clock.at -= timedelta(minutes=minutes)
    found = renewal.credential(asked, authority)
    real_expiry = clock.at + QUARTER if found.token.reveal() == "t2" else NOW + QUARTER
    assert found.is_fresh(clock.at)
    assert clock.at < real_expiry


def test_a_document_from_a_far_future_is_not_believed(
    asked: Asked, authority: Scripted, signed_in: Session, clock: Clock, folders: Folders
) -> None:
    far = credentials.Credential(token=Secret("t0"), expires_at=NOW + timedelta(hours=5))
    credentials.save(folders, asked.key, far)
    authority.exchanges = [issued("t1")]
    assert renewal.credential(asked, authority).token.reveal() == "t1"
