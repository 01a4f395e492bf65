"""Proofs about phone numbers as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.roster.numbers import Number, is_fictional, read_extension, read_number

lines = st.integers(0, 99).map(lambda line: f"55501{line:02d}")
area_codes = (
    st.integers(200, 989).filter(lambda code: code // 10 % 10 != 9 and code % 100 != 11 and code != 900).map(str)
)
ten_digits = st.tuples(area_codes, lines).map("".join)


@given(ten_digits, st.sampled_from(["{}{}{}", "({}) {}-{}", "{}.{}.{}", "+1 {} {} {}", "1-{}-{}-{}", " {}–{}–{} "]))
def test_any_usual_punctuation_gives_the_same_number(digits, form):
    assert read_number(form.format(digits[:3], digits[3:6], digits[6:])) == Number("+1" + digits)


@given(ten_digits, st.integers(0, 99_999_999), st.sampled_from(["x", " x ", " ext. ", " Extension ", ",ext:", " #"]))
def test_an_extension_is_kept_beside_the_number(digits, extension, word):
    """C059: Phone fields carry an extension box."""
    assert read_number(f"{digits}{word}{extension}") == Number("+1" + digits, str(extension))


@given(st.text(max_size=80))
def test_any_text_gives_a_ten_digit_number_or_a_reason_without_its_digits(text):
    found = read_number(text)
    if isinstance(found, Number):
        assert len(found.e164) == 12
        assert found.e164.startswith("+1")
    else:
        assert found
        assert text.strip() not in found or len(text.strip()) < 7


@given(st.integers(2_000_000, 9_999_999))
@pytest.mark.row("C078")
def test_seven_digits_are_refused_and_never_completed(number):
    """C078: No area code → cannot be delivered."""
    assert read_number(f"{number:07d}") == "7 digits: no area code"


@given(ten_digits)
def test_what_was_read_reads_the_same_again(digits):
    number = read_number(digits)
    assert isinstance(number, Number)
    assert read_number(number.e164) == number
    assert is_fictional(number.e164)


@pytest.mark.row("C077", "C079")
@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("603121567", "9 digits; a number has 10, or 11 with a leading 1"),
        ("60312323567", "11 digits; a number has 10, or 11 with a leading 1"),
        ("612-555-0100 / 612-555-0101", "20 digits; a number has 10"),
        ("1234567890", "no number of the North American plan"),
        ("612-155-0100", "no number of the North American plan"),
        ("612-911-0100", "no number of the North American plan"),
        ("911-555-0100", "no number of the North American plan"),
        ("299-555-7735", "no number of the North American plan"),
        ("222-333-4444", "no such area code is in use"),
        ("900-234-5678", "a premium-rate number"),
        ("+44 20 7946 0000", "not a North American number"),
        ("6125550100.0", "a spreadsheet's decimal number"),
        ("6.12555E+09", "holds signs that belong in no phone number"),
        ("call mom", "holds signs that belong in no phone number"),
        ("٦١٢٥٥٥٠١٠٠", "holds signs that belong in no phone number"),
        ("---", "holds no digits"),
        ("612-555-0100 x123456789", "an extension of 9 digits"),
        ("6" * 65, "too long for a phone number"),
    ],
)
def test_what_is_no_ten_digit_number_is_refused_with_its_reason(text, reason):
    """C077: Existing and new numbers must be 10 digits. C079: Advice: full 10 digits in every phone field."""
    found = read_number(text)
    assert isinstance(found, str)
    assert found.startswith(reason)


def test_real_numbers_pass_the_numbering_plan_too():
    assert read_number("(612) 555-7735") == Number("+16125557735")
    assert read_number("206.555.0000") == Number("+12065550000")


@pytest.mark.parametrize(
    ("text", "digits"),
    [("", ""), ("4", "4"), (" x4", "4"), ("ext. 12", "12"), ("front desk", None), ("123456789", None)],
)
def test_an_extension_column_holds_digits_or_is_refused(text, digits):
    assert read_extension(text) == digits
