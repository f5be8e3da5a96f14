"""Random JSON texts, and what Python's json makes of them.

Texts go over pipes as lines of base64 behind a colon, so that broken and empty ones survive. Used by json_agreement.py
and wire_agreement.py.
"""

import base64
import json
import random
import re
import sys

BREAKERS = [b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b" ", b"0", b"1", b"-", b".", b"e", b"n", b"\xff", b"\x00"]
NUMBERS = [
    "0", "-0", "0.0", "-0.0", "1", "-1", "1.5", "0.1", "0.30000000000000004", "5e-324", "1e22", "1E+22", "1e-05",
    "1e999", "123456789012345678", "9007199254740993", "9223372036854775807", "9223372036854775808",
    "1234567890.123456789", "-1e-400", "2.2250738585072011e-308", "179769313486231580793e289", "0.000001", "1" + "0" * 60,
    "1.7976931348623159e308",
]
TOKENS = ["true", "false", "null", "NaN", "Infinity", "-Infinity"]
CHARACTERS = list("ab{}[],:\"\\/ 'yY_\t\n\x7fé€🙂\u2028\u0301")


class Pairs(list):
    """An object as its members in order, all of those that share a name included."""


def load(text):
    """The value, or None in a list of one: (value,) when Python takes the text, None when it refuses it."""
    try:
        return (json.loads(text.decode(), object_pairs_hook=Pairs),)
    except (ValueError, RecursionError):
        return None


def same(left, right):
    return repr(left) == repr(right)  # tells 1 from 1.0 and True, and NaN is like NaN


def last(pairs, name):
    """(value,) of the last member of a name, else None."""
    found = [value for key, value in pairs if key == name]
    return (found[-1],) if found else None


def scalars_only(text):
    """Lone surrogates as U+FFFD, which is how Swift hands them out."""
    return re.sub("[\ud800-\udfff]", "\ufffd", text)


def space(rng):
    return rng.choice(["", "", "", "", " ", "\n", "\t \r\n"])


def string(rng, text=None):
    text = "".join(rng.choice(CHARACTERS) for _ in range(rng.choice([0, 1, 3, 9, 40]))) if text is None else text
    out = "".join(character(rng, one) for one in text)
    if rng.random() < 0.05:
        out += rng.choice(["\\ud83d", "\\udc00", "\\ud83d\\ude42", "\\uD83D\\u0041"])
    return f'"{out}"'


def name(rng, text):
    """A key that means this text, in one of its spellings."""
    return '"' + "".join(f"\\u{ord(one):04x}" if rng.random() < 0.1 else one for one in text) + '"'


def character(rng, one):
    if one in '"\\' or ord(one) < 0x20:
        return json.dumps(one)[1:-1]
    if rng.random() < 0.1:
        return json.dumps(one)[1:-1] if ord(one) > 0x7F else f"\\u{ord(one):04X}"
    return "\\/" if one == "/" and rng.random() < 0.5 else one


def value(rng, depth=3):
    roll = rng.random()
    if depth == 0 or roll < 0.3:
        return rng.choice(NUMBERS) if rng.random() < 0.6 else rng.choice(TOKENS)
    if roll < 0.55:
        return string(rng)
    inner = [value(rng, depth - 1) for _ in range(rng.choice([0, 1, 2, 5]))]
    if roll < 0.7:
        return "[" + space(rng) + ",".join(space(rng) + one + space(rng) for one in inner) + "]"
    return members(rng, [(rng.choice([string(rng), '"a"', '"b"']), one) for one in inner])


def members(rng, pairs):
    return "{" + space(rng) + ",".join(
        f"{space(rng)}{key}{space(rng)}:{space(rng)}{one}{space(rng)}" for key, one in pairs
    ) + "}"


def mutations(rng, text):
    """The text itself, and some broken copies."""
    yield text
    for _ in range(2):
        copy = bytearray(text)
        for _ in range(rng.choice([1, 1, 2])):
            place = rng.randrange(len(copy) + 1)
            match rng.randrange(4):
                case 0: del copy[place:place + rng.choice([1, 1, 5])]
                case 1: copy[place:place] = rng.choice(BREAKERS)
                case 2: copy[place:place + 1] = rng.choice(BREAKERS)
                case 3: del copy[place:]
        yield bytes(copy)


def generate(make):
    """Writes lines for: SCRIPT generate SEED COUNT."""
    rng = random.Random(int(sys.argv[2]))
    for _ in range(int(sys.argv[3])):
        for text in mutations(rng, make(rng).encode()):
            print(f":{base64.b64encode(text).decode()}")


def check(judge):
    """Reads lines of TEXT ANSWER..., writes what is wrong, then how many texts Python took."""
    taken = 0
    for line in sys.stdin:
        text, *answer = [base64.b64decode(one[1:]) if one != "-" else None for one in line.split()]
        taken += load(text) is not None
        for complaint in judge(text, answer):
            print(f"{complaint}: {text!r} {answer!r}")
    print(f"taken {taken}")


def run(make, judge):
    generate(make) if sys.argv[1] == "generate" else check(judge)
