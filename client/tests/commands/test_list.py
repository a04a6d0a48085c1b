"""What `labpass list` may import: people run it all day, and each library is time before a line."""

import subprocess
import sys

ALLOWED = {"certifi", "click", "h11", "httpcore2", "httpx2", "idna", "labpass", "truststore"}
SCRIPT = """
import sys
before = set(sys.modules)
import labpass.__main__
import labpass.commands.list
loaded = {name.partition(".")[0] for name in set(sys.modules) - before}
print(*sorted(loaded - set(sys.stdlib_module_names)))
"""


def test_the_list_imports_a_counted_few_libraries() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True
    )
    assert set(done.stdout.split()) <= ALLOWED | {"typing_extensions"}
