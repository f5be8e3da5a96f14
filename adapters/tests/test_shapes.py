import pytest
from harness import said, score, step


def test_a_step_sees_what_the_client_would_see(load):
    worker = load(
        """
        def score(action, observation):
            assert type(action) is dict and type(observation) is dict
            return observation["reward"] + 10 * observation["done"] + 100 * action["n"]
        """
    )
    assert worker.description["needs"] == ["action", "observation"]
    assert worker.score(step({"n": 1}, {}))["reward"] == 100.5
    assert worker.score(step({"n": 0}, {"reward": 3, "done": True}))["reward"] == 13


def test_a_step_may_be_any_json(load):
    worker = load("def score(action, observation): return observation[0] + len(action)")
    assert worker.score(step("abc", [4]))["reward"] == 7


def test_the_last_step_is_the_one_that_is_scored(load):
    record = step("a", {"n": 1})
    record["steps"].append({"index": 2, "action": "b", "observation": {"n": 2}})
    assert load("def score(action, observation): return observation['n']").score(record)["reward"] == 2


def test_text_gets_the_last_message_that_was_sampled(load):
    worker = load("def score(completion, answer): return completion == answer", shape="text")
    assert worker.description["needs"] == ["completion", "answer"]
    texts = [
        ([{"role": "assistant", "content": "no"}, {"role": "assistant", "content": "yes", "sampled": True}], 1),
        ([{"role": "assistant", "content": "yes", "sampled": True}, {"role": "assistant", "content": "no"}], 1),
        ([{"role": "assistant", "content": "yes"}, {"role": "tool", "content": "no"}], 1),
        ([{"role": "assistant", "content": [{"type": "text", "text": "y"}, {"type": "text", "text": "es"}]}], 1),
        ([{"role": "assistant", "content": None}], 0),
    ]
    for messages, reward in texts:
        assert worker.score({"messages": messages, "answer": "yes"})["reward"] == reward


def test_columns_are_passed_to_those_who_take_them(load):
    record = said("text", answer="gold", info={"a": 1, "b": 2, "c": 3})
    cases = {
        "(completion)": ([], 0),
        "(completion, a)": (["a"], 1),
        "(completion, b, a=0)": (["b"], 3),
        "(completion, *, c)": (["c"], 3),
        "(completion, d=7)": ([], 7),
        "(completion, **columns)": ([], 6),
        "(completion, a, **columns)": (["a"], 6),
    }
    for signature, (columns, reward) in cases.items():
        worker = load(
            f"def score{signature}:\n    import inspect\n    given = dict(locals())\n"
            "    given.pop('inspect'), given.pop('completion')\n"
            "    given.update(given.pop('columns', {}))\n    return sum(given.values())",
            shape="text",
        )
        assert worker.description["columns"] == columns
        assert worker.score(record)["reward"] == reward, signature


def test_text_parameters_by_name_and_by_position(load):
    record = said("text", answer="gold")
    for signature, body in {
        "(response)": "response == 'text'",
        "(answer, completion)": "(answer, completion) == ('gold', 'text')",
        "(completion, prompt)": "prompt == 'What?'",
        "(completion, /, answer)": "(completion, answer) == ('text', 'gold')",
        "(**all)": "all == {'completion': 'text'}",
    }.items():
        assert load(f"def score{signature}: return {body}", shape="text").score(record)["reward"] == 1.0, signature


def test_args_are_given_to_every_call(load):
    worker = load("def score(action, observation, scale, *, bias=1): return scale + bias", args={"scale": 5, "bias": 2})
    assert worker.description["columns"] == []
    assert worker.score(step())["reward"] == 7


def test_a_column_does_not_replace_an_argument(load):
    worker = load("def score(completion, scale, **rest): return scale", shape="text", args={"scale": 5})
    assert worker.score(said("a", info={"scale": 6, "completion": "b"}))["reward"] == 5


def test_messages(load):
    worker = load(
        """
        def score(messages, level):
            assert messages == [
                {"role": "user", "content": "What?"},
                {"role": "assistant", "content": None, "tool_calls": [{"name": "f", "arguments": "{}"}]},
            ]
            return level
        """,
        shape="messages",
    )
    assert (worker.description["needs"], worker.description["columns"]) == (["prompt", "messages"], ["level"])
    call = {"role": "assistant", "content": None, "tool_calls": [{"name": "f", "arguments": "{}"}]}
    record = {
        "prompt": [{"role": "user", "content": "What?", "raw": {"x": 1}}],
        "messages": [call | {"sampled": True}],
        "info": {"level": 4},
    }
    assert worker.score(record)["reward"] == 4


