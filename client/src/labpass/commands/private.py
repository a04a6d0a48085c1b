"""Files for the person alone: what is written for them has mode 0600 from its first byte."""

import json
import os
import secrets
from pathlib import Path

from labpass.api.fields import Document
from labpass.problems import Problem


def write(path: Path, document: Document) -> None:
    """Write a document as JSON in one piece; an older file of that name is replaced."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w") as file:
                json.dump(document, file, indent=2)
                file.write("\n")
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as e:
        raise Problem(f"Cannot write {path}: {e.strerror}.") from e
