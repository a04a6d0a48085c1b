"""The testbed's people at desks of their own."""

import hashlib
import ssl
from pathlib import Path

from testbed.desk import Desk
from testbed.document import Document


def seat(document: Document, root: Path, handle: str) -> Desk:
    """Sign one of the testbed's people in at a desk below ``root``."""
    labpass = document.labpass
    assert labpass is not None
    accounts = (labpass.admin, *document.people)
    [account] = [one for one in accounts if one.handle == handle]
    pin = hashlib.sha256(ssl.PEM_cert_to_DER_cert(labpass.ca.read_text())).hexdigest()
    desk = Desk(home=root / handle, programs=()).sit()
    login = ("labpass", "login", "--server", f"{labpass.issuer}#sha256:{pin}", "-u", handle)
    desk.ask(*login, "--password-stdin", stdin=f"{account.password_file.read_text()}\n")
    return desk
