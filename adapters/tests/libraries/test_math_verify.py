"""Math-Verify 0.9: `scripts/test-libraries.sh math_verify`."""

import logging
import signal
import threading
import time

import pytest

math_verify = pytest.importorskip("math_verify", reason="scripts/test-libraries.sh math_verify makes its environment")

from calls import made, score  # noqa: E402
from records import PLAIN, RECORDS, said  # noqa: E402

from rewardbridge import fields  # noqa: E402
from rewardbridge.failures import result_of_error  # noqa: E402
from rewardbridge.kinds import Kind  # noqa: E402
from rewardbridge.seam import LoadRefused  # noqa: E402

PAIRS = {
    "fraction": ("\\frac{1}{3}", "it is $\\frac{2}{6}$"),
    "decimal": ("0.5", "\\boxed{\\frac{1}{2}}"),
    "set": ("\\{1, 2\\}", "\\boxed{\\{2, 1\\}}"),
    "interval": ("(1, 2)", "\\boxed{1 < x < 2}"),
    "percent": ("9\\%", "\\boxed{9}"),
    "latex": ("x^2 + 2x + 1", "\\boxed{(x+1)^2}"),
    "garbage": ("144", "\\boxed{\\frac{}{}{{ ^^ }"),
}


def direct(record):
    gold, text = fields.answer(record), fields.completion(record)
    return float(math_verify.verify(math_verify.parse(gold), math_verify.parse(text)))


@pytest.mark.parametrize("name", PLAIN)
def test_verify_gives_what_the_library_gives(make, name):
    result = score(make("math_verify:verify"), RECORDS[name])
    assert (result.status, result.reward) == ("scored", direct(RECORDS[name]))


@pytest.mark.parametrize("name", PAIRS)
def test_pairs(make, name):
    gold, text = PAIRS[name]
    record = said(text, gold if "$" in gold or gold[0].isdigit() else f"${gold}$")
    result = score(make("math_verify:verify"), record)
    assert (result.status, result.reward) == ("scored", direct(record))


def test_the_records_tell_right_from_wrong(make):
    component = make("math_verify:verify")
    rewards = {name: score(component, RECORDS[name]).reward for name in PLAIN}
    assert rewards == {
        "right": 1, "wrong": 0, "long": 1, "empty": 0, "equivalent": 1, "tools": 1, "unicode": 1
    }  # fmt: skip


@pytest.mark.parametrize("name", PLAIN)
def test_math_metric_gives_what_the_library_gives(make, name):
    from math_verify import ExprExtractionConfig, LatexExtractionConfig, math_metric

    configs = (LatexExtractionConfig(), ExprExtractionConfig())
    record = RECORDS[name]
    reward, texts = math_metric(configs, configs)(["144"], [fields.completion(record)])
    result = score(make("math_verify:math_metric", args={"gold": ["latex", "expr"], "pred": ["latex", "expr"]}), record)
    assert (result.status, result.reward) == ("scored", reward)
    assert result.labels["extracted"] == ", ".join(texts[1])


def test_one_of_several_gold_answers(make):
    for target in ("verify", "math_metric"):
        assert score(make(f"math_verify:{target}"), RECORDS["golds"]).reward == 1
        assert score(make(f"math_verify:{target}"), said("\\boxed{7}", ["144", "12^2"])).reward == 0


def test_a_missing_gold_answer_is_no_zero(make):
    result = score(make("math_verify:verify"), RECORDS["no gold"])
    assert result.kind is Kind.NEEDS and "answer" in result.message


def test_a_gold_answer_without_mathematics_is_no_zero(make):
    record = said("\\boxed{144}", "the house")
    assert direct(record) == 0
    assert score(make("math_verify:verify"), record).kind is Kind.VERIFIER_ERROR
    assert score(make("math_verify:math_metric"), record).kind is Kind.EXCEPTION


def test_a_number_as_gold_answer(make):
    assert score(make("math_verify:verify"), said("\\boxed{144}", 144)).reward == 1
    assert score(make("math_verify:verify"), said("\\boxed{144}", {"x": 1})).kind is Kind.UNREADABLE


@pytest.fixture
def slow(monkeypatch):
    """A comparison that takes longer than a second, in place of one that takes minutes."""
    from math_verify import grader

    def wait(*_):
        time.sleep(3)
        return True

    monkeypatch.setattr(grader, "sympy_expr_eq", wait)


def test_a_timeout_is_no_zero(make, slow):
    """The library says False."""
    record = said("\\boxed{\\frac{288}{2}}")
    gold, text = math_verify.parse("144"), math_verify.parse(fields.completion(record))
    assert math_verify.verify(gold, text, timeout_seconds=1) is False
    result = score(make("math_verify:verify", args={"timeout_seconds": 1}), record)
    assert (result.status, result.kind) == ("failed", Kind.TIMEOUT)


def test_a_timeout_between_two_calls_is_one_too(make, monkeypatch):
    from math_verify.errors import TimeoutException

    def raises(*_):
        raise TimeoutException("Operation timed out!")

    component = make("math_verify:verify")
    monkeypatch.setattr(component, "compare", raises)
    assert score(component, RECORDS["right"]).kind is Kind.TIMEOUT


def test_what_stands_in_spite_of_a_timeout(make, monkeypatch):
    def right(*_):
        logging.getLogger("math_verify.grader").warning("Timeout during comparison")
        return 1.0, {}

    component = make("math_verify:verify")
    monkeypatch.setattr(component, "compare", right)
    assert score(component, RECORDS["right"]).reward == 1


def test_no_alarm_and_no_handler_stay_behind(make):
    before = signal.getsignal(signal.SIGALRM)
    score(make("math_verify:verify"), RECORDS["equivalent"])
    assert signal.getsignal(signal.SIGALRM) is before and signal.getitimer(signal.ITIMER_REAL) == (0, 0)


def test_off_the_main_thread_it_fails_loudly(make):
    component = make("math_verify:verify")
    found = []

    def call():
        try:
            found.append(component.score("e/1", RECORDS["right"]))
        except Exception as error:
            found.append(result_of_error(error))

    thread = threading.Thread(target=call)
    thread.start()
    thread.join()
    assert found[0].kind is Kind.EXCEPTION and "thread" in found[0].message


def test_settings_reach_the_library(make):
    strict, loose = (make("math_verify:verify", args={"strict": each}) for each in (True, False))
    record = said("\\boxed{y + 1}", "$x + 1$")
    assert (score(strict, record).reward, score(loose, record).reward) == (0, 1)


@pytest.mark.parametrize(
    ("target", "settings", "reason"),
    [
        ("verfy", {}, "unknown target"),
        ("verify", {"args": {"precision": 6}}, "unknown name 'precision'"),
        ("verify", {"args": {"gold": ["tex"]}}, "unknown extraction 'tex'"),
        ("verify", {"unit": "group"}, "one answer"),
        ("verify", {"completions": "text"}, "unknown"),
    ],
)
def test_what_is_refused(tmp_path, target, settings, reason):
    with pytest.raises(LoadRefused, match=reason):
        made(f"math_verify:{target}", tmp_path, **settings)


def test_the_example(example):
    component, records = example("math_verify")
    assert [score(component, each).reward for each in records] == [1, 0, 1]
