"""Citations as people say them."""

import pytest

from service.locales import use_language
from service.web.cites import say_article


@pytest.mark.parametrize(
    ("cite", "zh", "en"),
    [
        ("A7", "第七条", "Art. 7"),
        ("A10", "第十条", "Art. 10"),
        ("A19", "第十九条", "Art. 19"),
        ("A31", "第三十一条", "Art. 31"),
        ("A70", "第七十条", "Art. 70"),
        ("A105", "第一百零五条", "Art. 105"),
        ("A110", "第一百一十条", "Art. 110"),
        ("A15p3", "第十五条第三款", "Art. 15, para. 3"),
        ("A28.4", "第二十八条第（四）项", "Art. 28 (4)"),
        ("A58.1.3", "第五十八条第（一）项第3目", "Art. 58 (1) (3)"),
        ("A28.4, A30", "第二十八条第（四）项、第三十条", "Art. 28 (4), Art. 30"),
        ("", "", ""),
        ("local", "local", "local"),
    ],
)
def test_citation_reads_in_both_languages(cite, zh, en):
    use_language("zh")
    assert say_article(cite) == zh

    use_language("en")
    assert say_article(cite) == en
