"""Types of fields, with limits: nothing that a database or a clock cannot hold gets past them."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints


class Body(BaseModel):
    """A body with exactly the fields it names."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Answer(BaseModel):
    """An answer; built from our own values, so nothing is checked twice."""

    model_config = ConfigDict(frozen=True)


def _clean(text: str) -> str:
    """No control characters (PostgreSQL refuses NUL) and no half of a surrogate pair."""
    if any(ord(each) < ord(" ") and each not in "\n\t" for each in text):
        raise ValueError("control characters are not allowed")
    if any("\ud800" <= each <= "\udfff" for each in text):
        raise ValueError("not text")
    return text


def _utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("outside of the calendar") from error


Word = Annotated[str, Field(strict=True, max_length=63), AfterValidator(_clean)]
"""A name: each use case says what it takes."""
Line = Annotated[str, Field(strict=True, max_length=1024), AfterValidator(_clean)]
"""A line of words."""
Document = Annotated[str, Field(strict=True, max_length=65536), AfterValidator(_clean)]
"""Certificates in PEM."""
Hidden = Annotated[str, Field(strict=True, min_length=1, max_length=16384), AfterValidator(_clean)]
"""A secret text."""
Flag = Annotated[bool, Field(strict=True)]
Moment = Annotated[AwareDatetime, AfterValidator(_utc)]
"""A moment with its zone, turned to UTC."""
InPath = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,128}$")]
"""A name or id in an address; anything else names no thing."""
