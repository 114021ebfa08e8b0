"""Bedrock Runtime by boto3."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import aws
import pytest
import urllib3
from botocore.eventstream import ChecksumMismatch
from botocore.exceptions import ClientError, ConnectionClosedError, EventStreamError, HTTPClientError, ReadTimeoutError
from emulators import Emulators
from urllib3.exceptions import ProtocolError
from urllib3.exceptions import ReadTimeoutError as StreamTimeout

MODEL = "anthropic.claude-haiku-4-5-20251001-v1:0"
SCAN = {"name": "start_heart_rate_scan", "inputSchema": {"json": {"type": "object", "properties": {}}}}
TOOLS = {"tools": [{"toolSpec": SCAN}]}


def said(*texts: str) -> list[dict[str, Any]]:
    roles = ["user", "assistant"] * len(texts)
    return [{"role": role, "content": [{"text": text}]} for role, text in zip(roles, texts, strict=False)]


def stream(emulators: Emulators, **request: Any) -> list[dict[str, Any]]:
    request.setdefault("messages", said("My chest hurts."))
    response = aws.client("bedrock-runtime", emulators.url).converse_stream(modelId=MODEL, **request)
    return list(response["stream"])


def spoken(events: list[dict[str, Any]]) -> str:
    deltas = (event["contentBlockDelta"]["delta"] for event in events if "contentBlockDelta" in event)
    return "".join(delta.get("text", "") for delta in deltas)


def raw(emulators: Emulators, **request: Any) -> list[tuple[str, Any]]:
    """The events of a stream, each validated against the service model."""
    url = f"{emulators.url}/model/{quote(MODEL, safe='')}/converse-stream"
    body = json.dumps({"messages": said("My chest hurts."), **request}).encode()
    response = aws.post("bedrock-runtime", url, body)
    assert response.status == 200, response.data
    assert response.headers["content-type"] == "application/vnd.amazon.eventstream"
    return aws.validated_events("bedrock-runtime", "ConverseStream", response.data)


def test_an_answer_streams_word_by_word(emulators: Emulators) -> None:
    events = stream(emulators)
    assert spoken(events) == "Thank you for telling me. When did this start?"
    kinds = [next(iter(event)) for event in events]
    assert kinds == ["messageStart", *["contentBlockDelta"] * 9, "contentBlockStop", "messageStop", "metadata"]
    assert events[-2]["messageStop"]["stopReason"] == "end_turn"
    usage = events[-1]["metadata"]["usage"]
    assert usage["totalTokens"] == usage["inputTokens"] + usage["outputTokens"] > 0


def test_every_event_is_known_to_the_service_model(emulators: Emulators) -> None:
    emulators.script(
        {
            "say": "Please hold still.",
            "reasoning": "The pulse is wanted.",
            "call": {"name": "start_heart_rate_scan", "arguments": {"seconds": 30}},
        }
    )
    events = raw(
        emulators,
        toolConfig=TOOLS,
        performanceConfig={"latency": "optimized"},
        serviceTier={"type": "priority"},
        guardrailConfig={"guardrailIdentifier": "abc123", "guardrailVersion": "1", "trace": "enabled"},
    )
    kinds = {kind for kind, _ in events}
    expected = {"messageStart", "contentBlockStart", "contentBlockDelta", "contentBlockStop", "messageStop", "metadata"}
    assert kinds == expected
    assert "guardrail" in events[-1][1]["trace"]


@pytest.mark.parametrize("arguments", [{}, {"seconds": 30, "place": "Gesicht – ganz"}])
def test_a_function_is_called_and_its_result_taken(emulators: Emulators, arguments: dict[str, Any]) -> None:
    call = {"name": "start_heart_rate_scan", "arguments": arguments}
    emulators.script(
        {"when": "heart", "say": "Hold still.", "call": call},
        {"when": "72", "say": "Your heart beats 72 times a minute."},
    )
    messages = said("Check my heart.")
    events = stream(emulators, messages=messages, toolConfig=TOOLS)
    start = next(event["contentBlockStart"] for event in events if "contentBlockStart" in event)
    assert start["contentBlockIndex"] == 1 and start["start"]["toolUse"]["name"] == "start_heart_rate_scan"
    deltas = (event["contentBlockDelta"]["delta"] for event in events if "contentBlockDelta" in event)
    fragments = "".join(delta["toolUse"]["input"] for delta in deltas if "toolUse" in delta)
    assert json.loads(fragments or "{}") == arguments
    assert events[-2]["messageStop"]["stopReason"] == "tool_use"

    use = {"toolUseId": start["start"]["toolUse"]["toolUseId"], "name": call["name"], "input": arguments}
    result = {"toolUseId": use["toolUseId"], "content": [{"json": {"rate": 72}}]}
    messages += [
        {"role": "assistant", "content": [{"text": "Hold still."}, {"toolUse": use}]},
        {"role": "user", "content": [{"toolResult": result}]},
    ]
    assert spoken(stream(emulators, messages=messages, toolConfig=TOOLS)).endswith("72 times a minute.")


def test_an_answer_comes_whole(emulators: Emulators) -> None:
    call = {"name": "start_heart_rate_scan"}
    emulators.script({"say": "Hold still.", "reasoning": "Measure.", "call": call})
    url = f"{emulators.url}/model/{quote(MODEL, safe='')}/converse"
    body = json.dumps({"messages": said("Hello"), "toolConfig": TOOLS}).encode()
    reply = json.loads(aws.post("bedrock-runtime", url, body).data)
    shape = aws.model("bedrock-runtime").operation_model("Converse").output_shape
    aws.check(shape, reply, "Converse")
    answer = aws.client("bedrock-runtime", emulators.url).converse(modelId=MODEL, messages=said("Hello"))
    assert answer["output"]["message"]["content"][-1] == {"text": "Hold still."}
    assert answer["stopReason"] == "end_turn", "a function that is not declared is not called"


def test_a_guardrail_steps_in(emulators: Emulators) -> None:
    emulators.script({"say": "I cannot talk about that.", "blocked": True})
    guardrail = {"guardrailIdentifier": "abc123", "guardrailVersion": "DRAFT", "trace": "enabled"}
    events = stream(emulators, guardrailConfig=guardrail)
    assert events[-2]["messageStop"]["stopReason"] == "guardrail_intervened"
    assessment = events[-1]["metadata"]["trace"]["guardrail"]["inputAssessment"]["abc123"]
    assert assessment["topicPolicy"]["topics"][0]["action"] == "BLOCKED"


def test_a_long_prompt_is_cached(emulators: Emulators) -> None:
    system = [{"text": "Ask about allergies. " * 1000}, {"cachePoint": {"type": "default"}}]
    first, second = (stream(emulators, system=system)[-1]["metadata"]["usage"] for _ in range(2))
    assert first["cacheWriteInputTokens"] == second["cacheReadInputTokens"] > 4096
    assert first["cacheDetails"][0]["inputTokens"] == first["cacheWriteInputTokens"]
    assert second["cacheWriteInputTokens"] == 0


def test_an_allowance_of_tokens_ends_the_answer(emulators: Emulators) -> None:
    events = stream(emulators, inferenceConfig={"maxTokens": 3})
    assert spoken(events) == "Thank you for"
    assert events[-2]["messageStop"]["stopReason"] == "max_tokens"


def test_an_answer_goes_on_after_what_was_said(emulators: Emulators) -> None:
    assert spoken(stream(emulators, messages=said("It hurts.", "Thank you for telling me."))) == "When did this start?"


@pytest.mark.parametrize(
    ("request_", "part"),
    [
        ({"messages": said("a", "b", "c")[1:]}, "must start with a user message"),
        ({"messages": said("a") * 2}, "must alternate"),
        ({"messages": said("")}, "is blank"),
        ({"toolConfig": {"tools": [{"toolSpec": {**SCAN, "name": "a b"}}]}}, "regular expression"),
    ],
)
def test_what_the_service_refuses_is_refused(emulators: Emulators, request_: dict[str, Any], part: str) -> None:
    with pytest.raises(ClientError, match=part) as raised:
        stream(emulators, **request_)
    assert raised.value.response["Error"]["Code"] == "ValidationException"
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_a_wrong_signature_is_refused(emulators: Emulators) -> None:
    client = aws.client("bedrock-runtime", emulators.url, secret_key="wrong")
    with pytest.raises(ClientError) as raised:
        client.converse_stream(modelId=MODEL, messages=said("Hello"))
    assert raised.value.response["Error"]["Code"] == "InvalidSignatureException"


@pytest.mark.parametrize(("token", "status"), [("emulator-token", 200), ("another", 403)])
def test_a_bearer_token_opens_the_door(emulators: Emulators, token: str, status: int) -> None:
    # boto3 sends bearer tokens over TLS alone, so this is the bare request it would send.
    url = f"{emulators.url}/model/{quote(MODEL, safe='')}/converse"
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    response = urllib3.request("POST", url, body=json.dumps({"messages": said("Hello")}), headers=headers)
    assert response.status == status


@pytest.mark.parametrize(
    ("fault", "code", "status"),
    [("too_many", "ThrottlingException", 429), ("server_error", "InternalServerException", 500)],
)
def test_an_error_before_the_stream(emulators: Emulators, fault: str, code: str, status: int) -> None:
    emulators.fault("bedrock", fault, times=1)
    with pytest.raises(ClientError) as raised:
        stream(emulators)
    assert raised.value.response["Error"]["Code"] == code
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
    assert spoken(stream(emulators)), "the fault strikes once"


def test_a_refused_connection(emulators: Emulators) -> None:
    emulators.fault("bedrock", "refuse")
    with pytest.raises((ConnectionClosedError, HTTPClientError)):
        stream(emulators)


@pytest.mark.parametrize("fault", ["stall_first", "stall_mid"])
def test_a_stall_is_noticed_by_the_clients_timer_alone(emulators: Emulators, fault: str) -> None:
    emulators.fault("bedrock", fault, after=3)
    with pytest.raises((ReadTimeoutError, StreamTimeout)):
        stream(emulators)


def test_a_cut_connection(emulators: Emulators) -> None:
    emulators.fault("bedrock", "cut", after=3)
    with pytest.raises((ProtocolError, HTTPClientError)):
        stream(emulators)


def test_garbage_has_a_wrong_checksum(emulators: Emulators) -> None:
    emulators.fault("bedrock", "garbage", after=3)
    with pytest.raises(ChecksumMismatch):
        stream(emulators)


def test_an_exception_within_the_stream(emulators: Emulators) -> None:
    emulators.fault("bedrock", "error_mid", after=3)
    with pytest.raises(EventStreamError) as raised:
        stream(emulators)
    assert raised.value.response["Error"]["Code"] == "modelStreamErrorException"


def test_a_clean_end_looks_like_any_other(emulators: Emulators) -> None:
    emulators.fault("bedrock", "clean_end", after=3)
    events = stream(emulators)
    assert spoken(events) == "Thank you"
    assert not any("messageStop" in event for event in events)


def test_a_block_may_close_before_its_words(emulators: Emulators) -> None:
    emulators.fault("bedrock", "wrong_order", after=3)
    kinds = [next(iter(event)) for event in stream(emulators)]
    assert kinds[3] == "contentBlockStop" and kinds[4] == "contentBlockDelta"


def test_words_are_never_duplicated(emulators: Emulators) -> None:
    emulators.fault("bedrock", "duplicate", after=0)
    events = stream(emulators)
    assert spoken(events) == "Thank you for telling me. When did this start?"
    kinds = [next(iter(event)) for event in events]
    assert [kinds.count(kind) for kind in ("messageStart", "contentBlockStop", "messageStop", "metadata")] == [2] * 4


def test_a_slow_drip_is_slow(emulators: Emulators) -> None:
    emulators.fault("bedrock", "slow_drip", after=1)
    response = aws.client("bedrock-runtime", emulators.url).converse_stream(modelId=MODEL, messages=said("Hello"))
    assert "messageStart" in next(iter(response["stream"]))
    response["stream"].close()
    assert [entry["detail"] for entry in emulators.log("bedrock") if entry["event"] == "fault"] == [{"fault": "slow_drip"}]
