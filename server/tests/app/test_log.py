import json
import logging

import pytest
import structlog

from labpass.secret import Secret
from labpass_server.app import log
from labpass_server.settings import LogFormat

pytestmark = pytest.mark.usefixtures("logging_restored")


def fail(password: str) -> None:
    raise RuntimeError(f"failed for {len(password)} characters")


@pytest.mark.parametrize("kind", list(LogFormat))
def test_a_traceback_never_holds_local_variables(
    kind: LogFormat, capsys: pytest.CaptureFixture[str]
) -> None:
    log.set_up(kind)
    try:
        fail("hunter2")
    except RuntimeError as error:
        structlog.get_logger().error("failed", exc_info=error)
    written = capsys.readouterr().err
    assert "failed for 7 characters" in written
    assert "hunter2" not in written.replace('fail("hunter2")', "")


def test_json_is_one_document_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    log.set_up(LogFormat.JSON)
    structlog.get_logger().info("ready", issuer="https://x.org")
    logging.getLogger("uvicorn.error").warning("Invalid HTTP request received.")
    logging.getLogger("uvicorn.error").info("Started server process")
    first, second = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert first["issuer"] == "https://x.org"
    assert first["timestamp"].endswith("Z")
    assert second["event"] == "Invalid HTTP request received."


def test_a_secret_is_not_written_even_by_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    log.set_up(LogFormat.JSON)
    structlog.get_logger().info("oops", token=Secret("hunter2"))
    assert "hunter2" not in capsys.readouterr().err


def test_what_is_not_a_terminal_gets_json(capsys: pytest.CaptureFixture[str]) -> None:
    log.set_up(None)
    structlog.get_logger().info("ready")
    assert json.loads(capsys.readouterr().err)["event"] == "ready"
