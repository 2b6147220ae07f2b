"""A taken port is said before anything is started, with the variable that chooses another."""

from __future__ import annotations

import os
import socket

import pytest

from gridgov.platform.errors import BadInput
from gridgov.platform.ports import PortIsTaken, require_free


@pytest.mark.parametrize("asked", ["127.0.0.1", "0.0.0.0", "localhost"])
def test_a_listener_is_noticed_and_named(asked: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(PortIsTaken) as caught:
            require_free(asked, port)
        assert caught.value.field == "GRIDGOV_PORT"
        assert f"GRIDGOV_PORT={port + 1}" in str(caught.value)
    require_free(asked, port)  # the control: closed, it is free again, and asking did not take it
    require_free(asked, port)


def test_a_listener_on_every_address_is_noticed() -> None:
    with socket.create_server(("0.0.0.0", 0)) as listener, pytest.raises(PortIsTaken):
        require_free("127.0.0.1", listener.getsockname()[1])


@pytest.mark.parametrize("host", ["host.invalid", "192.0.2.1"], ids=["no address", "not of this machine"])
def test_an_address_that_cannot_be_used_names_the_host(host: str) -> None:
    with pytest.raises(BadInput) as caught:
        require_free(host, 8000)
    assert caught.value.field == "GRIDGOV_HOST"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may open every port")
def test_a_port_for_root_alone() -> None:
    with pytest.raises(BadInput, match="root"):
        require_free("127.0.0.1", 80)
