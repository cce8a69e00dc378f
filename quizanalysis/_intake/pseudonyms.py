"""Pseudonyms: keyed hashes that stand for ids."""

import hashlib
import hmac

import pyarrow as pa

_LEAST = 16
"""Bytes of a key; with fewer, ids could be found by trying keys."""

_DIGITS = 32
"""Hexadecimal digits kept of a hash: 128 bits, so that no two ids ever meet."""


def checked_key(key: bytes | str) -> bytes:
    """The key as bytes; refuse what is none, or can be guessed."""
    if isinstance(key, str):
        key = key.encode()
    if not isinstance(key, bytes):
        msg = f"key must be bytes or text, not {type(key).__name__}"
        raise TypeError(msg)
    if len(key) < _LEAST:
        msg = f"key must have at least {_LEAST} bytes, not {len(key)}"
        raise ValueError(msg)
    return key


def pseudonyms(ids: pa.ChunkedArray, key: bytes) -> pa.Array:
    """HMAC-SHA256 of each id, of which the first 128 bits are kept.

    The ids are distinct. No library computes many HMACs at once, so it takes a call for
    each; its first half, which only depends on the key, is done once.
    """
    begun = hmac.new(key, digestmod=hashlib.sha256)

    def of(text: str) -> str:
        one = begun.copy()
        one.update(text.encode())
        return one.hexdigest()[:_DIGITS]

    return pa.array([of(text) for text in ids.to_pylist()], pa.string())
