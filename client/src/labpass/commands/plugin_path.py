"""Where the plugin stands: beside the Python that runs us. kubectl's PATH may be another one."""

import shutil
import sys
from pathlib import Path

from labpass.kubeconfig.document import PLUGIN


def find() -> str:
    """Return the absolute path of the plugin; its bare name where it was not installed with us."""
    name = f"{PLUGIN}-py.exe" if sys.platform == "win32" else PLUGIN
    beside = Path(sys.executable).parent / name
    if beside.exists():
        return str(beside)
    return shutil.which(name) or name
