import pytest

from service.locales import use_language
from service.web.devices import say_device

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
)
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile Safari/604.1"


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        (CHROME, "Chrome · Windows"),
        (f"{CHROME} Edg/126.0.0.0", "Edge · Windows"),
        (IPHONE, "Safari · iPhone"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("", "未知设备"),
    ],
)
def test_a_browser_is_said_as_people_call_it(agent: str, said: str) -> None:
    use_language("zh")

    assert say_device(agent) == said
