"""Recorded messages: what a wav file must be to be played on a phone line, and how long it plays."""

import struct
from hashlib import blake2b
from typing import NamedTuple

from store.documents import Recording
from store.errors import InvalidInputError

BYTES_MAX = 7 * 1024 * 1024
"""The contract's bound for one recording."""

SECONDS_MAX = 5 * 60
"""Nobody listens for longer, and a line is taken all the while."""

SECONDS_MIN = 0.5
"""Shorter is a slip of the finger."""

RATES = (8_000, 16_000)
"""Samples a second that phone lines carry."""

MEDIA_TYPE = "audio/wav"
ID_BYTES = 10
"""Of the hash that names a recording: no two of a district will ever share one."""

_PCM, _MU_LAW, _EXTENSIBLE = 1, 7, 0xFFFE
_FORMAT = struct.Struct("<HHIIHH")
_CHUNK = struct.Struct("<4sI")


class Sound(NamedTuple):
    """How a wav file holds its sound."""

    coding: int
    channels: int
    rate: int
    sample_bits: int
    size: int
    """Bytes of sound."""

    @property
    def duration_ms(self) -> int:
        """How long it plays."""
        return self.size * 8 * 1000 // (self.rate * self.channels * self.sample_bits)


def read_recording(content: bytes, name: str, author: str = "", added_at: int = 0) -> Recording:
    """A recording as the store keeps it. Raises InvalidInputError for a file that cannot be played."""
    if not content:
        raise _refusal(name, "is empty", "record the message anew")
    if len(content) > BYTES_MAX:
        raise too_large(name)
    sound = _sound(content, name)
    _check(sound, name)
    recording_id = blake2b(content, digest_size=ID_BYTES).hexdigest()
    return Recording(recording_id, name, MEDIA_TYPE, sound.duration_ms, content, author, added_at)


def too_large(name: str) -> InvalidInputError:
    """What is said of a file that is not even read."""
    return _refusal(name, f"has more than {BYTES_MAX >> 20} MB", "save it as 8 kHz mono")


def _sound(content: bytes, name: str) -> Sound:
    """The format and the length of the sound in a RIFF file."""
    if content[:4] != b"RIFF" or content[8:12] != b"WAVE":
        raise _refusal(name, "is no wav file", "save the recording as RIFF/WAVE, PCM, mono, 8 or 16 kHz")
    place, form = 12, None
    while place + _CHUNK.size <= len(content):
        kind, size = _CHUNK.unpack_from(content, place)
        place += _CHUNK.size
        if kind == b"fmt ":
            form = _form(content[place : place + size], name)
        elif kind == b"data":
            if form is None:
                break
            if place + size > len(content):
                raise _refusal(name, "is cut off: it holds less sound than it says", "save or copy it again")
            return Sound(*form, size)
        place += size + size % 2
    raise _refusal(name, "holds no sound that could be read", "save it again as a wav file")


def _form(chunk: bytes, name: str) -> tuple[int, int, int, int]:
    """Coding, channels, rate and bits of a sample."""
    if len(chunk) < _FORMAT.size:
        raise _refusal(name, "is cut off in its header", "save or copy it again")
    coding, channels, rate, _bytes_a_second, _block, bits = _FORMAT.unpack_from(chunk)
    if coding == _EXTENSIBLE and len(chunk) >= 26:
        coding = int.from_bytes(chunk[24:26], "little")
    return coding, channels, rate, bits


def _check(sound: Sound, name: str) -> None:
    if (sound.coding, sound.sample_bits) not in ((_PCM, 16), (_PCM, 8), (_MU_LAW, 8)):
        raise _refusal(name, "is neither PCM nor mu-law", "save it as PCM of 8 or 16 bits, or as mu-law")
    if sound.channels != 1:
        raise _refusal(name, f"has {sound.channels} channels", "save it as mono")
    if sound.rate not in RATES:
        raise _refusal(name, f"has {sound.rate} samples a second", "save it with 8000 or 16000")
    if sound.duration_ms < SECONDS_MIN * 1000:
        raise _refusal(name, f"plays {sound.duration_ms / 1000:.1f} s, which is no message", "record it anew")
    if sound.duration_ms > SECONDS_MAX * 1000:
        raise _refusal(name, f"plays longer than {SECONDS_MAX // 60} minutes", "make it shorter")


def _refusal(name: str, what: str, mend: str) -> InvalidInputError:
    return InvalidInputError(f"The recording {name} {what}; {mend}.")