def test_a_record(load):
    worker = load(
        """
        def score(record):
            assert record.steps[0].info["reset_request"] == {"seed": 7} and record.steps[0].action is None
            assert record.step is record.steps[-1] and record.extra == {"x_mine": 1}
            return record.step.index + record.step.reward + len(record.messages or [])
        """,
        unit="episode",
    )
    assert worker.description["unit"] == "episode"
    assert worker.description["needs"] == ["action", "observation", "history", "reset"]
    record = step(index=2, x_mine=1)
    assert worker.score(record)["kind"] == "needs"
    record["steps"].insert(0, {"index": 0, "action": None, "observation": {}, "info": {"reset_request": {"seed": 7}}})
    assert worker.score(record)["reward"] == 2.5


def test_a_record_with_needs_of_its_own(load):
    worker = load("def score(record): return record.answer['n']", needs=["answer"])
    assert worker.description["needs"] == ["answer"]
    assert worker.score({"answer": {"n": 3}})["reward"] == 3
    assert worker.score(step())["kind"] == "needs"


def test_a_batch_of_texts_and_of_messages(load):
    code = """
    def score(prompts, completions, level, **columns):
        assert columns == {"other": ["o"]} and level == [3]
        return [len(prompts) if prompts == %s and completions == %s else None]
    """
    user, assistant = {"role": "user", "content": "What?"}, {"role": "assistant", "content": "x"}
    record = said("x", info={"level": 3, "other": "o"})
    texts = load(code % (["What?"], ["x"]))
    assert (texts.description["unit"], texts.description["needs"]) == ("batch", ["prompt", "completion"])
    assert texts.score(record)["reward"] == 1
    messages = load(code % ([[user]], [[assistant]]), completions="messages")
    assert messages.description["needs"] == ["prompt", "messages"]
    assert messages.score(record)["reward"] == 1


ELEMENTWISE = """
calls = 0
def score(prompts, completions, **columns):
    global calls
    calls += 1
    if "bad" in completions:
        raise ValueError("bad")
    if "few" in completions:
        return []
    return [{"score": len(each), "calls": calls, "together": len(prompts)} for each in completions]
"""


def together(outcome):
    return {each["path"]: each["value"] for each in outcome["components"]}["together"]


def test_elementwise_batches_share_a_call(load):
    worker = load(ELEMENTWISE, elementwise=True, batch_max=8)
    worker.send(*[score(said("x" * each), each) for each in range(20)])
    outcomes = worker.outcomes(20)
    assert [(each["id"], each["reward"]) for each in outcomes] == [(each, each) for each in range(20)]
    assert [together(each) for each in outcomes] == [8] * 16 + [4] * 4


def test_what_is_not_elementwise_is_scored_alone(load):
    worker = load(ELEMENTWISE)
    worker.send(*[score(said("x"), each) for each in range(5)])
    assert [together(each) for each in worker.outcomes(5)] == [1] * 5


def test_one_bad_record_does_not_spoil_its_batch(load):
    worker = load(ELEMENTWISE, elementwise=True)
    texts = ["a", "bad", "few", "b", None]
    messages = [score(said(each), call) for call, each in enumerate(texts[:4])]
    messages.append(score({"prompt": []}, 4))
    messages.append({"type": "score", "id": 5, "episode": "e", "record": None})
    worker.send(*messages)
    outcomes = worker.outcomes(6)
    kinds = [each.get("kind") for each in outcomes]
    assert kinds == [None, "exception", "wrong_count", None, "needs", "unreadable"]


def test_records_with_other_columns_do_not_share_a_call(load):
    worker = load(ELEMENTWISE, elementwise=True)
    worker.send(score(said("a", info={"x": 1}), 1), score(said("a"), 2))
    assert [together(each) for each in worker.outcomes(2)] == [1, 1]


def test_a_record_without_what_is_needed_stays_out_of_the_shared_call(load):
    worker = load(ELEMENTWISE, elementwise=True)
    worker.send(score(said("a"), 1), score({"prompt": []}, 2), score(said("b"), 3))
    outcomes = worker.outcomes(3)
    assert [each.get("kind") for each in outcomes] == [None, "needs", None]
    assert together(outcomes[0]) == together(outcomes[2]) == 2


