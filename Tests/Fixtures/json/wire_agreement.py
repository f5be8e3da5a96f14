"""Does OpenEnvWire find in messages what Python finds, and change nothing else?

An answer is what the scan of a reply gives (kind, data, observation, reward, done, metadata), four splices of it, and
what the scan of a request gives (kind, data, lists tools, reset key, rest), then the cut of an HTTP body (key, rest).
"""

from corpus import Pairs, last, load, members, name, run, same, space, value

KEY = "rewardbridge"
BREAKDOWN = Pairs([("episode", 1), ("scores", [0.5])])
REPLIES = {"observation", "state", "mcp", "error"}
REQUESTS = {"reset", "step", "state", "close", "mcp"}


def make(rng):
    data = members(rng, [item(rng) for _ in range(rng.choice([0, 1, 2, 4, 8]))])
    pairs = [(name(rng, "data"), data), (name(rng, "type"), kind(rng))]
    for extra in (name(rng, "data"), name(rng, "type"), name(rng, "x")):
        if rng.random() < 0.1:
            pairs.append((extra, value(rng)))
    rng.shuffle(pairs)
    text = members(rng, pairs)
    return space(rng) + (data if rng.random() < 0.1 else text) + space(rng)


def kind(rng):
    often = ["observation", "observation", "observation", "reset", "reset", "step"]
    rare = ["state", "mcp", "error", "close", "validation_open", "validation_read", "other"]
    return name(rng, rng.choice(often if rng.random() < 0.8 else rare))


def item(rng):
    key = rng.choice(["observation", "reward", "done", "metadata", KEY, KEY, "type", "seed"])
    if key == "type":
        return name(rng, key), name(rng, rng.choice(["list_tools", "call_tool"]))
    if key == "metadata" and rng.random() < 0.7:
        inner = [(name(rng, rng.choice([KEY, "a", "b"])), value(rng, 1)) for _ in range(rng.choice([0, 1, 3]))]
        return name(rng, key), members(rng, inner)
    return name(rng, key), value(rng)


def judge(text, answer):
    loaded = load(text)
    if loaded is None:
        return
    message = loaded[0] if isinstance(loaded[0], Pairs) else None
    yield from judge_reply(text, message, answer[:10])
    yield from judge_request(message, answer[10:15])
    yield from judge_body(message, answer[15:])


def judge_reply(text, message, answer):
    kind = answer[0].decode()
    if kind != type_of(message, REPLIES):
        yield "kind of reply"
    data = last(message or [], "data")
    if kind != "observation" or data is None or not isinstance(data[0], Pairs):
        if answer[1] is not None:
            yield "reply where there is none"
        return
    for field, part in zip(["observation", "reward", "metadata"], [answer[2], answer[3], answer[5]]):
        if not same(part and load(part), last(data[0], field)):
            yield field
    done = last(data[0], "done")
    if not same(load(answer[1]), data) or answer[4] != (b"true" if done and done[0] is True else b"false"):
        yield "data or done"
    yield from judge_splices(text, message, data[0], answer)


def judge_splices(text, message, data, answer):
    keep, number, null, both = answer[6:]
    if keep != text:
        yield "kept bytes"
    if unchanged(text, number) < len(text) - len(answer[3] or b""):
        yield "bytes beside the reward"
    for part, expected in [
        (number, with_reward(data, 0.25)),
        (null, with_reward(data, None)),
        (both, with_breakdown(with_reward(data, 0.25))),
    ]:
        if not same(load(part), (with_last(message, "data", expected),)):
            yield "splice"


def unchanged(before, after):
    """How many bytes at both ends are the same."""
    def shared(left, right):
        return next((i for i, (one, two) in enumerate(zip(left, right)) if one != two), min(len(left), len(right)))
    head = shared(before, after)
    return head + shared(before[head:][::-1], after[head:][::-1])


def with_reward(data, reward):
    return with_last(data, "reward", reward)


def with_breakdown(data):
    metadata = last(data, "metadata")
    if metadata is None or metadata[0] is None:
        return with_last(data, "metadata", Pairs([(KEY, BREAKDOWN)]))
    if not isinstance(metadata[0], Pairs):
        return data
    return with_last(data, "metadata", with_last(metadata[0], KEY, BREAKDOWN))


def with_last(pairs, name, value):
    """The pairs with another value for the last of a name, or with one more."""
    places = [place for place, (key, _) in enumerate(pairs) if key == name]
    if not places:
        return Pairs(pairs + [(name, value)])
    return Pairs(pairs[:places[-1]] + [(name, value)] + pairs[places[-1] + 1:])


def judge_request(message, answer):
    kind = answer[0].decode()
    if kind != type_of(message, REQUESTS):
        yield "kind of request"
    data = last(message or [], "data")
    if not same(answer[1] and load(answer[1]), data):
        yield "data of request"
    inside = data[0] if data and isinstance(data[0], Pairs) else []
    lists = kind == "step" and last(inside, "type") == ("list_tools",)
    if answer[2] != (b"true" if lists else b"false"):
        yield "lists tools"
    key = last(inside, KEY) if kind == "reset" else None
    if not same(answer[3] and load(answer[3]), key):
        yield "reset key"
    if key and not same(load(answer[4]), (with_last(message, "data", without_key(inside)),)):
        yield "rest"


def judge_body(message, answer):
    key = last(message or [], KEY)
    if not same(answer[0] and load(answer[0]), key):
        yield "key of body"
    if key and not same(load(answer[1]), (without_key(message),)):
        yield "rest of body"


def without_key(pairs):
    return Pairs([(key, one) for key, one in pairs if key != KEY])


def type_of(message, known):
    found = last(message or [], "type")
    if found and found[0] in ("validation_open", "validation_read") and "reset" in known:
        return "validation"
    return found[0] if found and isinstance(found[0], str) and found[0] in known else "other"


run(make, judge)
