"""How words are spoken (C100, decision 57)."""

import re
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.config import Pronunciation
from engine.speech.dictionary import Dictionary


def dictionary(school: str = "", /, **said: str) -> Dictionary:
    return Dictionary([Pronunciation(word=word, say=say) for word, say in said.items()], school)


@pytest.mark.row("C100")
def test_a_word_is_replaced_as_a_whole_whatever_its_case():
    """C100: One of the five (pronunciation substitutions for text-to-speech)."""
    spoken = dictionary(SRO="school resource officer").spoken
    assert spoken("The SRO, our sro.") == "The school resource officer, our school resource officer."
    assert spoken("SROs are not meant, nor is xSRO or SRO_1.") == "SROs are not meant, nor is xSRO or SRO_1."


def test_the_longest_entry_goes_first():
    entries = [Pronunciation(word="St.", say="Saint"), Pronunciation(word="St. Cloud", say="Saint Cloud High")]
    assert Dictionary(entries).spoken("From St. Cloud and St.  Cloud to St. Paul") == (
        "From Saint Cloud High and Saint Cloud High to Saint Paul"
    )


def test_a_schools_own_entry_goes_before_the_districts():
    entries = [
        Pronunciation(word="gym", say="field house", school="oak"),
        Pronunciation(word="GYM", say="gymnasium"),
    ]
    assert Dictionary(entries, "oak").spoken("the gym") == "the field house"
    assert Dictionary(entries, "elm").spoken("the gym") == "the gymnasium"
    assert Dictionary(entries).spoken("the gym") == "the gymnasium"


def test_what_was_put_in_place_is_not_looked_up_again():
    assert dictionary(A="B", B="A", C="C C").spoken("A B C") == "B A C C"


def test_an_entry_may_hold_signs_and_what_it_says_is_no_pattern():
    entries = [Pronunciation(word="C++", say=r"see \1 plus"), Pronunciation(word="$5", say="five dollars")]
    assert Dictionary(entries).spoken("C++ for $5.") == r"see \1 plus for five dollars."


WORDS = st.text(st.sampled_from("abAB .+İıſß"), max_size=4)
ENTRIES = st.lists(st.tuples(WORDS, WORDS, st.sampled_from(["", "oak", "elm"])), max_size=5)


@given(ENTRIES, st.text(st.sampled_from("abAB .+İıſß"), max_size=20))
def test_each_place_of_a_text_is_replaced_once_at_most_and_the_rest_stands(entries, text):
    """Marks around what is said: take them out again, and the text between them is the text there was."""
    marked = [
        Pronunciation(word=word, say=f"<{index}>", school=school) for index, (word, _, school) in enumerate(entries)
    ]
    spoken = Dictionary(marked, "oak").spoken(text)
    kept = re.split(r"<\d+>", spoken)
    assert len(kept) - 1 == spoken.count("<")
    place = 0
    for part in kept:
        place = text.index(part, place) + len(part)
    for index in map(int, re.findall(r"<(\d+)>", spoken)):
        assert entries[index][2] in ("", "oak")


@given(WORDS, st.text(max_size=20))
def test_a_text_without_the_word_is_left_as_it_is(word, text):
    if not word.strip() or not re.search(r"[abİıſß.+]", text, re.IGNORECASE):
        spoken = Dictionary([Pronunciation(word=word, say="…")]).spoken(text)
        assert normalize("NFC", spoken) == normalize("NFC", text)


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("Weiß", "Mr. Weiß"),
        ("Weiß", "MR. WEISS"),
        ("İnci", "Ms. İnci"),
        ("O'Brien", "Ms. O\u2019Brien"),
        ("O\u2019Brien", "Ms. O'BRIEN"),
        ("José", "Don Jose\u0301"),
        ("Jose\u0301", "Don JOSÉ"),
    ],
)
def test_a_name_is_found_however_its_letters_accents_and_apostrophes_are_stored(word, text):
    assert dictionary(**{word: "so"}).spoken(text).endswith(" so")


def test_a_name_is_not_found_in_one_with_an_accent_more():
    assert dictionary(Jose="so").spoken("Jose\u0301") == "José"
    assert dictionary(Xoq="so").spoken("Xoq\u0301") == "Xoq\u0301"
