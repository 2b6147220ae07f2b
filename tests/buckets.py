"""A real server that speaks S3, on a free port of the loopback address."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from moto.server import ThreadedMotoServer

from gridgov.platform.storage import Bucket, Storage


@contextmanager
def s3_server() -> Iterator[str]:
    """Its address; with a bucket `photos`, empty."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    try:
        httpx.post(f"{address}/moto-api/reset").raise_for_status()
        httpx.put(f"{address}/photos").raise_for_status()
        yield address
    finally:
        server.stop()


def bucket(address: str, *, prefix: str = "city/one") -> Storage:
    """A storage in that bucket."""
    return Storage.in_bucket(Bucket.at(f"s3://photos/{prefix}", endpoint=address, key_id="key", secret="a secret"))
