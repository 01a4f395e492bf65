"""Which files can be played on a phone line."""

import io
import wave

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.speech.recordings import BYTES_MAX, read_recording
from store.errors import InvalidInputError
from tests.engine.messaging.wav import wav


@pytest.mark.parametrize(
    "content",
    [wav(), wav(rate=16_000), wav(bits=8), wav(coding=7, bits=8), wav(60)],
    ids=["8 kHz", "16 kHz", "8 bits", "mu-law", "a minute"],
)
def test_pcm_and_mu_law_mono_at_8_and_16_khz_can_be_played(content):
    recording = read_recording(content, "snow", "ada", 5)
    assert recording.content == content
    assert recording.duration_ms in (2_000, 60_000)
    assert (recording.name, recording.author, recording.added_at) == ("snow", "ada", 5)


def test_a_file_of_the_standard_library_can_be_played():
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8_000)
        file.writeframes(bytes(24_000))
    assert read_recording(made.getvalue(), "silence").duration_ms == 1_500


def test_the_same_content_has_the_same_id_whatever_its_name():
    assert read_recording(wav(), "a").recording_id == read_recording(wav(), "b").recording_id
    assert read_recording(wav(), "a").recording_id != read_recording(wav(fill=8), "a").recording_id


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty; record the message anew"),
        (b"ID3 is an mp3", "is no wav file; save the recording as RIFF/WAVE"),
        (wav()[:-1_000], "is cut off: it holds less sound than it says"),
        (wav()[:30], "is cut off in its header"),
        (wav()[:12], "holds no sound that could be read"),
        (wav(0), "plays 0.0 s, which is no message"),
        (wav(channels=2), "has 2 channels; save it as mono"),
        (wav(rate=44_100), "has 44100 samples a second; save it with 8000 or 16000"),
        (wav(coding=85, bits=16), "is neither PCM nor mu-law"),
        (wav(bits=24), "is neither PCM nor mu-law"),
        (wav(301, coding=7, bits=8), "plays longer than 5 minutes"),
        (bytes(BYTES_MAX + 1), "has more than 7 MB"),
    ],
)
def test_what_cannot_be_played_is_refused_with_one_sentence(content, says):
    with pytest.raises(InvalidInputError, match=rf"^The recording snow {says}.*[.]$"):
        read_recording(content, "snow")


@given(st.binary(max_size=80), st.integers(0, 60))
def test_whatever_a_file_holds_it_is_read_or_refused(tail, kept):
    for content in (tail, wav(0.1)[:kept] + tail):
        with pytest.raises(InvalidInputError, match=r"^The recording x "):
            read_recording(content, "x")
