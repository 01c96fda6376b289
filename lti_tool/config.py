"""Settings: config/default.toml, PROXIMAL_CONFIG's file, secret files, the environment; the last wins."""

import difflib
import ipaddress
import os
import re
import ssl
import tomllib
from collections.abc import Collection
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from lti_tool.lti.network.origins import is_usable, origin_of
from lti_tool.persistence.secrets import Vault

CONFIG_DIR = Path(__file__).resolve().parent.parent / "config"
DEFAULT_FILE = CONFIG_DIR / "default.toml"
DEFAULT_SECRETS_DIR = Path("/run/secrets")
LEAST_PROXY_SECRET = 32
PREFIX = "PROXIMAL_"
DATABASE_SCHEMES = ("postgresql+psycopg://", "sqlite:///")
_ADDRESS_TO_BIND = re.compile(r"unix:/.+|fd://\d+|([A-Za-z0-9._-]*|\[[0-9A-Fa-f:.]+\]):(?P<port>\d{1,5})")
LARGEST_PORT = 65_535
ALIKE = 0.8
"""From this likeness on a name in the environment is taken for a misspelt setting (`difflib`)."""


class SettingsError(ValueError):
    """A setting is missing or wrong; the message names it and says what to do."""


class Settings(BaseSettings):
    """All settings; config/default.toml documents each one."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    base_url: str
    data_dir: Path
    database_url: str = Field(repr=False)
    master_key: str = Field(repr=False)
    ca_file: str
    private_lms_hosts: Annotated[tuple[str, ...], NoDecode]
    allow_http_on_loopback: bool
    bind: str
    web_processes: int = Field(ge=1, le=256)
    web_threads: int = Field(ge=1, le=256)
    trusted_proxies: int = Field(ge=0, le=10)
    embedded_worker: bool
    person_requests_per_minute: int = Field(ge=10)
    platform_launches_per_minute: int = Field(ge=10)
    launch_hours: float = Field(gt=0, le=24)
    sitting_items: int = Field(ge=1, le=200)
    sitting_minutes: float = Field(gt=0, le=240)
    metrics_token: str = Field(repr=False)
    otel_endpoint: str
    sentry_dsn: str = Field(repr=False)
    admin_sign_in: Literal["off", "oidc", "proxy"]
    admin_oidc_issuer: str
    admin_oidc_client_id: str
    admin_oidc_client_secret: str = Field(repr=False)
    admin_oidc_scopes: str
    admin_oidc_groups_claim: str
    admin_proxy_secret: str = Field(repr=False)
    admin_proxy_logout_url: str
    admin_idle_minutes: float = Field(gt=0, le=24 * 60)
    admin_session_hours: float = Field(gt=0, le=24)
    names_days: int = Field(ge=1)
    records_days: int = Field(ge=1)

    @field_validator("base_url")
    @classmethod
    def _base_url_is_an_origin(cls, value: str) -> str:
        value = value.rstrip("/")
        if origin_of(value) != value.lower() or (urlsplit(value).port or 1) > LARGEST_PORT:
            raise ValueError("write the scheme and host only, such as https://proximal.school.example")
        return value

    @field_validator("database_url")
    @classmethod
    def _database_has_a_driver(cls, value: str) -> str:
        try:
            place = make_url(value).database if value.startswith(DATABASE_SCHEMES) else None
        except (ArgumentError, ValueError):
            place = None
        if value and place in (None, "", ":memory:"):
            raise ValueError("write postgresql+psycopg://user:password@host/database, or sqlite:////path/of/a/file.db")
        return value

    @field_validator("master_key")
    @classmethod
    def _master_key_is_one(cls, value: str) -> str:
        if value:
            Vault(value)
        return value

    @field_validator("bind")
    @classmethod
    def _bind_is_an_address(cls, value: str) -> str:
        for place in value.split(","):
            found = _ADDRESS_TO_BIND.fullmatch(place.strip())
            if found is None or int(found["port"] or 1) > LARGEST_PORT:
                raise ValueError("write a host and a port, such as 127.0.0.1:9001, or unix:/run/proximal/web.sock")
        return value

    @field_validator("metrics_token", "admin_proxy_secret", "admin_oidc_client_id", "admin_oidc_client_secret")
    @classmethod
    def _can_stand_in_a_header(cls, value: str) -> str:
        if value != value.strip() or not value.isascii() or not value.isprintable():
            raise ValueError("write ASCII characters only, without a space or a new line before or after them")
        return value

    @field_validator("otel_endpoint", "sentry_dsn")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        if value and (urlsplit(value).scheme not in ("http", "https") or not urlsplit(value).hostname):
            raise ValueError("write a whole address that begins with https:// (or http://), or leave it empty")
        return value

    @field_validator("private_lms_hosts", mode="before")
    @classmethod
    def _split_at_commas(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("private_lms_hosts")
    @classmethod
    def _hosts_are_hosts(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for entry in value:
            if "/" in entry:
                ipaddress.ip_network(entry)
        return value

    @field_validator("ca_file")
    @classmethod
    def _ca_file_exists(cls, value: str) -> str:
        if value and not Path(value).is_file():
            raise ValueError(f"there is no file {value}")
        if value:
            try:
                ssl.create_default_context(cafile=value)
            except OSError as error:  # of which ssl.SSLError is one
                raise ValueError(f"{value} holds no certificates in PEM: {error.strerror or error}") from None
        return value

    @model_validator(mode="after")
    def _sign_in_is_complete(self) -> Self:
        if self.admin_sign_in == "oidc" and not (self.admin_oidc_issuer and self.admin_oidc_client_id):
            raise ValueError('admin_sign_in = "oidc" needs admin_oidc_issuer and admin_oidc_client_id')
        if self.admin_sign_in == "oidc" and not is_usable(
            self.admin_oidc_issuer, allow_http=self.allow_http_on_loopback
        ):
            raise ValueError("admin_oidc_issuer must be a whole https address, as your identity provider shows it")
        if self.admin_sign_in == "oidc" and "openid" not in self.admin_oidc_scopes.split():
            raise ValueError('admin_oidc_scopes must name "openid": else your identity provider signs nobody in')
        if self.admin_sign_in == "proxy" and len(self.admin_proxy_secret) < LEAST_PROXY_SECRET:
            raise ValueError(
                f'admin_sign_in = "proxy" needs admin_proxy_secret, at least {LEAST_PROXY_SECRET} characters that only '
                "the proxy knows"
            )
        return self

    @property
    def sqlalchemy_url(self) -> str:
        """The database's URL, with SQLite in `data_dir` where none is set."""
        return self.database_url or f"sqlite:///{self.data_dir.resolve() / 'proximal.db'}"

    @classmethod
    def load(cls, **overrides: Any) -> "Settings":
        """Read all sources; `overrides` win over each of them (tests, `proximal demo`).

        Raises `SettingsError` naming every bad setting.
        """
        _refuse_misspelt(cls.model_fields)
        try:
            return cls(**overrides)
        except ValidationError as error:
            problems = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'settings'}: {e['msg']}" for e in error.errors())
            raise SettingsError(
                f"Bad settings ({problems}). Each can be set as PROXIMAL_<NAME>; config/default.toml explains them."
            ) from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise SettingsError(f"{os.environ.get('PROXIMAL_CONFIG')} is not valid TOML: {error}") from None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order the sources: the first wins."""
        files = [DEFAULT_FILE]
        if named := os.environ.get("PROXIMAL_CONFIG"):
            if not Path(named).is_file():
                raise SettingsError(f"PROXIMAL_CONFIG names {named}, and there is no such file.")
            files.append(Path(named))
        sources = [init_settings, env_settings]
        if (secrets_dir := _secrets_dir()).is_dir():
            sources.append(SecretsSettingsSource(settings_cls, secrets_dir))
        return (*sources, TomlConfigSettingsSource(settings_cls, toml_file=files))


def _refuse_misspelt(settings: Collection[str]) -> None:
    """A misspelt setting would be left out in silence, and the tool would run on a default.

    What is like no setting may be there for others: Kubernetes adds PROXIMAL_SERVICE_HOST for a service of that name.
    """
    for name in sorted([*os.environ, *(file.name for file in _secrets_dir().glob("*"))]):
        setting = name[len(PREFIX) :].lower()
        if name.upper().startswith(PREFIX) and setting not in settings:
            for meant in difflib.get_close_matches(setting, settings, n=1, cutoff=ALIKE):
                raise SettingsError(f"{name} is no setting; did you mean {PREFIX}{meant.upper()}?")


def _secrets_dir() -> Path:
    named = os.environ.get("PROXIMAL_SECRETS_DIR")
    if named and not Path(named).is_dir():
        # Secrets that are not found are made anew: a second master key opens nothing that the first one closed.
        raise SettingsError(f"PROXIMAL_SECRETS_DIR names {named}, and there is no such folder.")
    return Path(named or DEFAULT_SECRETS_DIR)
