"""Wav files for tests, as recorders write them and as they should not."""

import struct


def wav(
    seconds: float = 2.0, *, rate: int = 8_000, channels: int = 1, bits: int = 16, coding: int = 1, fill: int = 7
) -> bytes:
    """A RIFF/WAVE file with a chunk nobody needs before its sound."""
    block = channels * bits // 8
    sound = bytes([fill]) * (int(seconds * rate) * block)
    form = struct.pack("<HHIIHH", coding, channels, rate, rate * block, block, bits)
    chunks = b"".join(_chunk(kind, data) for kind, data in ((b"fmt ", form), (b"LIST", b"odd"), (b"data", sound)))
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


def _chunk(kind: bytes, data: bytes) -> bytes:
    return kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)
