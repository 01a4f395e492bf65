"""What others typed or imported, as it may be shown on a terminal."""

from engine.tame import tame, tame_lines


def test_control_characters_become_a_sign_and_letters_of_all_languages_stay():
    assert tame("Zoë \x1b[2J [/b] Škoda\n") == "Zoë �[2J [/b] Škoda�"
    assert tame("José 陳 Xiong") == "José 陳 Xiong"


def test_a_text_of_several_lines_keeps_them():
    assert tame_lines("One\x07.\nTwo.") == "One�.\nTwo."
