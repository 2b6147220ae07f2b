"""A server for bench_guards, in a process of its own: `guarded`, as `gridgov serve` runs it, or `bare`.

`bare` has neither the guards around a request, nor the log of requests, nor our own protocol: uvicorn as it comes.
"""

from __future__ import annotations

import sys
from pathlib import Path

import uvicorn

from gridgov.api.app import create_app
from gridgov.api.guards import Bounded, Observed
from gridgov.bootstrap import build
from gridgov.cli import wire
from gridgov.platform import logs
from tests.bench.demo import free_port


def main(kind: str, url: str, city: str, home: str) -> None:
    house = build(url, city, Path(home))
    app = create_app(house)
    port = free_port()
    if kind == "guarded":
        logs.configure("info", "json")
        config = wire.config(app, "127.0.0.1", port)
    else:
        guards: set[object] = {Bounded, Observed}
        app.user_middleware = [one for one in app.user_middleware if one.cls not in guards]
        config = uvicorn.Config(app, host="127.0.0.1", port=port, log_level="critical", access_log=False)
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    uvicorn.Server(config).run()


if __name__ == "__main__":
    main(*sys.argv[1:])
