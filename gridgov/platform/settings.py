"""What can be set from outside: environment variables `GRIDGOV_…`, each with a default that works.

Owns names, defaults and the checks of single values. Does not own what lies inside the home folder (`cluster` and the
domains do), nor a city's own configuration (that is data). Every field stands in docs/settings.md; a test sees to it.
"""

from __future__ import annotations

import os
import re
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from gridgov.platform.db import check_city_code
from gridgov.platform.errors import BadInput

PREFIX = "GRIDGOV_"
ALL = "all"  # every city of the installation
SCHEMES = ("postgresql+psycopg://", "postgresql://", "postgres://")
# May hold a password: never repeated in a message.
SECRET = frozenset({"database_url", "app_database_url", "storage_secret", "oidc_client_secret", "mail_password", "sms",
                    "sms_token", "basemap_url", "basemap_key"})  # fmt: skip
S3_ADDRESS = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9._/-]*)?")

REMEDIES = {
    "home": "Name a folder that you may write to, e.g. GRIDGOV_HOME=$HOME/gridgov.",
    "host": "Give an address of this machine, e.g. GRIDGOV_HOST=127.0.0.1.",
    "port": "Give a whole number from 1 to 65535, e.g. GRIDGOV_PORT=8001.",
    "workers": "Give a whole number from 1 to 64, e.g. GRIDGOV_WORKERS=2.",
    "city": "Use a lower-case letter, then letters, digits or underscores (at most 41), e.g. GRIDGOV_CITY=demo.",
    "cities": "Write “all”, or codes with commas between, e.g. GRIDGOV_CITIES=east,west.",
    "database_url": "Write postgresql://user@host:5432/name, or unset it to use the private cluster in GRIDGOV_HOME.",
    "app_database_url": "Write GRIDGOV_APP_DATABASE_URL=postgresql://gridgov_app@host:5432/name, or unset it.",
    "public_min_count": "Use a whole number from 2 to 1000, e.g. GRIDGOV_PUBLIC_MIN_COUNT=5.",
    "realdata": "Point it at the folder that holds the data sets, or unset it to do without them.",
    "log_level": "Use debug, info, warning or error.",
    "log_format": "Use auto, json or text, e.g. GRIDGOV_LOG_FORMAT=json.",
    "proxies": "Write addresses or networks with commas between, e.g. GRIDGOV_PROXIES=127.0.0.1,10.0.0.0/24.",
    "limits": "Write names and numbers, e.g. GRIDGOV_LIMITS=token=600/1m; all are in docs/operating.md.",
    "intake": "Use hot or plain, e.g. GRIDGOV_INTAKE=plain.",
    "metrics": "Use local or token, e.g. GRIDGOV_METRICS=token.",
    "public_url": "Write what people type to come here, e.g. GRIDGOV_PUBLIC_URL=https://grid.example.gov.cn.",
    "oidc_issuer": "Write the provider's name as it gives it, e.g. GRIDGOV_OIDC_ISSUER=https://login.example.gov.cn.",
    "oidc_client_id": "Give GRIDGOV_OIDC_CLIENT_ID as the provider knows this city.",
    "oidc_client_secret": "Give GRIDGOV_OIDC_CLIENT_SECRET with issuer, client id and GRIDGOV_PUBLIC_URL, or none.",
    "storage": "Write GRIDGOV_STORAGE=s3://bucket/prefix, or unset it to keep photos in GRIDGOV_HOME.",
    "storage_endpoint": "Write GRIDGOV_STORAGE_ENDPOINT=https://host:port, or unset it for the service of AWS.",
    "storage_region": "Write the region of the bucket, e.g. GRIDGOV_STORAGE_REGION=cn-north-1.",
    "storage_key_id": "Give GRIDGOV_STORAGE_KEY_ID and GRIDGOV_STORAGE_SECRET, both or neither.",
    "storage_secret": "Give GRIDGOV_STORAGE_KEY_ID and GRIDGOV_STORAGE_SECRET, both or neither.",
    "webhook_hosts": "Write names with commas between, e.g. GRIDGOV_WEBHOOK_HOSTS=hooks.example.gov.cn,*.example.org.",
    "webhook_networks": "Write networks with commas between, e.g. GRIDGOV_WEBHOOK_NETWORKS=10.20.0.0/16.",
    "webhook_authorities": "Name a file of certificates: GRIDGOV_WEBHOOK_AUTHORITIES=/etc/ssl/city.pem.",
    "mail_server": "Write GRIDGOV_MAIL_SERVER=smtp://host:25, smtp+starttls://host:587 or smtps://host:465.",
    "mail_from": "Write the address that letters come from, e.g. GRIDGOV_MAIL_FROM=grid@example.gov.cn.",
    "mail_user": "Give GRIDGOV_MAIL_USER and GRIDGOV_MAIL_PASSWORD, both or neither.",
    "mail_password": "Give GRIDGOV_MAIL_USER and GRIDGOV_MAIL_PASSWORD, both or neither.",
    "mail_authorities": "Name a file of certificates: GRIDGOV_MAIL_AUTHORITIES=/etc/ssl/city.pem.",
    "sms": "Write spool:/folder, or an address with {phone} and {text}; “post:” before it for a form.",
    "sms_token": "Give GRIDGOV_SMS_TOKEN as the gateway gave it.",
    "basemap_url": "Write https://host/…{z}…{x}…{y}…, with {s} for the sub-domain and {key} for the key.",
    "basemap_key": "Give GRIDGOV_BASEMAP_KEY with an address that holds {key}, or neither.",
    "basemap_datum": "Use wgs84 or gcj02, as the provider draws, e.g. GRIDGOV_BASEMAP_DATUM=gcj02.",
    "basemap_attribution": "Say whose map it is, e.g. GRIDGOV_BASEMAP_ATTRIBUTION=天地图.",
    "basemap_approval": "Give GRIDGOV_BASEMAP_APPROVAL as it stands on the map (审图号), at most 100 characters.",
    "basemap_max_zoom": "Give a whole number from 1 to 20, e.g. GRIDGOV_BASEMAP_MAX_ZOOM=17.",
    "basemap_subdomains": "Write what stands for {s}, with commas between, e.g. GRIDGOV_BASEMAP_SUBDOMAINS=t0,t1,t2.",
    "basemap_networks": "Write networks with commas between, e.g. GRIDGOV_BASEMAP_NETWORKS=10.20.0.0/16.",
    "basemap_authorities": "Name a file of certificates: GRIDGOV_BASEMAP_AUTHORITIES=/etc/ssl/city.pem.",
    "basemap_cache_mb": "Give a whole number from 16 to 1000000, e.g. GRIDGOV_BASEMAP_CACHE_MB=512.",
    "basemap_keep_days": "Give a whole number from 1 to 365, e.g. GRIDGOV_BASEMAP_KEEP_DAYS=7.",
}


