"""Gemini by google-genai."""

from __future__ import annotations

import json
from typing import Any

import httpx2
import pytest
import urllib3
from emulators import Emulators
from google import genai
from google.genai import errors, types

MODEL = "gemini-2.5-flash"
SCAN = types.Tool(
    function_declarations=[
        types.FunctionDeclaration(
            name="start_heart_rate_scan",
            description="Measures the heart rate.",
            parameters=types.Schema(type="OBJECT", properties={"seconds": types.Schema(type="INTEGER")}),
        )
    ]
)


def client(emulators: Emulators, key: str = "key", version: str | None = None) -> genai.Client:
    options = types.HttpOptions(base_url=emulators.url, timeout=2000, api_version=version)
    return genai.Client(api_key=key, http_options=options)


def stream(
    emulators: Emulators, contents: Any = "My chest hurts.", version: str | None = None, **config: Any
) -> list[types.GenerateContentResponse]:
    # A client closes its connections when it is forgotten.
    with client(emulators, version=version) as api:
        settings = types.GenerateContentConfig(**config)
        return list(api.models.generate_content_stream(model=MODEL, contents=contents, config=settings))


def whole(emulators: Emulators, model: str = MODEL, key: str = "key", **config: Any) -> types.GenerateContentResponse:
    with client(emulators, key) as api:
        settings = types.GenerateContentConfig(**config)
        return api.models.generate_content(model=model, contents="Hello", config=settings)


def spoken(responses: list[types.GenerateContentResponse]) -> str:
    parts = [part for response in responses for part in response.candidates[0].content.parts or []]
    return "".join(part.text or "" for part in parts if not part.thought)


@pytest.mark.parametrize("version", [None, "v1", "v1beta"])
def test_an_answer_streams_word_by_word(emulators: Emulators, version: str | None) -> None:
    responses = stream(emulators, version=version, system_instruction="Be brief.")
    assert spoken(responses) == "Thank you for telling me. When did this start?"
    reasons = [response.candidates[0].finish_reason for response in responses]
    assert reasons == [None] * 9 + [types.FinishReason.STOP]
    counts = [response.usage_metadata.candidates_token_count for response in responses]
    assert counts == sorted(counts) and counts[-1] > counts[0]


@pytest.mark.parametrize("layout", ["?alt=sse", ""])
def test_every_response_is_valid(emulators: Emulators, layout: str) -> None:
    call = {"name": "start_heart_rate_scan", "arguments": {"seconds": 30}}
    emulators.script({"say": "Hold still.", "reasoning": "Measure the pulse.", "call": call})
    body = {
        "contents": [{"role": "user", "parts": [{"text": "Hello"}]}],
        "tools": [{"functionDeclarations": [{"name": call["name"], "description": "Measures."}]}],
        "generationConfig": {"thinkingConfig": {"includeThoughts": True}},
    }
    url = f"{emulators.url}/v1beta/models/{MODEL}:streamGenerateContent{layout}"
    headers = {"x-goog-api-key": "key", "content-type": "application/json"}
    response = urllib3.request("POST", url, body=json.dumps(body), headers=headers)
    text = response.data.decode()
    if layout:
        assert response.headers["content-type"] == "text/event-stream"
        texts = [event.removeprefix("data: ") for event in text.split("\r\n\r\n") if event]
        got = [json.loads(text) for text in texts]
    else:
        got = json.loads(text)
    typed = [types.GenerateContentResponse.model_validate(one, extra="forbid") for one in got]
    parts = [part for response in typed for part in response.candidates[0].content.parts]
    assert "".join(part.text for part in parts if part.thought) == "Measure the pulse."
    assert [part.function_call.args for part in parts if part.function_call] == [{"seconds": 30}]


def test_a_function_is_called_and_its_result_taken(emulators: Emulators) -> None:
    call = {"name": "start_heart_rate_scan", "arguments": {"seconds": 30}}
    emulators.script({"when": "heart", "say": "Hold still.", "call": call}, {"when": "72", "say": "It is 72."})
    contents = [types.Content(role="user", parts=[types.Part(text="Check my heart.")])]
    by_hand = types.AutomaticFunctionCallingConfig(disable=True)
    responses = stream(emulators, contents, tools=[SCAN], automatic_function_calling=by_hand)
    made = [made for response in responses for made in response.function_calls or []]
    assert [(one.name, one.args) for one in made] == [(call["name"], call["arguments"])]
    contents.append(types.Content(role="model", parts=[types.Part(function_call=made[0])]))
    result = types.Part.from_function_response(name=call["name"], response={"rate": 72})
    contents.append(types.Content(role="user", parts=[result]))
    assert spoken(stream(emulators, contents, tools=[SCAN])) == "It is 72."


def test_an_answer_comes_whole(emulators: Emulators) -> None:
    response = whole(emulators, max_output_tokens=3)
    assert response.text == "Thank you for"
    assert response.candidates[0].finish_reason == types.FinishReason.MAX_TOKENS


def test_a_blocked_prompt_has_no_candidates(emulators: Emulators) -> None:
    emulators.script({"say": "", "blocked": True})
    (response,) = stream(emulators)
    assert response.candidates is None
    assert response.prompt_feedback.block_reason == types.BlockedReason.SAFETY


def test_what_the_service_refuses_is_refused(emulators: Emulators) -> None:
    turns = [types.Content(role="assistant", parts=[types.Part(text="Hello")])]
    with pytest.raises(errors.ClientError, match="valid role"):
        stream(emulators, turns)
    with pytest.raises(errors.ClientError, match="API key not valid"):
        whole(emulators, key="invalid")
    with pytest.raises(errors.ClientError) as raised:
        whole(emulators, "nothing")
    assert (raised.value.code, raised.value.status) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("fault", "code", "status"), [("too_many", 429, "RESOURCE_EXHAUSTED"), ("server_error", 500, "INTERNAL")]
)
def test_an_error_before_the_stream(emulators: Emulators, fault: str, code: int, status: str) -> None:
    emulators.fault("gemini", fault)
    with pytest.raises(errors.APIError) as raised:
        stream(emulators)
    assert (raised.value.code, raised.value.status) == (code, status)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("refuse", httpx2.TransportError),
        ("stall_first", httpx2.ReadTimeout),
        ("stall_mid", httpx2.ReadTimeout),
        ("cut", httpx2.TransportError),
        ("error_mid", errors.ServerError),
        ("garbage", errors.UnknownApiResponseError),
    ],
)
def test_faults_surface(emulators: Emulators, fault: str, error: type[Exception]) -> None:
    emulators.fault("gemini", fault, after=3, times=1)
    with pytest.raises(error):
        stream(emulators)
    assert spoken(stream(emulators))


def test_a_clean_end_looks_like_any_other(emulators: Emulators) -> None:
    emulators.fault("gemini", "clean_end", after=3)
    responses = stream(emulators)
    assert spoken(responses) == "Thank you for"
    assert not any(response.candidates[0].finish_reason for response in responses)


def test_the_reason_may_come_before_the_words(emulators: Emulators) -> None:
    emulators.fault("gemini", "wrong_order", after=3)
    reasons = [response.candidates[0].finish_reason for response in stream(emulators)]
    assert reasons[3] == types.FinishReason.STOP and reasons[-1] is None
