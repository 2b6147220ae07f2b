"""Settings come from the environment, with errors that name the variable, the value and the remedy."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gridgov.platform.settings import PREFIX, REMEDIES, SettingIsBad, Settings, default_home


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)


def test_defaults() -> None:
    settings = Settings.load()
    assert (settings.host, settings.port, settings.city, settings.log_level) == ("127.0.0.1", 8000, "demo", "info")
    assert (settings.database_url, settings.realdata) == (None, None)
    assert settings.home == default_home()


def test_each_is_read_from_its_variable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    home, certificates = tmp_path / "数据 folder" / "x", tmp_path / "city.pem"
    certificates.touch()
    given = {
        "HOME": str(home),
        "HOST": "0.0.0.0",
        "PORT": "8123",
        "WORKERS": "3",
        "CITY": "hongchuan_2",
        "CITIES": " east , west",
        "DATABASE_URL": "postgres://me:secret@db:5432/g",
        "APP_DATABASE_URL": "postgres://gridgov_app:secret@pooler:6432/g",
        "PUBLIC_MIN_COUNT": "7",
        "REALDATA": str(tmp_path),
        "LOG_LEVEL": "DEBUG",
        "LOG_FORMAT": "json",
        "PROXIES": "127.0.0.1, 10.0.0.0/24",
        "LIMITS": "token=600/1m",
        "METRICS": "token",
        "INTAKE": "plain",
        "PUBLIC_URL": "https://grid.example.gov.cn/",
        "OIDC_ISSUER": "https://login.example.gov.cn",
        "OIDC_CLIENT_ID": "gridgov",
        "OIDC_CLIENT_SECRET": "a secret of the client",
        "STORAGE": "s3://photos/city",
        "STORAGE_ENDPOINT": "https://s3.example:9000/",
        "STORAGE_REGION": "cn-north-1",
        "STORAGE_KEY_ID": "AK",
        "STORAGE_SECRET": "a secret of the bucket",
        "WEBHOOK_HOSTS": "hooks.example.gov.cn,*.example.org",
        "WEBHOOK_NETWORKS": "10.20.0.0/16, 192.168.1.1",
        "WEBHOOK_AUTHORITIES": str(certificates),
        "MAIL_SERVER": "smtp+starttls://mail.example:587",
        "MAIL_FROM": "grid@example.gov.cn",
        "MAIL_USER": "grid",
        "MAIL_PASSWORD": "a secret of the post",
        "MAIL_AUTHORITIES": str(certificates),
        "SMS": "post:https://sms.example/send?key=secret&to={phone}&text={text}",
        "SMS_TOKEN": "a secret of the gateway",
        "BASEMAP_URL": "https://t{s}.tiles.example/{z}/{x}/{y}?tk={key}",
        "BASEMAP_KEY": "a secret of the provider",
        "BASEMAP_DATUM": "gcj02",
        "BASEMAP_ATTRIBUTION": "© somebody",
        "BASEMAP_APPROVAL": "GS（2026）0001号",
        "BASEMAP_MAX_ZOOM": "17",
        "BASEMAP_SUBDOMAINS": "0,1",
        "BASEMAP_NETWORKS": "10.20.0.0/16",
        "BASEMAP_AUTHORITIES": str(certificates),
        "BASEMAP_CACHE_MB": "64",
        "BASEMAP_KEEP_DAYS": "3",
    }
    assert {name.lower() for name in given} == set(Settings.model_fields) == set(REMEDIES)
    for name, value in given.items():
        monkeypatch.setenv(PREFIX + name, value)
    settings = Settings.load()
    assert settings.home == home
    assert not home.exists(), "reading settings makes nothing"
    assert (settings.host, settings.port, settings.city) == ("0.0.0.0", 8123, "hongchuan_2")
    assert settings.cities == "east,west"
    assert settings.database_url == "postgresql+psycopg://me:secret@db:5432/g"
    assert (settings.realdata, settings.log_level) == (tmp_path, "debug")
    assert (settings.log_format, settings.metrics, settings.limits) == ("json", "token", "token=600/1m")
    assert settings.proxies == "127.0.0.1,10.0.0.0/24"
    assert (settings.storage, settings.storage_endpoint) == ("s3://photos/city", "https://s3.example:9000")
    assert (settings.storage_region, settings.storage_key_id) == ("cn-north-1", "AK")
    assert settings.storage_secret == "a secret of the bucket"
    assert (settings.public_url, settings.oidc_issuer) == (
        "https://grid.example.gov.cn",
        "https://login.example.gov.cn",
    )
    assert (settings.oidc_client_id, settings.oidc_client_secret) == ("gridgov", "a secret of the client")
    assert (settings.webhook_hosts, settings.webhook_networks) == (given["WEBHOOK_HOSTS"], "10.20.0.0/16,192.168.1.1")
    assert (settings.mail_server, settings.mail_from, settings.sms) == (
        given["MAIL_SERVER"],
        given["MAIL_FROM"],
        given["SMS"],
    )
    assert (settings.basemap_url, settings.basemap_datum) == (given["BASEMAP_URL"], "gcj02")
    assert (settings.basemap_max_zoom, settings.basemap_cache_mb, settings.basemap_keep_days) == (17, 64, 3)
    assert "secret" not in repr(settings)


def test_an_option_goes_before_the_variable_and_none_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRIDGOV_PORT", "8001")
    assert Settings.load(port=8002).port == 8002
    assert Settings.load(port=None).port == 8001


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRIDGOV_PORT", "")
    monkeypatch.setenv("GRIDGOV_DATABASE_URL", "")
    assert Settings.load().port == 8000
    assert Settings.load().database_url is None


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("PORT", "80x", "80x"),
        ("PORT", "0", "greater than or equal to 1"),
        ("PORT", "70000", "less than or equal to 65535"),
        ("HOME", "/dev/null/x", "is not a folder"),
        ("HOME", "a\nb", "line break"),
        ("CITY", "9x", "cannot name a city's schema"),
        ("CITY", "public", "cannot name a city's schema"),
        ("CITY", "x'; drop schema demo", "cannot name a city's schema"),
        ("REALDATA", "/nowhere/at/all", "no such folder"),
        ("LOG_LEVEL", "loud", "'debug', 'info', 'warning' or 'error'"),
        ("LOG_FORMAT", "xml", "'auto', 'json' or 'text'"),
        ("METRICS", "all", "'local' or 'token'"),
        ("PROXIES", "*", "IPv4 or IPv6 network"),
        ("PROXIES", "127.0.0.1,proxy.example", "IPv4 or IPv6 network"),
        ("PUBLIC_URL", "grid.example.gov.cn", "no address of a site"),
        ("PUBLIC_URL", "https://grid.example.gov.cn/app", "no address of a site"),
        ("STORAGE", "/srv/photos", "speaks S3"),
        ("STORAGE", "s3://Photos", "speaks S3"),
        ("STORAGE_ENDPOINT", "s3.example", "no address of a server"),
        ("STORAGE_ENDPOINT", "https://me:pass@s3.example", "no address of a server"),
        ("STORAGE_REGION", "north 1", "should match pattern"),
        ("WEBHOOK_HOSTS", "*", "no name of a host"),
        ("WEBHOOK_HOSTS", "https://hooks.example.org", "no name of a host"),
        ("WEBHOOK_NETWORKS", "intranet", "IPv4 or IPv6 network"),
        ("WEBHOOK_AUTHORITIES", "/nowhere.pem", "no such file"),
        ("MAIL_SERVER", "mail.example", "no address of a mail server"),
        ("MAIL_SERVER", "smtp://me:pass@mail.example", "no address of a mail server"),
    ],
)
def test_a_bad_value_is_named_with_its_remedy(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str
) -> None:
    monkeypatch.setenv(PREFIX + name, value)
    with pytest.raises(SettingIsBad) as caught:
        Settings.load()
    assert caught.value.field == PREFIX + name
    assert says in caught.value.detail
    assert repr(value) in caught.value.detail
    assert caught.value.remedy == REMEDIES[name.lower()]
    assert str(caught.value).startswith(f"{PREFIX}{name}: ")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"MAIL_SERVER": "smtp://mail.example"}, "without a sender"),
        ({"MAIL_FROM": "grid@example.org"}, "without a server"),
        ({"MAIL_SERVER": "smtp://mail.example", "MAIL_FROM": "grid"}, "no address of mail"),
        ({"MAIL_USER": "grid"}, "without a password"),
        ({"SMS": "spool:sms"}, "from the root"),
        ({"SMS": "https://sms.example/?to={phone}"}, "neither a folder nor an address"),
    ],
)
def test_what_does_not_go_together_is_refused(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], says: str
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(PREFIX + name, value)
    with pytest.raises(SettingIsBad, match=says) as caught:
        Settings.load()
    assert caught.value.remedy in REMEDIES.values()


@pytest.mark.parametrize("missing", ["PUBLIC_URL", "OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"])
def test_a_provider_needs_all_its_settings(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    given = {
        "PUBLIC_URL": "https://grid.example.gov.cn",
        "OIDC_ISSUER": "https://login.example.gov.cn",
        "OIDC_CLIENT_ID": "gridgov",
        "OIDC_CLIENT_SECRET": "a secret of the client",
    }
    for name, value in given.items():
        monkeypatch.setenv(PREFIX + name, value)
    assert Settings.load().oidc_issuer
    monkeypatch.delenv(PREFIX + missing)
    with pytest.raises(SettingIsBad, match="some are missing") as caught:
        Settings.load()
    assert "a secret of the client" not in str(caught.value)


@pytest.mark.parametrize("url", ["mysql://me:secret@db/g", "me:secret@db/g", "sqlite:///secret.db"])
def test_another_kind_of_database_is_refused_and_its_password_not_repeated(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("GRIDGOV_DATABASE_URL", url)
    with pytest.raises(SettingIsBad, match="Only a PostgreSQL database") as caught:
        Settings.load()
    assert "secret" not in str(caught.value)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_home_that_cannot_be_written_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    monkeypatch.setenv("GRIDGOV_HOME", str(tmp_path / "home"))
    with pytest.raises(SettingIsBad, match="cannot be written"):
        Settings.load()
    tmp_path.chmod(0o700)
    assert Settings.load().home == tmp_path / "home"


def test_the_default_home_follows_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert default_home() == Path("/var/lib/gridgov")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("HOME", "/home/lin")
    monkeypatch.setenv("XDG_DATA_HOME", "/data/林")
    assert default_home() == Path("/data/林/gridgov")
    monkeypatch.setenv("XDG_DATA_HOME", "relative, so not to be used")
    assert default_home() == Path("/home/lin/.local/share/gridgov")
    monkeypatch.delenv("XDG_DATA_HOME")
    assert default_home() == Path("/home/lin/.local/share/gridgov")


@pytest.mark.parametrize("alone", ["STORAGE_KEY_ID", "STORAGE_SECRET"])
def test_a_key_and_its_secret_come_together(monkeypatch: pytest.MonkeyPatch, alone: str) -> None:
    monkeypatch.setenv(PREFIX + alone, "half of it")
    with pytest.raises(SettingIsBad) as caught:
        Settings.load()
    assert caught.value.field == "GRIDGOV_STORAGE_SECRET"
    assert "both or neither" in str(caught.value)
    assert "half of it" not in str(caught.value)
