"""All settings, from the environment, with their defaults. docs/operations.md lists each one."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate, load_pem_x509_certificates

from service.signing import ALONE, CHAIN_MOST, ListUnreadable, Outside, chain_of, list_files, read_list

Mode = Literal["demo", "production"]


class SettingsInvalid(Exception):
    """A setting cannot be used; the message names the variable and what to do."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the environment says about this installation.

    Attributes:
        mode: `demo` (loopback only, demonstration county) or `production`.
        host: address to listen on; in demo mode a loopback address.
        port: TCP port, 1 to 65535.
        workers: server processes in production on PostgreSQL; SQLite is served by one.
        var: folder of the installation's own files: database, secrets, outbox, uploads.
        database_url: SQLAlchemy URL; `sqlite+aiosqlite:///...` or `postgresql+asyncpg://...`.
        county: name of the county as printed on documents.
        county_code: GB/T 2260 code of the county; other codes count as outside.
        edition: id of the edition of the regulation in force.
        edition_issued_on: the day that edition was issued.
        policy: id of the county's local policy.
        base_url: address under which people reach the service, for links in messages.
        https: whether people reach the service over https (cookies are marked secure).
        smtp_url: `smtp://user:password@host:port` or empty: messages become files in `var/outbox`.
        sms_url: gateway for short messages, or empty: `https://:TOKEN@host/path` or `mas+https://ID:KEY@host/path`.
        session_hours: hours after which a sign-in ends.
        log_level: least level that is logged.
        outside: further authorities whose certificates are trusted, such as a licensed one, and the time-stamp server.
    """

    mode: Mode
    host: str
    port: int
    workers: int
    var: Path
    database_url: str
    county: str
    county_code: str
    edition: str
    edition_issued_on: date
    policy: str
    base_url: str
    https: bool
    smtp_url: str
    sms_url: str
    session_hours: int
    log_level: str
    outside: Outside = ALONE

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Read every setting and refuse what cannot work.

        Raises:
            SettingsInvalid: naming the variable, its value's fault and the remedy.
        """
        get = environment.get
        mode = get("EXPERTPOOL_MODE", "demo")
        if mode not in ("demo", "production"):
            raise SettingsInvalid(f"EXPERTPOOL_MODE is {mode!r}; use 'demo' or 'production'.")
        host = get("HOST", "localhost")
        port = _whole_number(environment, "PORT", 8000, least=1, most=65535)
        var = Path(get("EXPERTPOOL_VAR", "var")).absolute()
        base_url = get("EXPERTPOOL_BASE_URL", f"http://{host}:{port}").rstrip("/")
        https = base_url.startswith("https://")
        if mode == "demo" and not _is_loopback(host):
            raise SettingsInvalid(
                f"HOST is {host!r}; demo mode has public passwords and listens on this machine only. "
                "Use localhost, or EXPERTPOOL_MODE=production."
            )
        if mode == "production" and not https:
            raise SettingsInvalid(
                "EXPERTPOOL_BASE_URL must begin with https:// in production: "
                "set it to the address of the proxy that holds the certificate."
            )
        return cls(
            mode="demo" if mode == "demo" else "production",
            host=host,
            port=port,
            workers=_whole_number(environment, "EXPERTPOOL_WORKERS", 1, least=1, most=64),
            var=var,
            database_url=get("EXPERTPOOL_DATABASE_URL") or f"sqlite+aiosqlite:///{var / 'expertpool.sqlite3'}",
            county=get("EXPERTPOOL_COUNTY", "示范县" if mode == "demo" else "本县"),
            county_code=get("EXPERTPOOL_COUNTY_CODE", "139900"),
            edition=get("EXPERTPOOL_EDITION", "changli-trial-1"),
            edition_issued_on=_day(environment, "EXPERTPOOL_EDITION_ISSUED_ON", date(2025, 1, 1)),
            policy=get("EXPERTPOOL_POLICY", "changli-local-1"),
            base_url=base_url,
            https=https,
            smtp_url=get("EXPERTPOOL_SMTP_URL", ""),
            sms_url=_gateway(environment, "EXPERTPOOL_SMS_URL"),
            session_hours=_whole_number(environment, "EXPERTPOOL_SESSION_HOURS", 12, least=1, most=72),
            log_level=get("EXPERTPOOL_LOG_LEVEL", "INFO").upper(),
            outside=_outside(environment),
        )

    @property
    def sqlite(self) -> bool:
        """Whether the embedded database is used."""
        return self.database_url.startswith("sqlite")


def _whole_number(environment: Mapping[str, str], name: str, default: int, *, least: int, most: int) -> int:
    text = environment.get(name, "")
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise SettingsInvalid(f"{name} is {text!r}; give a whole number from {least} to {most}.")
    return int(text)


def _day(environment: Mapping[str, str], name: str, default: date) -> date:
    text = environment.get(name, "")
    if not text:
        return default
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise SettingsInvalid(f"{name} is {text!r}; give a day such as {default.isoformat()}.") from None


