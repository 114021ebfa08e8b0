"""Chat completions by OpenAI's client."""

from __future__ import annotations

import json
from typing import Any

import openai
import pytest
from emulators import Emulators
from httpx2 import RemoteProtocolError, TimeoutException
from openai.types.chat import ChatCompletion, ChatCompletionChunk

MODEL = "gpt-4o-mini"
HELLO = [{"role": "user", "content": "My chest hurts."}]
SCAN = {"type": "function", "function": {"name": "start_heart_rate_scan", "parameters": {"type": "object"}}}


def client(emulators: Emulators, key: str = "key") -> openai.OpenAI:
    return openai.OpenAI(api_key=key, base_url=f"{emulators.url}/openai/v1", max_retries=0, timeout=2)


def stream(emulators: Emulators, **request: Any) -> list[ChatCompletionChunk]:
    request.setdefault("messages", HELLO)
    return list(client(emulators).chat.completions.create(model=MODEL, stream=True, **request))


def spoken(chunks: list[ChatCompletionChunk]) -> str:
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)


def test_an_answer_streams_word_by_word(emulators: Emulators) -> None:
    chunks = stream(emulators, stream_options={"include_usage": True})
    assert spoken(chunks) == "Thank you for telling me. When did this start?"
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-1].choices == [] and chunks[-1].usage.total_tokens > 0
    assert all(chunk.usage is None for chunk in chunks[:-1])


def test_every_chunk_is_valid(emulators: Emulators) -> None:
    call = {"name": "start_heart_rate_scan", "arguments": {"seconds": 30}}
    emulators.script({"say": "Hold still.", "reasoning": "Measure.", "call": call})
    request = {"messages": HELLO, "tools": [SCAN], "stream_options": {"include_usage": True}}
    completions = client(emulators).chat.completions.with_streaming_response
    with completions.create(model=MODEL, stream=True, **request) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        lines = [line for line in response.iter_lines() if line]
    assert lines[0] == ":", "a comment comes first"
    assert lines[-1] == "data: [DONE]"
    for line in lines[1:-1]:
        chunk = json.loads(line.removeprefix("data: "))
        assert chunk.pop("obfuscation")
        for choice in chunk["choices"]:
            # What compatible servers add for models that think.
            choice["delta"].pop("reasoning_content", None)
        ChatCompletionChunk.model_validate(chunk, extra="forbid")


@pytest.mark.parametrize("arguments", [{}, {"seconds": 30, "place": "Gesicht – ganz"}])
def test_a_function_is_called_and_its_result_taken(emulators: Emulators, arguments: dict[str, Any]) -> None:
    call = {"name": "start_heart_rate_scan", "arguments": arguments}
    emulators.script({"when": "heart", "say": "Hold still.", "call": call}, {"when": "72", "say": "It is 72."})
    heart: list[dict[str, Any]] = [{"role": "user", "content": "Check my heart."}]
    chunks = stream(emulators, messages=heart, tools=[SCAN])
    calls = [call for chunk in chunks for call in chunk.choices[0].delta.tool_calls or []]
    assert calls[0].id and calls[0].function.name == call["name"]
    assert all(call.index == 0 and call.id is None for call in calls[1:])
    text = "".join(call.function.arguments for call in calls)
    assert json.loads(text) == arguments
    assert chunks[-1].choices[0].finish_reason == "tool_calls"

    function = {"name": call["name"], "arguments": text}
    made = [{"id": calls[0].id, "type": "function", "function": function}]
    heart.append({"role": "assistant", "content": "Hold still.", "tool_calls": made})
    with pytest.raises(openai.BadRequestError, match="did not have response messages"):
        stream(emulators, messages=heart, tools=[SCAN])
    heart.append({"role": "tool", "tool_call_id": calls[0].id, "content": '{"rate": 72}'})
    assert spoken(stream(emulators, messages=heart, tools=[SCAN])) == "It is 72."


def test_an_answer_comes_whole(emulators: Emulators) -> None:
    response = client(emulators).chat.completions.with_raw_response.create(model=MODEL, messages=HELLO, max_tokens=3)
    completion = ChatCompletion.model_validate_json(response.text, extra="forbid")
    assert (completion.choices[0].message.content, completion.choices[0].finish_reason) == ("Thank you for", "length")


def test_models_are_listed(emulators: Emulators) -> None:
    assert MODEL in [model.id for model in client(emulators).models.list()]
    with pytest.raises(openai.NotFoundError):
        client(emulators).models.retrieve("nothing")


def test_what_the_service_refuses_is_refused(emulators: Emulators) -> None:
    with pytest.raises(openai.BadRequestError, match="Unrecognized request argument"):
        stream(emulators, extra_body={"top_k": 3})
    with pytest.raises(openai.AuthenticationError) as raised:
        client(emulators, "invalid").chat.completions.create(model=MODEL, messages=HELLO)
    assert raised.value.code == "invalid_api_key"


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("too_many", openai.RateLimitError),
        ("server_error", openai.InternalServerError),
        ("refuse", openai.APIConnectionError),
        ("stall_first", (openai.APITimeoutError, TimeoutException)),
        ("stall_mid", (openai.APITimeoutError, TimeoutException)),
        ("cut", (openai.APIConnectionError, RemoteProtocolError, OSError)),
        ("error_mid", openai.APIError),
        ("garbage", json.JSONDecodeError),
    ],
)
def test_faults_surface(emulators: Emulators, fault: str, error: type[Exception]) -> None:
    emulators.fault("openai", fault, after=3, times=1)
    with pytest.raises(error):
        stream(emulators)
    assert spoken(stream(emulators))


def test_a_clean_end_looks_like_any_other(emulators: Emulators) -> None:
    emulators.fault("openai", "clean_end", after=3)
    chunks = stream(emulators)
    assert spoken(chunks) == "Thank you"
    assert not any(choice.finish_reason for chunk in chunks for choice in chunk.choices)


def test_the_reason_may_come_before_the_words(emulators: Emulators) -> None:
    emulators.fault("openai", "wrong_order", after=3)
    chunks = stream(emulators)
    assert chunks[3].choices[0].finish_reason == "stop" and chunks[4].choices[0].delta.content


def test_words_are_never_duplicated(emulators: Emulators) -> None:
    emulators.fault("openai", "duplicate", after=0)
    chunks = stream(emulators)
    assert spoken(chunks) == "Thank you for telling me. When did this start?"
    assert [chunk.choices[0].finish_reason for chunk in chunks].count("stop") == 2