@pytest.mark.parametrize(
    ("shape", "signature", "record", "what"),
    [
        ("step", "(action, observation)", {}, "steps"),
        ("step", "(action, observation)", {"steps": []}, "steps"),
        ("step", "(action, observation)", {"steps": [{"index": 0, "action": None, "observation": {}}]}, "action"),
        ("step", "(action, observation)", {"steps": [{"index": 1, "action": 1}]}, "observation"),
        ("step", "(action, observation, state)", step(), "state"),
        ("text", "(completion)", {"messages": []}, "completion"),
        ("text", "(completion)", {"messages": [{"role": "user", "content": "x"}]}, "completion"),
        ("text", "(completion)", said({"a": 1}), "text"),
        ("text", "(completion, answer=None)", said("x"), "answer"),
        ("text", "(completion, level)", said("x", info={"other": 1}), "info.level"),
        ("messages", "(messages)", {"messages": []}, "prompt"),
    ],
)
def test_a_record_that_lacks_something_is_unscored_and_names_it(load, shape, signature, record, what):
    outcome = load(f"def score{signature}: return 1", shape=shape).score(record)
    assert (outcome["status"], outcome["kind"]) == ("unscored", "needs")
    assert what in outcome["message"]


@pytest.mark.parametrize(
    "signature",
    ["(completion, answer)", "(completion)", "(messages)", "(x)", "()", "(*args)", "(action, observation, more)"],
)
def test_a_shape_is_never_guessed(refuse, signature):
    answer = refuse(f"def score{signature}: return 1")
    assert "no shape is declared" in answer["message"]
    assert "step" in answer["hint"] and "batch" in answer["hint"]


@pytest.mark.parametrize(
    ("signature", "shape", "text"),
    [
        ("(answer)", "text", "'answer' would get the completion"),
        ("(action, seen)", "step", "it gives action and observation"),
        ("(one)", "step", "it gives action and observation"),
        ("(completion, level, /)", "text", "columns come by name"),
        ("(completions)", "batch", "it gives prompts and completions"),
    ],
)
def test_signatures_that_do_not_fit_their_shape(refuse, signature, shape, text):
    assert text in refuse(f"def score{signature}: return 1", shape=shape)["message"]


def test_the_decorator_declares_and_the_rubric_file_wins(load):
    code = """
    from rewardbridge import rubric
    @rubric(shape="text", range=[0, 2], deterministic=False)
    def score(text): return len(text)
    """
    assert load(code).description["range"] == [0.0, 2.0]
    worker = load(code, range=[0, 9], deterministic=True)
    assert (worker.description["range"], worker.description["deterministic"]) == ([0.0, 9.0], True)
    assert worker.score(said("abc"))["reward"] == 3


def test_columns_may_be_named_for_a_function_that_takes_all(load, refuse):
    worker = load("def score(completion, **info): return info['a']", shape="text", columns=["a"])
    assert worker.description["columns"] == ["a"]
    assert worker.score(said("x", info={}))["kind"] == "needs"
    answer = refuse("def score(completion): return 1", shape="text", columns=["a"])
    assert "column 'a'" in answer["message"]


@pytest.mark.parametrize(
    ("settings", "message", "hint"),
    [
        ({"shap": "text"}, "setting 'shap'", "did you mean 'shape'?"),
        ({"zzz": 1}, "setting 'zzz'", "unit"),
        ({"shape": "txt"}, "setting 'shape'", None),
        ({"unit": "grup"}, "setting 'unit'", None),
        ({"range": [1, 0]}, "setting 'range'", None),
        ({"range": [0, True]}, "setting 'range'", None),
        ({"stateful": "yes"}, "setting 'stateful'", None),
        ({"batch_max": 0}, "setting 'batch_max'", None),
        ({"needs": ["actions"]}, "setting 'needs'", None),
        ({"columns": "a"}, "setting 'columns'", None),
        ({"args": ["a"]}, "setting 'args'", None),
        ({"args": {"scal": 1}}, "argument 'scal'", "did you mean 'scale'?"),
        ({"unit": "episode"}, "no unit: episode", None),
        ({"unit": "batch"}, "no other shape", None),
        ({"unit": "group"}, "no other shape", None),
        ({"shape": "batch", "unit": "step"}, "units batch, episode and group", None),
        ({"shape": "batch", "unit": "group", "elementwise": True}, "score no groups", None),
        ({"elementwise": True}, "elementwise", None),
        ({"completions": "text"}, "completions", None),
        ({"needs": ["answer"]}, "needs", None),
    ],
)
def test_settings_that_make_no_sense(refuse, settings, message, hint):
    answer = refuse("def score(action, observation, scale=1): return 1", **({"shape": "step"} | settings))
    assert answer["kind"] == "exception" and message in answer["message"]
    assert hint is None or hint in answer["hint"]


def test_the_decorator_knows_its_settings():
    from rewardbridge import rubric

    with pytest.raises(TypeError, match="did you mean 'shape'"):
        rubric(shap="text")
