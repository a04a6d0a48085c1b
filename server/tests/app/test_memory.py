import subprocess
import sys

import pytest

AFTER_HASHING = """
import asyncio, re
from pathlib import Path
from labpass.secret import Secret
from labpass_server.app import memory
from labpass_server.hashing import passwords

def resident():
    return int(re.search(r"VmRSS:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])

async def hash_some(hasher):
    await asyncio.gather(*(hasher.hash(Secret("correct horse")) for _ in range(8)))

memory.give_back()
before = resident()
asyncio.run(hash_some(passwords.Passwords(passwords.FLOOR_KIB, cores=4)))
print(resident() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's allocator")
def test_what_hashing_took_is_given_back() -> None:
    done = subprocess.run(
        [sys.executable, "-c", AFTER_HASHING], check=True, capture_output=True, text=True
    )
    assert int(done.stdout) < 16 * 1024
