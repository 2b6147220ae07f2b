"""A slow line in front of a server: so many bits a second, so long there and back, for everything that goes through it.

Owns the line. A browser's own throttling does not reach what workers fetch (each is a target of its own), and a map's
tiles are fetched by workers; what goes through here is slow whoever asks. A new connection costs two journeys there and
back before its first byte, as TCP and TLS 1.3 do.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

PIECE, AHEAD = 4096, 32
QUEUE_S = (
    0.15  # what waits in front of the narrow place; more is not taken from whoever sends, as on a line that is tuned
)


@dataclass(frozen=True)
class Line:
    """Bits a second down and up, and milliseconds there and back."""

    down_bps: float
    up_bps: float
    rtt_ms: float


SLOW_4G = Line(1.6e6, 750e3, 150.0)


@dataclass
class _Lane:
    """One direction, shared by all connections: free again at `free_s`."""

    bytes_s: float
    free_s: float = 0.0

    async def room(self, loop: asyncio.AbstractEventLoop) -> None:
        """Waits until the queue in front of it is short; who waits takes turns."""
        while (ahead := self.free_s - loop.time() - QUEUE_S) > 0:
            await asyncio.sleep(ahead)

    def due(self, now: float, size: int, half_s: float) -> float:
        self.free_s = max(self.free_s, now) + size / self.bytes_s
        return self.free_s + half_s


@contextmanager
def behind(port: int, line: Line = SLOW_4G) -> Iterator[int]:
    """The port at which the server of `port` is reached over the line."""
    loop = asyncio.new_event_loop()
    started: list[asyncio.Server] = []
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    lanes = _Lane(line.down_bps / 8), _Lane(line.up_bps / 8)

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.CancelledError):  # the line was taken away
            await carried(reader, writer)

    async def carried(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        half = line.rtt_ms / 2e3
        server_reader, server_writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.sleep(4 * half)
        await asyncio.gather(
            _carry(reader, server_writer, lanes[1], half), _carry(server_reader, writer, lanes[0], half)
        )

    async def begin() -> None:
        started.append(await asyncio.start_server(one, "127.0.0.1", 0))

    asyncio.run_coroutine_threadsafe(begin(), loop).result()
    try:
        yield int(started[0].sockets[0].getsockname()[1])
    finally:
        asyncio.run_coroutine_threadsafe(_ended(started[0]), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _ended(server: asyncio.Server) -> None:
    """No more come, and what is still carried is dropped."""
    server.close()
    carrying = asyncio.all_tasks() - {asyncio.current_task()}
    for one in carrying:
        one.cancel()
    await asyncio.gather(*carrying, return_exceptions=True)


async def _carry(source: asyncio.StreamReader, to: asyncio.StreamWriter, lane: _Lane, half_s: float) -> None:
    loop = asyncio.get_running_loop()
    waiting: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(AHEAD)

    async def deliver() -> None:
        while True:
            due, piece = await waiting.get()
            await asyncio.sleep(max(0.0, due - loop.time()))
            if not piece:
                break
            to.write(piece)
            await to.drain()
        to.close()

    delivering = asyncio.create_task(deliver())
    with suppress(ConnectionError):
        while piece := await source.read(PIECE):
            await lane.room(loop)
            await waiting.put((lane.due(loop.time(), len(piece), half_s), piece))
    await waiting.put((lane.due(loop.time(), 0, half_s), b""))
    with suppress(ConnectionError):
        await delivering
