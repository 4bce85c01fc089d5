"""A notice as a short message, handed to the gateway of EXPERTPOOL_SMS_URL over HTTP.

Two kinds of gateway. `https://:TOKEN@host/path` takes `{"id", "to", "text"}` as JSON with the token as bearer; a county
with another gateway puts a small relay before it. `mas+https://ID:KEY@host/path?ec=NAME&sign=SIGN` is China Mobile's
Cloud MAS (云MAS), which many county governments have.
"""

import base64
import hashlib
import http.client
import json
import ssl
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

from service.jobs.mail import Letter

_SECONDS: Final = 30
_ANSWER_MOST: Final = 65_536


class SmsRefused(Exception):
    """The gateway did not take the message; the message of this names its code, never the number or the text."""


def send(letter: Letter, number: str, url: str) -> None:
    """Hand a short message to the gateway; blocks, so call it in a thread.

    Args:
        letter: the notice; its short text is sent.
        number: a mobile number of 11 digits.
        url: of the gateway, from the settings.

    Raises:
        OSError, http.client.HTTPException: when the gateway cannot be reached.
        SmsRefused: when it says no.
    """
    parts = urlsplit(url)
    if parts.scheme.startswith("mas+"):
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        form = _cloud_mas(letter.short, number, unquote(parts.username or ""), unquote(parts.password or ""), query)
        answer = _post(url, base64.b64encode(json.dumps(form, ensure_ascii=False).encode()), {})
        if answer.get("success") is not True:
            raise SmsRefused(_code(answer.get("rspcod")))
        return
    body = json.dumps({"id": letter.key, "to": number, "text": letter.short}, ensure_ascii=False).encode()
    token = unquote(parts.password or "")
    _post(url, body, {"Authorization": f"Bearer {token}"} if token else {})


def _cloud_mas(text: str, number: str, account: str, key: str, query: dict[str, str]) -> dict[str, str]:
    """Return the fields of Cloud MAS with their check value; MD5 is that gateway's own rule."""
    company, sign = query.get("ec", ""), query.get("sign", "")
    checked = f"{company}{account}{key}{number}{text}{sign}"
    return {
        "ecName": company,
        "apId": account,
        "mobiles": number,
        "content": text,
        "sign": sign,
        "addSerial": "",
        "mac": hashlib.md5(checked.encode(), usedforsecurity=False).hexdigest(),
    }


def _post(url: str, body: bytes, headers: dict[str, str]) -> dict[str, Any]:
    parts = urlsplit(url)
    host, secure = parts.hostname or "", parts.scheme.endswith("https")
    connection = (
        http.client.HTTPSConnection(host, parts.port, timeout=_SECONDS, context=ssl.create_default_context())
        if secure
        else http.client.HTTPConnection(host, parts.port, timeout=_SECONDS)
    )
    path = parts.path or "/"
    if parts.query and not parts.scheme.startswith("mas+"):
        path = f"{path}?{parts.query}"
    try:
        connection.request("POST", path, body, {"Content-Type": "application/json; charset=utf-8", **headers})
        response = connection.getresponse()
        content = response.read(_ANSWER_MOST)
    finally:
        connection.close()
    if not 200 <= response.status < 300:
        raise SmsRefused(f"HTTP {response.status}")
    try:
        answer = json.loads(content) if content.strip() else {}
    except ValueError:
        answer = {}
    return answer if isinstance(answer, dict) else {}


def _code(said: object) -> str:
    """Return the gateway's own code when it is one; other words of a stranger do not reach our log."""
    known = isinstance(said, str) and said.isascii() and said.replace("_", "").isalnum()
    return str(said)[:40] if known else "refused"
