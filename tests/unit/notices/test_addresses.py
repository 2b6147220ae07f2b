"""Where webhooks may go: by name, by number, and by what hides inside a number."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from gridgov.notices.addresses import Allowed, BadUrl, HostNotAllowed, is_public, real

ALLOWED = Allowed.of("hooks.example.org, *.city.example, 10.1.2.3, 8.8.8.8", "10.1.0.0/16")


@pytest.mark.parametrize(
    "url", ["https://hooks.example.org/x?y=1", "https://HOOKS.example.org:8443/", "https://a.b.city.example/",
            "https://10.1.2.3/", "http://10.1.2.3:8080/x"]
)  # fmt: skip
def test_allowed(url: str) -> None:
    assert ALLOWED.check(url).hostname


@pytest.mark.parametrize(
    "url", ["https://city.example/", "https://evilcity.example/", "https://hooks.example.org.evil.example/",
            "https://10.1.2.4/", "https://hooks.example.org@evil.example/"]
)  # fmt: skip
def test_hosts_that_are_not_on_the_list(url: str) -> None:
    with pytest.raises((HostNotAllowed, BadUrl)):
        ALLOWED.check(url)


@pytest.mark.parametrize(
    "url",
    [
        "", "https://", "ftp://hooks.example.org/", "//hooks.example.org/", "https://u:p@hooks.example.org/",
        "https://hooks.example.org:99999/", "https://hooks.example.org:0/", "https://hooks.example.org/ x",
        "https://hooks.example.org/\n", "https://hooks.example.org/例", "http://hooks.example.org/",
        "http://8.8.8.8/", "https://hooks.example.org/" + "x" * 600,
    ],
)  # fmt: skip
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(BadUrl):
        ALLOWED.check(url)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "198.18.0.1", "224.0.0.1", "255.255.255.255", "240.0.0.1", "::1", "::", "fe80::1", "fc00::1", "fec0::1",
        "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::",
        "2001:0:0:0:0:0:80ff:fffe",
    ],
)  # fmt: skip
def test_what_is_not_public(address: str) -> None:
    assert not is_public(real(ip_address(address)))
    with pytest.raises(HostNotAllowed):
        Allowed().require(["8.8.8.8", address])


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_what_is_public(address: str) -> None:
    Allowed().require([address])


def test_a_network_can_be_allowed_explicitly_and_no_other_with_it() -> None:
    ALLOWED.require(["10.1.200.1", "::ffff:10.1.0.1"])
    with pytest.raises(HostNotAllowed):
        ALLOWED.require(["10.2.0.1"])


def test_without_a_list_nothing_is_allowed() -> None:
    with pytest.raises(HostNotAllowed):
        Allowed().check("https://example.org/")
