"""Says when this machine's clock and the server's are apart; tokens live by both."""

from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from labpass.commands import output

TOLERATED: Final = timedelta(minutes=2)


def compare(dated: str | None, *, now: datetime) -> None:
    """Compare with the ``Date`` of an answer and tell the person when they are minutes apart."""
    try:
        apart = now - parsedate_to_datetime(dated or "")
    except (ValueError, TypeError):
        return
    if abs(apart) > TOLERATED:
        minutes = round(abs(apart).total_seconds() / 60)
        where = "ahead of" if apart > timedelta(0) else "behind"
        output.words(f"This machine's clock is {minutes} min {where} the server's. Set it right.")