class SettingIsBad(BadInput):
    code = "bad-setting"


def default_home() -> Path:
    """The data folder where none is set: a system folder for root (its cluster is run by another user, who must be
    able to enter), else the user's own data folder."""
    if os.geteuid() == 0:
        return Path("/var/lib/gridgov")
    data = os.environ.get("XDG_DATA_HOME", "")
    return (Path(data) if os.path.isabs(data) else Path.home() / ".local" / "share") / "gridgov"


class Settings(BaseSettings):
    """Frozen. Build it with `Settings.load()`, whose errors name the variable and what to do."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, extra="ignore", frozen=True)

    home: Annotated[Path, NoDecode] = Field(default_factory=default_home)
    host: str = Field(default="127.0.0.1", min_length=1)
    port: int = Field(default=8000, ge=1, le=65535)
    workers: int = Field(default=1, ge=1, le=64)
    cities: str = ""
    city: str = "demo"
    database_url: str | None = Field(default=None, repr=False)
    app_database_url: str | None = Field(default=None, repr=False)
    public_min_count: int = Field(default=5, ge=2, le=1000)
    realdata: Path | None = None
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["auto", "json", "text"] = "auto"
    proxies: str = ""
    limits: str = ""
    metrics: Literal["local", "token"] = "local"
    intake: Literal["hot", "plain"] = "hot"
    public_url: str | None = None
    oidc_issuer: str | None = None
    oidc_client_id: str | None = None
    oidc_client_secret: str | None = Field(default=None, repr=False, validate_default=True)
    storage: str | None = None
    storage_endpoint: str | None = None
    storage_region: str = Field(default="us-east-1", pattern=r"^[a-z0-9-]{1,40}$")
    storage_key_id: str | None = None
    storage_secret: str | None = Field(default=None, repr=False, validate_default=True)
    webhook_hosts: str = ""
    webhook_networks: str = ""
    webhook_authorities: Path | None = None
    mail_server: str | None = None
    mail_from: str | None = Field(default=None, validate_default=True)
    mail_user: str | None = None
    mail_password: str | None = Field(default=None, repr=False, validate_default=True)
    mail_authorities: Path | None = None
    sms: str | None = Field(default=None, repr=False)
    sms_token: str | None = Field(default=None, repr=False)
    basemap_key: str | None = Field(default=None, repr=False)
    basemap_attribution: str = Field(default="", max_length=200)
    basemap_approval: str = Field(default="", max_length=100)
    basemap_datum: Literal["wgs84", "gcj02"] = "wgs84"
    basemap_max_zoom: int = Field(default=18, ge=1, le=20)
    basemap_subdomains: str = Field(default="0,1,2,3", pattern=r"^[A-Za-z0-9-]{1,20}(,[A-Za-z0-9-]{1,20})*$")
    basemap_networks: str = ""
    basemap_authorities: Path | None = None
    basemap_cache_mb: int = Field(default=512, ge=16, le=1_000_000)
    basemap_keep_days: int = Field(default=7, ge=1, le=365)
    basemap_url: str | None = Field(default=None, repr=False, validate_default=True)

    @classmethod
    def load(cls, **given: object) -> Settings:
        """Settings from the environment; `given` (a command's own options) goes before it, None counts as not given."""
        try:
            return cls(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
        except ValidationError as problem:
            first = problem.errors()[0]
            name = str(first["loc"][0]) if first["loc"] else ""
            seen = "" if name in SECRET else f" (it is {str(first['input'])!r})"
            raise SettingIsBad(
                f"{first['msg'].removeprefix('Value error, ')}{seen}.",
                field=f"{PREFIX}{name.upper()}",
                remedy=REMEDIES.get(name),
            ) from None

    @field_validator("home", mode="after")
    @classmethod
    def _home_can_be_written(cls, home: Path) -> Path:
        home = Path(os.path.abspath(home.expanduser()))
        if "\n" in str(home) or "\r" in str(home):
            raise ValueError("A folder whose name holds a line break cannot be used")
        nearest = home
        while not os.path.lexists(nearest):
            nearest = nearest.parent
        if not nearest.is_dir():
            raise ValueError(f"“{nearest}” is not a folder")
        if not os.access(nearest, os.W_OK | os.X_OK):
            raise ValueError(f"The folder “{nearest}” cannot be written to")
        return home

    @field_validator("city", mode="after")
    @classmethod
    def _city_is_a_schema_name(cls, city: str) -> str:
        try:
            return check_city_code(city)
        except BadInput as problem:
            raise ValueError(problem.detail.rstrip(".")) from None

    @field_validator("cities", mode="after")
    @classmethod
    def _cities_are_schema_names(cls, written: str) -> str:
        codes = [one.strip() for one in written.split(",") if one.strip()]
        for code in [] if codes == [ALL] else codes:
            cls._city_is_a_schema_name(code)
        return ",".join(codes)

    @field_validator("database_url", "app_database_url", mode="after")
    @classmethod
    def _only_postgresql(cls, url: str | None) -> str | None:
        """Takes the spellings in use and gives the one that SQLAlchemy wants."""
        if url is None:
            return None
        for scheme in SCHEMES:
            if url.startswith(scheme):
                return SCHEMES[0] + url.removeprefix(scheme)
        raise ValueError("Only a PostgreSQL database with PostGIS can be used")

    @field_validator("realdata", mode="after")
    @classmethod
    def _realdata_is_there(cls, folder: Path | None) -> Path | None:
        if folder is None:
            return None
        if not folder.expanduser().is_dir():
            raise ValueError("There is no such folder")
        return folder.expanduser().resolve()

    @field_validator("log_level", mode="before")
    @classmethod
    def _lower_case(cls, level: object) -> object:
        return level.lower() if isinstance(level, str) else level

    @field_validator("proxies", "webhook_networks", "basemap_networks", mode="after")
    @classmethod
    def _proxies_are_networks(cls, written: str) -> str:
        """No names: who is believed must not depend on a name server. `*` would believe everybody."""
        networks = [one.strip() for one in written.split(",") if one.strip()]
        for one in networks:
            ip_network(one, strict=False)
        return ",".join(networks)

    @field_validator("storage", mode="after")
    @classmethod
    def _storage_is_a_bucket(cls, address: str | None) -> str | None:
        if address is not None and not S3_ADDRESS.fullmatch(address):
            raise ValueError("Only a bucket of a service that speaks S3 can be named")
        return address

    @field_validator("storage_endpoint", mode="after")
    @classmethod
    def _endpoint_is_an_address(cls, address: str | None) -> str | None:
        if address is not None and not re.fullmatch(r"https?://[^/?#@\s]+", address.rstrip("/")):
            raise ValueError("This is no address of a server")
        return address.rstrip("/") if address else None

    @field_validator("storage_secret", mode="after")
    @classmethod
    def _both_or_neither(cls, secret: str | None, info: ValidationInfo) -> str | None:
        if (secret is None) != (info.data.get("storage_key_id") is None):
            raise ValueError("A key without its secret, or a secret without its key")
        return secret

    @field_validator("webhook_hosts", mode="after")
    @classmethod
    def _hosts_are_names(cls, written: str) -> str:
        """No `*` alone: a webhook must not reach everywhere."""
        for one in written.split(","):
            if one.strip() and not re.fullmatch(r"(\*\.)?[A-Za-z0-9]([A-Za-z0-9.:-]*[A-Za-z0-9])?", one.strip()):
                raise ValueError(f"“{one.strip()}” is no name of a host")
        return written

    @field_validator("webhook_authorities", "mail_authorities", "basemap_authorities", mode="after")
    @classmethod
    def _certificates_are_there(cls, file: Path | None) -> Path | None:
        if file is not None and not file.expanduser().is_file():
            raise ValueError("There is no such file")
        return file

    @field_validator("mail_server", mode="after")
    @classmethod
    def _mail_server_is_one(cls, address: str | None) -> str | None:
        if address is not None and not re.fullmatch(r"smtp(s|\+starttls)?://[A-Za-z0-9.\[\]:-]+", address):
            raise ValueError("This is no address of a mail server")
        return address

    @field_validator("mail_from", mode="after")
    @classmethod
    def _mail_has_a_sender(cls, address: str | None, info: ValidationInfo) -> str | None:
        if address is not None and not re.fullmatch(r"[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9.-]{1,200}", address):
            raise ValueError("This is no address of mail")
        if (address is None) != (info.data.get("mail_server") is None):
            raise ValueError("A mail server without a sender, or a sender without a server")
        return address

    @field_validator("mail_password", mode="after")
    @classmethod
    def _both_for_mail(cls, secret: str | None, info: ValidationInfo) -> str | None:
        if (secret is None) != (info.data.get("mail_user") is None):
            raise ValueError("A user without a password, or a password without its user")
        return secret

    @field_validator("sms", mode="after")
    @classmethod
    def _sms_goes_somewhere(cls, written: str | None) -> str | None:
        if written is None:
            return None
        if written.startswith("spool:"):
            if not os.path.isabs(written.removeprefix("spool:")):
                raise ValueError("The folder must be named from the root on")
        elif not re.fullmatch(r"(post:)?https?://[^/\s]+/\S*", written) or not all(
            name in written for name in ("{phone}", "{text}")
        ):
            raise ValueError("This is neither a folder nor an address with {phone} and {text}")
        return written

    @field_validator("basemap_url", mode="after")
    @classmethod
    def _basemap_is_tiles(cls, url: str | None, info: ValidationInfo) -> str | None:
        """The host may hold nothing but {s}: what a page asks for must not choose where the server goes."""
        if url is None:
            if info.data.get("basemap_key"):
                raise ValueError("A key without the address that it is for")
            return None
        if not re.fullmatch(r"https?://[A-Za-z0-9.:\[\]{s}-]+/\S+", url) or re.search(r"\{(?!s\})", url.split("/")[2]):
            raise ValueError("This is no address of tiles")
        if any(url.count(name) != 1 for name in ("{z}", "{x}", "{y}")):
            raise ValueError("The address must hold {z}, {x} and {y}, each once")
        if ("{key}" in url) != bool(info.data.get("basemap_key")):
            raise ValueError("A key without {key} in the address, or {key} without a key")
        if not info.data.get("basemap_attribution"):
            raise ValueError("A map of somebody else's says whose it is: GRIDGOV_BASEMAP_ATTRIBUTION is missing")
        return url

    @field_validator("public_url", mode="after")
    @classmethod
    def _public_url_is_an_origin(cls, url: str | None) -> str | None:
        """Scheme, host and port alone: cookies and redirects take the whole origin."""
        if url is not None and not re.fullmatch(r"https?://[A-Za-z0-9.\[\]:-]+/?", url):
            raise ValueError("This is no address of a site")
        return url.rstrip("/") if url else None

    @field_validator("oidc_client_secret", mode="after")
    @classmethod
    def _all_of_oidc(cls, secret: str | None, info: ValidationInfo) -> str | None:
        given = [info.data.get(name) for name in ("oidc_issuer", "oidc_client_id")]
        whole = all(given) and secret and info.data.get("public_url")
        if (any(given) or secret) and not whole:
            raise ValueError("Signing in at an OpenID provider needs four settings, and some are missing")
        return secret
