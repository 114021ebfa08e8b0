"""InvokeModel in Anthropic's shape, by Anthropic's own Bedrock client."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import quote

import anthropic
import aws
import httpx2
import pytest
from anthropic.types import Message, RawMessageStreamEvent
from botocore.eventstream import ChecksumMismatch
from emulators import Emulators
from pydantic import TypeAdapter

MODEL = "anthropic.claude-haiku-4-5-20251001-v1:0"
SCAN = {"name": "start_heart_rate_scan", "description": "Measures.", "input_schema": {"type": "object"}}
HELLO = [{"role": "user", "content": "My chest hurts."}]


def client(emulators: Emulators) -> anthropic.AnthropicBedrock:
    return anthropic.AnthropicBedrock(
        base_url=emulators.url,
        aws_access_key=aws.ACCESS_KEY,
        aws_secret_key=aws.SECRET_KEY,
        aws_region=aws.REGION,
        max_retries=0,
        timeout=2,
    )


def answer(emulators: Emulators, **request: Any) -> Message:
    request.setdefault("messages", HELLO)
    with client(emulators).messages.stream(model=MODEL, max_tokens=99, **request) as stream:
        return stream.get_final_message()


def test_an_answer_streams(emulators: Emulators) -> None:
    message = answer(emulators)
    assert message.content[0].text == "Thank you for telling me. When did this start?"
    assert message.stop_reason == "end_turn"
    assert message.usage.input_tokens > 0 and message.usage.output_tokens > 1


def test_an_answer_comes_whole(emulators: Emulators) -> None:
    message = client(emulators).messages.create(model=MODEL, max_tokens=3, messages=HELLO)
    assert (message.content[0].text, message.stop_reason) == ("Thank you for", "max_tokens")


def test_a_function_is_called_and_its_result_taken(emulators: Emulators) -> None:
    call = {"name": "start_heart_rate_scan", "arguments": {"seconds": 30}}
    emulators.script(
        {"when": "heart", "say": "Hold still.", "reasoning": "Measure.", "call": call}, {"when": "72", "say": "It is 72."}
    )
    heart = [{"role": "user", "content": "Check my heart."}]
    message = answer(emulators, messages=heart, tools=[SCAN])
    assert [block.type for block in message.content] == ["thinking", "text", "tool_use"]
    use = message.content[2]
    assert (use.input, message.stop_reason) == ({"seconds": 30}, "tool_use")
    result = {"type": "tool_result", "tool_use_id": use.id, "content": "72"}
    heart += [{"role": "assistant", "content": message.content[1:]}, {"role": "user", "content": [result]}]
    assert answer(emulators, messages=heart, tools=[SCAN]).content[0].text == "It is 72."


def test_every_event_is_valid(emulators: Emulators) -> None:
    call = {"name": "start_heart_rate_scan"}
    emulators.script({"say": "Hold still.", "reasoning": "Measure.", "call": call})
    url = f"{emulators.url}/model/{quote(MODEL, safe='')}/invoke-with-response-stream"
    request = {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 99, "messages": HELLO, "tools": [SCAN]}
    response = aws.post("bedrock-runtime", url, json.dumps(request).encode())
    assert response.headers["x-amzn-bedrock-content-type"] == "application/json"
    chunks = aws.validated_events("bedrock-runtime", "InvokeModelWithResponseStream", response.data)
    events = [json.loads(base64.b64decode(chunk["bytes"])) for _, chunk in chunks]
    metrics = events[-1].pop("amazon-bedrock-invocationMetrics")
    assert set(metrics) == {"inputTokenCount", "outputTokenCount", "invocationLatency", "firstByteLatency"}
    adapter = TypeAdapter(RawMessageStreamEvent)
    for event in events:
        adapter.validate_python(event, extra="forbid")
    kinds = {event["type"] for event in events}
    blocks = {"content_block_start", "content_block_delta", "content_block_stop"}
    assert kinds == {"message_start", "message_delta", "message_stop", *blocks}


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("too_many", anthropic.RateLimitError),
        ("server_error", anthropic.InternalServerError),
        ("refuse", anthropic.APIConnectionError),
    ],
)
def test_an_error_before_the_stream(emulators: Emulators, fault: str, error: type[Exception]) -> None:
    emulators.fault("bedrock", fault)
    with pytest.raises(error):
        answer(emulators)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("stall_first", httpx2.ReadTimeout),
        ("stall_mid", httpx2.ReadTimeout),
        ("cut", (httpx2.TransportError, anthropic.APIConnectionError)),
        ("error_mid", anthropic.APIStatusError),
        ("garbage", ChecksumMismatch),
    ],
)
def test_faults_within_the_stream(emulators: Emulators, fault: str, error: type[Exception]) -> None:
    emulators.fault("bedrock", fault, after=3, times=1)
    with pytest.raises(error):
        answer(emulators)
    assert answer(emulators).stop_reason == "end_turn"


def test_a_clean_end_lacks_a_reason(emulators: Emulators) -> None:
    emulators.fault("bedrock", "clean_end", after=4)
    message = answer(emulators)
    assert message.stop_reason is None
