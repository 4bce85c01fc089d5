"""What a browser says of itself, as people would say it."""

from typing import Final

from service.locales import gettext

# The more particular name first: most browsers also claim to be Chrome and Safari.
_BROWSERS: Final = (
    ("Edg", "Edge"),
    ("Firefox/", "Firefox"),
    ("OPR/", "Opera"),
    ("MicroMessenger/", "微信"),
    ("QQBrowser/", "QQ浏览器"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS: Final = (
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def say_device(agent: str) -> str:
    """Return browser and system of a user agent, "Chrome · Windows"; what is neither stays as it is."""
    found = [next((name for mark, name in known if mark in agent), "") for known in (_BROWSERS, _SYSTEMS)]
    return " · ".join(name for name in found if name) or agent or gettext("未知设备")
