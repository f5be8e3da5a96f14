"""What every library's adapter is asked about: one question, answered well, badly and oddly."""

from typing import Any

SYSTEM = "You are a careful math tutor."
QUESTION = "What is 12*12? End with \\boxed{...} and '#### <number>'."
PROMPT = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": QUESTION}]

Record = dict[str, Any]


def said(text: Any, answer: Any = "144", **more: Any) -> Record:
    """A record of one answer to the question; `info` holds the columns that the libraries' own rewards ask for."""
    return conversed([{"role": "assistant", "content": text, "sampled": True}], answer, **more)


def conversed(messages: list[dict[str, Any]], answer: Any = "144", **more: Any) -> Record:
    """A record of everything after the prompt."""
    record = {
        "schema": "evalrec/1",
        "task": {"id": "multiply-1", "data_source": "openai/gsm8k", "split": "train", "index": 0},
        "prompt": PROMPT,
        "messages": messages,
        "answer": answer,
        "info": {"difficulty": "easy"},
        **more,
    }
    return {name: part for name, part in record.items() if part is not None}


def group(*members: Record) -> Record:
    """The rollouts of one task."""
    return {"schema": "evalrec/1", "members": list(members)}


TOOL_CALL = {"id": "call_1", "name": "multiply", "arguments": '{"a": 12, "b": 12}'}

RECORDS: dict[str, Record] = {
    "right": said("12*12 = 144. \\boxed{144}\n#### 144"),
    "wrong": said("12*12 = 154. \\boxed{154}\n#### 154"),
    "long": said(
        "<think>\n" + "Ten twelves are 120, and two more are 24. " * 200 + "\n</think>\n\\boxed{144}\n#### 144"
    ),
    "empty": said(""),
    "equivalent": said("That is \\boxed{\\frac{288}{2}}\n#### 144.0"),
    "tools": conversed(
        [
            {"role": "assistant", "content": "I shall multiply.", "tool_calls": [TOOL_CALL], "sampled": True},
            {"role": "tool", "content": "144", "tool_call_id": "call_1", "name": "multiply"},
            {"role": "assistant", "content": "Let me check it again.", "tool_calls": [TOOL_CALL], "sampled": True},
            {"role": "tool", "content": "144", "tool_call_id": "call_1", "name": "multiply"},
            {"role": "assistant", "content": "It is \\boxed{144}\n#### 144", "sampled": True},
        ]
    ),
    "unicode": said("Réponse\u2009: 十二 × 十二 = １４４ 🎉 \\boxed{144}\n#### 144"),
    "no gold": said("12*12 = 144. \\boxed{144}\n#### 144", answer=None),
    "golds": said("12*12 = 144. \\boxed{144}\n#### 144", answer=["145", "144"]),
}

# Those that hold all that a scorer of text against one gold answer needs.
PLAIN = [name for name in RECORDS if name not in ("no gold", "golds")]
