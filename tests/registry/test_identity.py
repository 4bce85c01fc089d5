from datetime import date

import pytest

from registry import (
    Identity,
    IdentityKind,
    Sex,
    ValueRefused,
    check_character,
    ends_in_zeros,
    mask_identity,
    read_identity,
)

# The worked example of the standard itself.
STANDARD = "11010519491231002X"


def refusal_of(text: str, kind: IdentityKind | None = None) -> str:
    with pytest.raises(ValueRefused) as refused:
        read_identity(text, kind=kind)
    return refused.value.code


def test_number_of_the_standard_is_read_out() -> None:
    identity = read_identity(STANDARD)

    assert identity == Identity(IdentityKind.RESIDENT, STANDARD, date(1949, 12, 31), Sex.FEMALE, "110105")


@pytest.mark.parametrize(
    "typed",
    [
        "１１０１０５１９４９１２３１００２Ｘ",
        " 110105 19491231 002x ",
        "110105-19491231-002X",
        "\u200b11010519491231002X",
    ],
)
def test_ways_of_typing_are_one_number(typed: str) -> None:
    assert read_identity(typed) == read_identity(STANDARD)


def test_fifteen_digits_become_eighteen() -> None:
    assert read_identity("110105491231002").number == STANDARD


def test_odd_sequence_is_male() -> None:
    body = "13032219750305101"

    assert read_identity(body + check_character(body)).sex is Sex.MALE


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "ID_NUMBER_MISSING"),
        ("　", "ID_NUMBER_MISSING"),
        ("1.10105E+17", "ID_NUMBER_SCIENTIFIC"),
        ("1.1010519491231E+17", "ID_NUMBER_SCIENTIFIC"),
        ("110105194912310000", "ID_NUMBER_DIGITS_LOST"),
        ("11010519491231002", "ID_NUMBER_LENGTH"),
        ("110105194912310021", "ID_NUMBER_CHECK_DIGIT"),
        ("1101051949123I002X", "ID_NUMBER_CHARACTERS"),
        ("0101051949123100" + "2" + check_character("01010519491231002"), "ID_NUMBER_REGION"),
        ("11010519491332002" + check_character("11010519491332002"), "ID_NUMBER_BIRTH_DATE"),
        ("11010518001231002" + check_character("11010518001231002"), "ID_NUMBER_BIRTH_DATE"),
    ],
)
def test_faulty_number_is_refused_by_its_own_name(typed: str, code: str) -> None:
    assert refusal_of(typed) == code


def test_refusal_tells_the_place_and_never_the_number() -> None:
    with pytest.raises(ValueRefused) as refused:
        read_identity("1101051949123I002X")

    assert dict(refused.value.facts) == {"position": 14}
    assert "1101" not in repr(refused.value)


def test_identity_does_not_print_its_number() -> None:
    assert STANDARD not in repr(read_identity(STANDARD))
    assert "1949" not in repr(read_identity(STANDARD))


def test_three_zeros_that_pass_the_check_are_worth_a_look() -> None:
    body = next(b for n in range(1, 999) if check_character(b := f"13032219750305{n:03d}") == "0" and b.endswith("00"))

    assert ends_in_zeros(read_identity(body + "0"))
    assert not ends_in_zeros(read_identity(STANDARD))


@pytest.mark.parametrize(
    ("typed", "stated", "kind"),
    [
        ("E12345678", None, IdentityKind.PASSPORT),
        ("ej1234567", IdentityKind.PASSPORT, IdentityKind.PASSPORT),
        ("H12345678", None, IdentityKind.PERMIT),
        ("12345678", IdentityKind.PERMIT, IdentityKind.PERMIT),
        ("USA110052031601", None, IdentityKind.PERMIT),
        ("81000019900101001" + check_character("81000019900101001"), None, IdentityKind.PERMIT),
    ],
)
def test_other_documents_have_their_kind(typed: str, stated: IdentityKind | None, kind: IdentityKind) -> None:
    assert read_identity(typed, kind=stated).kind is kind


def test_same_number_of_another_kind_is_another_person() -> None:
    assert read_identity("H12345678", kind=IdentityKind.PASSPORT).key_text == "passport:H12345678"
    assert read_identity("H12345678", kind=IdentityKind.PERMIT).key_text == "permit:H12345678"


def test_kind_that_does_not_fit_is_refused() -> None:
    assert refusal_of("张三", IdentityKind.PASSPORT) == "PASSPORT_NUMBER_FORM"
    assert refusal_of("123", IdentityKind.PERMIT) == "PERMIT_NUMBER_FORM"


def test_mask_shows_three_and_two() -> None:
    assert mask_identity(STANDARD) == "110*************2X"
    assert mask_identity("E12345678") == "E*******8"
    assert mask_identity("AB") == "**"
