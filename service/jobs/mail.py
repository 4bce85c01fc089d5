"""A notice as a mail: rendered in the recipient's language, written into a folder or handed to a mail server."""

import hashlib
import os
import re
import smtplib
import ssl
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Group
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from service.settings import Settings

_UNSAFE: Final = re.compile(r"[^A-Za-z0-9._-]+")
_SECONDS: Final = 30


class NoAddress(Exception):
    """The recipient has no mail address, and a mail server cannot deliver without one."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A rendered notice.

    Attributes:
        key: what makes it the same notice when it is delivered twice.
        name: the recipient's name.
        address: the recipient's mail address; may be empty.
        subject: one line.
        body: plain text.
        at: when the act happened that it tells of.
        language: `zh` or `en`.
        short: the same as a short message.
    """

    key: str
    name: str
    address: str
    subject: str
    body: str
    at: datetime
    language: str
    short: str = ""


def message_of(letter: Letter, settings: Settings) -> EmailMessage:
    """Return the mail; the same letter always gives the same Message-ID, so that a repeat is known as one."""
    host = urlsplit(settings.base_url).hostname or "localhost"
    message = EmailMessage(policy=SMTP)
    message["From"] = _sender(settings, host)
    # Without an address the name still says whose it is: the outbox folder is read by people.
    message["To"] = letter.address or Group(letter.name, ())
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(letter.at)
    message["Message-ID"] = f"<{hashlib.sha256(letter.key.encode()).hexdigest()[:32]}@{host}>"
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = "zh-CN" if letter.language == "zh" else "en"
    message.set_content(f"{letter.body.rstrip()}\n", cte="base64")
    return message


def write_file(letter: Letter, settings: Settings) -> Path:
    """Write the mail into the outbox folder and return its file; a repeat replaces the same file as a whole."""
    folder = settings.var / "outbox"
    folder.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256(letter.key.encode()).hexdigest()[:8]
    path = folder / f"{_UNSAFE.sub('-', letter.key)[:100]}-{digest}.eml"
    fresh = path.with_suffix(f".{os.getpid()}.part")
    # Mails hold names and one-time links: for the owner of the installation alone.
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(message_of(letter, settings).as_bytes())
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    return path


def send(letter: Letter, settings: Settings) -> None:
    """Hand the mail to the server of EXPERTPOOL_SMTP_URL; blocks, so call it in a thread.

    `smtps://` speaks TLS from the first byte; `smtp://` turns it on when the server offers it, and always before a
    password is sent.

    Raises:
        NoAddress: when the recipient has none.
        OSError, smtplib.SMTPException: when the server cannot be reached or says no.
    """
    if not letter.address:
        raise NoAddress
    url = urlsplit(settings.smtp_url)
    context = ssl.create_default_context()
    host = url.hostname or "localhost"
    if url.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, url.port or 465, timeout=_SECONDS, context=context)
    else:
        server = smtplib.SMTP(host, url.port or 25, timeout=_SECONDS)
    with server:
        server.ehlo()
        if url.scheme != "smtps" and (url.username or server.has_extn("starttls")):
            server.starttls(context=context)
            server.ehlo()
        if url.username:
            server.login(unquote(url.username), unquote(url.password or ""))
        server.send_message(message_of(letter, settings))


def _sender(settings: Settings, host: str) -> str:
    """Return the address that `?from=` of the mail server's URL names, else one of the service's own host."""
    named = parse_qs(urlsplit(settings.smtp_url).query).get("from")
    return named[0] if named else f"expertpool@{host}"
