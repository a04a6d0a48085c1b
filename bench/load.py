"""The load: refresh grants over kept connections, in a process of its own.

    python load.py < spec.json > result.json

Each client holds one refresh token, presents it, and goes on with its successor: never two requests
for one session at a time, as with people. Written on asyncio's streams alone, so that it takes a
tenth of the processor time of what it measures.
"""

import asyncio
import json
import ssl
import sys
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

MOST_GRANTS = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """What to send where; ``forms`` is one body a client, without its refresh token."""

    url: str
    ca: str | None
    forms: list[dict[str, str]]
    tokens: list[str]
    warm_up: float
    seconds: float


class Client:
    """One session on one connection."""

    def __init__(self, spec: Spec, number: int) -> None:
        self._where = urlsplit(spec.url)
        self._context = ssl.create_default_context(cadata=spec.ca) if spec.ca else None
        self._form = spec.forms[number]
        self.token = spec.tokens[number]
        self.took: list[tuple[float, float]] = []

    async def run(self, until: float) -> None:
        """Refresh until the time has come; every answer must be a good one."""
        where = self._where
        reader, writer = await asyncio.open_connection(
            where.hostname, where.port, ssl=self._context
        )
        try:
            while (begun := time.perf_counter()) < until and len(self.took) < MOST_GRANTS:
                writer.write(self._request())
                self.token = await self._answer(reader)
                self.took.append((begun, time.perf_counter() - begun))
        finally:
            writer.close()

    def _request(self) -> bytes:
        body = urlencode({**self._form, "refresh_token": self.token})
        head = (
            f"POST {self._where.path} HTTP/1.1\r\nHost: {self._where.netloc}\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        return (head + body).encode()

    @staticmethod
    async def _answer(reader: asyncio.StreamReader) -> str:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        status, *lines = head.split("\r\n")
        headers = {
            name.lower(): value.strip()
            for name, _, value in (line.partition(":") for line in lines)
        }
        body = await _body(reader, headers)
        if " 200 " not in f"{status} ":
            raise RuntimeError(f"{status}: {body[:300]!r}")
        answer: dict[str, Any] = json.loads(body)
        if not answer["id_token"]:
            raise RuntimeError("an answer without an ID token is not what is measured")
        return str(answer["refresh_token"])


async def _body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
    if "content-length" in headers:
        return await reader.readexactly(int(headers["content-length"]))
    parts = []
    while size := int(await reader.readline(), 16):
        parts.append(await reader.readexactly(size))
        await reader.readline()
    await reader.readline()
    return b"".join(parts)


async def measure(spec: Spec) -> dict[str, Any]:
    """Return how many grants there were after the warm-up, and how long they took."""
    clients = [Client(spec, number) for number in range(len(spec.tokens))]
    at_start = time.process_time()
    begun = time.perf_counter()
    measured_from = begun + spec.warm_up
    await asyncio.gather(*(client.run(measured_from + spec.seconds) for client in clients))
    took = sorted(
        seconds for client in clients for at, seconds in client.took if at >= measured_from
    )
    passed = time.perf_counter() - measured_from
    return {
        "grants": len(took),
        "all_grants": sum(len(client.took) for client in clients),
        "per_second": len(took) / passed,
        "p50_ms": took[len(took) // 2] * 1000,
        "p99_ms": took[int(len(took) * 0.99)] * 1000,
        "cpu_seconds": time.process_time() - at_start,
        "tokens": [client.token for client in clients],
    }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(measure(Spec(**json.load(sys.stdin))))))
