"""Draws of xoshiro128** 1.1 (Blackman and Vigna) in Python integers, independent of the product: test/golden/rng.json."""

import hashlib
import json
import pathlib
import platform
import struct

MASK = 0xFFFFFFFF


def rotl(x, k):
    return ((x << k) | (x >> (32 - k))) & MASK


def draws(words, count):
    s = list(words)
    for _ in range(count):
        yield (rotl((s[1] * 5) & MASK, 7) * 9) & MASK
        t = (s[1] << 9) & MASK
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = rotl(s[3], 11)


def words_of(key):
    return struct.unpack("<4I", hashlib.sha256(key.encode()).digest()[:16])


golden = {
    "versions": {"python": platform.python_version()},
    "call": "xoshiro128** 1.1; a key's state is the first 16 bytes of its SHA-256, little-endian",
    "fromWords1234": list(draws((1, 2, 3, 4), 12)),
    "seed42": list(draws(words_of("42"), 12)),
    "seed42SplitPrices": list(draws(words_of("42/prices"), 12)),
}
golden["sha256"] = hashlib.sha256(json.dumps(golden["fromWords1234"]).encode()).hexdigest()
path = pathlib.Path(__file__).resolve().parent.parent / "rng.json"
path.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
print(golden["fromWords1234"][:6])
