import pytest

from registry import ValueRefused, credit_check_character, mask_phone, read_credit_code, read_phone

BODY = "11130322000000001"
CODE = BODY + credit_check_character(BODY)


def test_published_code_has_the_check_character_of_the_standard() -> None:
    # A code printed on public documents of a large company.
    assert read_credit_code("91350100M000100Y43") == "91350100M000100Y43"


def test_typing_is_forgiven() -> None:
    assert read_credit_code(f" {CODE.lower()[:8]} {CODE[8:]}") == CODE


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "CREDIT_CODE_MISSING"),
        ("00000110-3", "CREDIT_CODE_LENGTH"),
        ("130322000012345", "CREDIT_CODE_OLD_REGISTRATION_NUMBER"),
        ("1.11303E+17", "CREDIT_CODE_SCIENTIFIC"),
        (CODE[:-1], "CREDIT_CODE_LENGTH"),
        ("O" + CODE[1:], "CREDIT_CODE_CHARACTERS"),
        (CODE[:-1] + ("0" if CODE[-1] != "0" else "1"), "CREDIT_CODE_CHECK"),
    ],
)
def test_faulty_code_is_refused_by_its_own_name(typed: str, code: str) -> None:
    with pytest.raises(ValueRefused) as refused:
        read_credit_code(typed)
    assert refused.value.code == code


def test_nine_characters_of_the_old_days_are_named_as_such() -> None:
    # D2143569-X is the worked example of GB 11714.
    with pytest.raises(ValueRefused) as refused:
        read_credit_code("D2143569-X")
    assert refused.value.code == "CREDIT_CODE_OLD_ORGANISATION_CODE"


@pytest.mark.parametrize(
    ("typed", "number", "mobile"),
    [
        ("13800138000", "13800138000", True),
        ("138 0013 8000", "13800138000", True),
        ("138-0013-8000", "13800138000", True),
        ("+86 13800138000", "13800138000", True),
        ("008613800138000", "13800138000", True),
        ("１３８００１３８０００", "13800138000", True),
        ("0335-2012345", "0335-2012345", False),
        ("（0335）2012345", "0335-2012345", False),
        ("010 62345678", "010-62345678", False),
        ("+86 335 2012345", "0335-2012345", False),
        ("0335-2012345转801", "0335-2012345-801", False),
        ("0335-2012345-801", "0335-2012345-801", False),
    ],
)
def test_phone_has_one_form(typed: str, number: str, mobile: bool) -> None:
    phone = read_phone(typed)

    assert (phone.number, phone.mobile) == (number, mobile)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "PHONE_MISSING"),
        ("2012345", "PHONE_WITHOUT_AREA"),
        ("1.38001E+10", "PHONE_SCIENTIFIC"),
        ("1380013800", "PHONE_FORM"),
        ("12800138000", "PHONE_FORM"),
        ("无", "PHONE_FORM"),
    ],
)
def test_faulty_phone_is_refused_by_its_own_name(typed: str, code: str) -> None:
    with pytest.raises(ValueRefused) as refused:
        read_phone(typed)
    assert refused.value.code == code


def test_mask_hides_the_middle() -> None:
    assert mask_phone("13800138000") == "138****8000"
    assert mask_phone("0335-2012345") == "0335-***2345"
    assert "13800138000" not in repr(read_phone("13800138000"))
