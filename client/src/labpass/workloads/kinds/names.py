"""Names as Kubernetes takes them, checked before anything is sent."""

import re
from typing import Final

from labpass.workloads.kinds.invalid import InvalidWorkload

LABEL_LENGTH: Final = 63
SUBDOMAIN_LENGTH: Final = 253
IMAGE_LENGTH: Final = 512
_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_SUBDOMAIN = re.compile(rf"{_LABEL.pattern}(\.{_LABEL.pattern})*")
_ENVIRONMENT = re.compile(r"[-._a-zA-Z][-._a-zA-Z0-9]*")
_IMAGE = re.compile(r"[\w][\w.\-]*(:\d+)?(/[\w][\w.\-]*)*(:[\w][\w.\-]*)?(@[\w:+.\-]+)?", re.ASCII)


def check_label(field: str, value: str) -> str:
    """Return ``value`` if it is a DNS label (RFC 1123): what a job's name must be.

    Pods and their labels are named after a job, and a label's value holds no more than 63.
    """
    if len(value) <= LABEL_LENGTH and _LABEL.fullmatch(value):
        return value
    raise InvalidWorkload(field, _unfit(value, LABEL_LENGTH, "letters a-z, digits and -"))


def check_subdomain(field: str, value: str) -> str:
    """Return ``value`` if it is a DNS subdomain: what most other objects may be named."""
    if len(value) <= SUBDOMAIN_LENGTH and _SUBDOMAIN.fullmatch(value):
        return value
    raise InvalidWorkload(field, _unfit(value, SUBDOMAIN_LENGTH, "letters a-z, digits, - and ."))


def check_environment(field: str, value: str) -> str:
    """Return ``value`` if every supported Kubernetes takes it as an environment variable's name."""
    if _ENVIRONMENT.fullmatch(value) and value != "." and not value.startswith(".."):
        return value
    raise InvalidWorkload(
        field,
        f"{value!r} is no variable name: letters, digits, _ - and ., not starting with a digit",
    )


def check_image(field: str, value: str) -> str:
    """Return ``value`` if it is shaped as an image reference; whether it exists is not asked."""
    if len(value) <= IMAGE_LENGTH and _IMAGE.fullmatch(value):
        return value
    raise InvalidWorkload(field, f"{value!r} is no image reference, such as ghcr.io/lab/train:v3")


def fitting(value: str) -> str:
    """Return the DNS label nearest to ``value``, empty where nothing of it can be used."""
    return re.sub(r"[^a-z0-9]+", "-", value.lower()).strip("-")[:LABEL_LENGTH].rstrip("-")


def _unfit(value: str, length: int, letters: str) -> str:
    if not value:
        return "is empty"
    if len(value) > length:
        return f"has {len(value)} characters, at most {length} fit"
    meant = fitting(value)
    hint = f"; {meant!r} would do" if meant else ""
    return f"{value!r} is no name: {letters}, starting and ending with a letter or digit{hint}"