def _outside(environment: Mapping[str, str]) -> Outside:
    held = _certificates(environment, "EXPERTPOOL_SIGNING_ROOTS")
    roots = tuple(one for one in held if one.issuer == one.subject)
    stamp_url = _time_stamps(environment, "EXPERTPOOL_TSA_URL")
    stampers = _certificates(environment, "EXPERTPOOL_TSA_ROOTS")
    stamp_roots = tuple(one for one in stampers if one.issuer == one.subject)
    if held and not roots:
        raise SettingsInvalid("EXPERTPOOL_SIGNING_ROOTS holds no root, only certificates between; add the root itself.")
    if stampers and not stamp_roots:
        raise SettingsInvalid("EXPERTPOOL_TSA_ROOTS holds no root, only certificates between; add the root itself.")
    if stamp_url and not stamp_roots:
        raise SettingsInvalid(
            "EXPERTPOOL_TSA_URL needs EXPERTPOOL_TSA_ROOTS: "
            "a file of the roots (PEM) that the server's certificate leads to."
        )
    fetch = environment.get("EXPERTPOOL_SIGNING_FETCH", "no")
    if fetch not in ("yes", "no"):
        raise SettingsInvalid(f"EXPERTPOOL_SIGNING_FETCH is {fetch!r}; use 'yes' or 'no'.")
    issuers = tuple(one for one in (*held, *stampers) if one.issuer != one.subject)
    _fit(issuers, (*roots, *stamp_roots, *issuers))
    return Outside(
        roots=roots,
        issuers=issuers,
        lists=_lists(environment, "EXPERTPOOL_SIGNING_CRLS"),
        fetch=fetch == "yes",
        networks=_networks(environment, "EXPERTPOOL_SIGNING_FETCH_NETWORKS"),
        stamp_url=stamp_url,
        stamp_roots=stamp_roots,
    )


def _certificates(environment: Mapping[str, str], name: str) -> tuple[Certificate, ...]:
    text = environment.get(name, "")
    if not text:
        return ()
    path = Path(text)
    try:
        files = sorted(one for one in path.iterdir() if one.is_file()) if path.is_dir() else [path]
        held = tuple(one for file in files for one in load_pem_x509_certificates(file.read_bytes()))
    except (OSError, ValueError):
        held = ()
    if not held:
        raise SettingsInvalid(
            f"{name} is {text!r}; give a file, or a folder of files, of certificates in PEM that can be read."
        )
    return held


def _fit(issuers: tuple[Certificate, ...], known: tuple[Certificate, ...]) -> None:
    """Refuse a chain that no signature has room for."""
    for issuer in issuers:
        size = sum(len(one.public_bytes(Encoding.DER)) for one in (issuer, *chain_of(issuer, known)))
        if size > CHAIN_MOST:
            raise SettingsInvalid(
                f"EXPERTPOOL_SIGNING_ROOTS, EXPERTPOOL_TSA_ROOTS: the certificates from "
                f"{issuer.subject.rfc4514_string()!r} to its roots have {size} bytes; a signature has room for "
                f"{CHAIN_MOST}. Leave out the ones that nobody needs."
            )


def _lists(environment: Mapping[str, str], name: str) -> Path | None:
    """Return where revocation lists are kept: one file that is none stops the start, one of several is told later."""
    text = environment.get(name, "")
    if not text:
        return None
    path = Path(text)
    try:
        if path.is_dir():
            list_files(path)
        else:
            read_list(path)
    except (ListUnreadable, OSError) as fault:
        raise SettingsInvalid(
            f"{name} is {text!r}; give a file, or a folder of files, of revocation lists (DER or PEM): {fault}"
        ) from None
    return path.absolute()


def _networks(environment: Mapping[str, str], name: str) -> tuple[IPv4Network | IPv6Network, ...]:
    text = environment.get(name, "")
    try:
        return tuple(ip_network(one.strip()) for one in text.split(",") if one.strip())
    except ValueError as fault:
        raise SettingsInvalid(f"{name} is {text!r}; give networks such as 10.20.0.0/16, 10.30.0.7: {fault}.") from None


def _time_stamps(environment: Mapping[str, str], name: str) -> str:
    url = environment.get(name, "")
    parts = urlsplit(url)
    if url and (parts.scheme not in ("http", "https") or not parts.hostname):
        raise SettingsInvalid(f"{name} cannot be used; give the address of a time-stamp server (RFC 3161).")
    return url


def _gateway(environment: Mapping[str, str], name: str) -> str:
    url = environment.get(name, "")
    parts = urlsplit(url)
    if url and (parts.scheme not in ("http", "https", "mas+http", "mas+https") or not parts.hostname):
        raise SettingsInvalid(f"{name} cannot be used; give an address such as https://:TOKEN@host/path.")
    return url


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
