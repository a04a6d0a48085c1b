"""The log: structured, on standard error, for people at a terminal and JSON for everything else.

What may be in it is decided where it is written; this file only shapes it. Requests are recorded
by `record`, which knows no address but the pattern of the route that matched.
"""

import logging
import sys
from typing import Final

import structlog

from labpass_server.settings import LogFormat

_QUIET: Final = ("uvicorn", "uvicorn.error", "uvicorn.access", "alembic", "asyncio", "httpx2")

# Never with local variables, which hold passwords and tokens.
_TRACEBACKS: Final = structlog.processors.ExceptionRenderer(
    structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
)


def set_up(wanted: LogFormat | None) -> None:
    """Configure structlog and take over what libraries log from warnings up."""
    is_console = wanted is LogFormat.CONSOLE or (wanted is None and sys.stderr.isatty())
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[structlog.typing.Processor] = (
        [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
        if is_console
        else [_TRACEBACKS, structlog.processors.JSONRenderer()]
    )
    structlog.configure(
        processors=[*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
            foreign_pre_chain=shared,
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    for name in _QUIET:
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
