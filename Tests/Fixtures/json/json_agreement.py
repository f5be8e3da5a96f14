"""Does JSONBytes read what Python's json reads?

An answer is: kind, then for an object its members (name, value, ...), for an array its elements, for a string its text,
for a number its double's 64 bits and its integer.
"""

import struct

from corpus import Pairs, load, run, same, scalars_only, space, value


def make(rng):
    return space(rng) + value(rng, depth=rng.choice([0, 1, 4])) + space(rng)


def judge(text, answer):
    loaded = load(text)
    if loaded is None:
        return
    kind, parts, (found,) = answer[0].decode(), answer[1:], loaded
    if isinstance(found, Pairs):
        pairs = [(one.decode(), load(two)) for one, two in zip(parts[::2], parts[1::2])]
        expected = [(scalars_only(one), (two,)) for one, two in found]
        if kind != "object" or not same(pairs, expected):
            yield "members"
    elif isinstance(found, list):
        if kind != "array" or not same([load(one) for one in parts], [(one,) for one in found]):
            yield "elements"
    elif isinstance(found, str):
        if kind != "string" or parts[0].decode() != scalars_only(found):
            yield "string"
    elif isinstance(found, bool) or found is None:
        if kind != {True: "true", False: "false", None: "null"}[found]:
            yield "literal"
    else:
        yield from number(found, kind, parts)


def number(found, kind, parts):
    double = struct.unpack(">d", parts[0])[0]
    if kind != "number" or not same(double, float(found)):
        yield f"double {double!r}"
    fits = isinstance(found, int) and -2**63 <= found < 2**63
    if parts[1] != (str(found).encode() if fits else None):
        yield f"int {parts[1]!r}"


run(make, judge)
