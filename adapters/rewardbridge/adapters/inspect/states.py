"""A record as the `TaskState` and the `Target` that Inspect hands to its scorers."""

import json
from typing import Any

from rewardbridge import fields

# Inspect wants to know which model spoke; recordings seldom say.
MODEL = "none/policy"


def state_of(record: fields.Json) -> Any:
    """With an empty store of its own, which is also the one that `store()` gives within the call."""
    from inspect_ai.model import ModelName, ModelOutput
    from inspect_ai.model._model_output import ChatCompletionChoice
    from inspect_ai.solver import TaskState

    prompt = [message_of(each) for each in fields.prompt(record)]
    said = [message_of(each) for each in fields.messages(record)]
    last = next((each for each in reversed(said) if each.role == "assistant"), None)
    task = record.get("task") or {}
    return TaskState(
        model=ModelName(MODEL),
        sample_id=record.get("id") or task.get("id") or "record",
        epoch=(record.get("group") or {}).get("index", 0) + 1,
        input=_input(prompt),
        messages=prompt + said,
        target=target_of(record),
        choices=(record.get("info") or {}).get("choices"),
        output=ModelOutput(model=MODEL, choices=[ChatCompletionChoice(message=last)]) if last else None,
        completed=True,
        metadata=dict(record.get("info") or {}),
    )


def target_of(record: fields.Json) -> Any:
    """The answer, or one of several, as text."""
    from inspect_ai.scorer import Target

    answer = record.get("answer")
    if isinstance(answer, list):
        return Target([_text(each) for each in answer])
    return Target("" if answer is None else _text(answer))


def message_of(message: fields.Json) -> Any:
    from inspect_ai.model import ChatMessageAssistant, ChatMessageSystem, ChatMessageTool, ChatMessageUser

    text = fields.text_of(message)
    match message.get("role"):
        case "assistant":
            calls = [_call(call, place) for place, call in enumerate(message.get("tool_calls") or [])]
            return ChatMessageAssistant(content=_content(text, message.get("reasoning")), tool_calls=calls or None)
        case "tool":
            return ChatMessageTool(content=text, tool_call_id=message.get("tool_call_id"), function=message.get("name"))
        case "system" | "developer":
            return ChatMessageSystem(content=text)
        case _:
            return ChatMessageUser(content=text)


def _input(prompt: list[Any]) -> Any:
    """A single question is a text, as in a data set."""
    return prompt[0].text if len(prompt) == 1 and prompt[0].role == "user" else list(prompt)


def _content(text: str, reasoning: str | None) -> Any:
    from inspect_ai.model import ContentReasoning, ContentText

    return [ContentReasoning(reasoning=reasoning), ContentText(text=text)] if reasoning else text


def _call(call: fields.Json, place: int) -> Any:
    from inspect_ai.tool import ToolCall

    named = {"id": call.get("id", f"call_{place}"), "function": call["name"]}
    try:
        given = json.loads(call.get("arguments") or "{}")
    except ValueError as error:
        return ToolCall(**named, arguments={}, parse_error=str(error))
    return ToolCall(**named, arguments=given if isinstance(given, dict) else {"value": given})


def _text(answer: Any) -> str:
    return answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)
