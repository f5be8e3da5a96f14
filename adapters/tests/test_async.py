import threading

from harness import DEADLINE, score, step

MEET = """
import asyncio
arrived = {}

async def score(action, observation):
    mine = arrived.setdefault(action["me"], asyncio.Event())
    mine.set()
    for each in action["others"]:
        await arrived.setdefault(each, asyncio.Event()).wait()
    return 1.0
"""


def test_calls_that_wait_for_each_other(load):
    worker = load(MEET)
    assert worker.description["async"]
    # In one frame, and in one that comes while the first call is running.
    worker.send(
        score(step({"me": "a", "others": ["b", "c"]}), 1, "e/1"),
        score(step({"me": "b", "others": ["a"]}), 2, "e/2"),
    )
    assert worker.outcomes(1)[0]["id"] == 2
    worker.send(score(step({"me": "c", "others": []}), 3, "e/3"))
    assert sorted(each["id"] for each in worker.outcomes(2)) == [1, 3]


def test_more_outcomes_than_the_socket_holds(load):
    """The bridge sends until the worker takes no more, because nobody reads its outcomes; then it reads them all."""
    worker = load("async def score(action, observation): return {'reward': 1, 'echo': action}")
    large = "x" * 1900
    count = 2000

    def send():
        for call in range(count):
            worker.send(score(step(large), call))
            sent.append(call)
            if len(sent) == 100:
                begun.set()

    sent, begun = [], threading.Event()
    sender = threading.Thread(target=send)
    sender.start()
    assert begun.wait(DEADLINE)
    outcomes = worker.outcomes(count)
    sender.join(DEADLINE)
    assert sorted(each["id"] for each in outcomes) == list(range(count))
    assert all(each["labels"]["echo"] == large for each in outcomes)


def test_a_hung_call_holds_up_nobody(load):
    worker = load(
        """
        import asyncio
        async def score(action, observation):
            if action == "hang":
                await asyncio.Event().wait()
            return 1.0
        """
    )
    worker.send(score(step("hang"), 1))
    assert [worker.score(step("go"), call)["reward"] for call in (2, 3)] == [1.0, 1.0]
    assert worker.end() == 0


def test_an_awaitable_of_a_function_that_does_not_look_asynchronous(load):
    worker = load(
        """
        import asyncio
        loops = set()
        async def later(action):
            await asyncio.sleep(0)
            loops.add(id(asyncio.get_running_loop()))
            if action == "raise":
                raise ValueError("late")
            return len(loops)
        def score(action, observation): return later(action)
        """
    )
    assert not worker.description["async"]
    assert [worker.score(step("go"))["reward"] for _ in range(3)] == [1, 1, 1]
    assert worker.score(step("raise"))["message"] == "ValueError: late"
    assert worker.score(step("go"))["reward"] == 1


def test_a_callable_object_and_a_partial_may_be_asynchronous(load):
    code = """
    import functools
    class Judge:
        async def __call__(self, action, observation): return 0.5
    judge = Judge()
    async def weighted(weight, action, observation): return weight
    half = functools.partial(weighted, 0.25)
    """
    for target, reward in (("judge", 0.5), ("half", 0.25)):
        worker = load(code, target)
        assert worker.description["async"]
        assert worker.score(step())["reward"] == reward
