"""SageMaker Runtime by boto3."""

from __future__ import annotations

import json
from typing import Any

import aws
import pytest
from botocore.eventstream import ChecksumMismatch
from botocore.exceptions import ClientError, ConnectionClosedError, EventStreamError, HTTPClientError, ReadTimeoutError
from emulators import Emulators
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from urllib3.exceptions import ProtocolError
from urllib3.exceptions import ReadTimeoutError as StreamTimeout

SERVICE = "sagemaker-runtime"
DEGREES = "Es sind 39,5 °C – zu heiß."


def body(**request: Any) -> bytes:
    return json.dumps({"messages": [{"role": "user", "content": "Hello"}], **request}).encode()


def parts(emulators: Emulators, endpoint: str = "sea-lion", **request: Any) -> list[bytes]:
    client = aws.client(SERVICE, emulators.url)
    response = client.invoke_endpoint_with_response_stream(
        EndpointName=endpoint, ContentType="application/json", Body=body(stream=True, **request)
    )
    assert response["InvokedProductionVariant"] == "AllTraffic"
    return [event["PayloadPart"]["Bytes"] for event in response["Body"]]


def events(data: bytes) -> list[str]:
    lines = data.decode().split("\n")
    return [line.removeprefix("data: ") for line in lines if line.startswith("data: ")]


def test_parts_end_within_characters_and_join_to_events(emulators: Emulators) -> None:
    emulators.script({"say": DEGREES})
    got = parts(emulators, stream_options={"include_usage": True})
    broken = 0
    for part in got:
        try:
            part.decode()
        except UnicodeDecodeError:
            broken += 1
    assert broken >= 4, "each of the two characters is cut in two"
    *chunks, done = events(b"".join(got))
    assert done == "[DONE]"
    typed = [ChatCompletionChunk.model_validate(json.loads(chunk), extra="forbid") for chunk in chunks]
    assert "".join(chunk.choices[0].delta.content or "" for chunk in typed if chunk.choices) == DEGREES
    assert typed[-1].usage is not None


def test_a_container_may_write_json_lines(emulators: Emulators) -> None:
    emulators.script({"say": DEGREES})
    lines = b"".join(parts(emulators, "sea-lion-lines")).decode().splitlines()
    tokens = [json.loads(line) for line in lines]
    assert "".join(token["token"]["text"] for token in tokens) == DEGREES
    assert tokens[-1]["generated_text"] == DEGREES


def test_frames_are_as_in_the_service_model(emulators: Emulators) -> None:
    url = f"{emulators.url}/endpoints/sea-lion/invocations-response-stream"
    for headers, _ in aws.frames(aws.post(SERVICE, url, body()).data):
        assert headers == {
            ":event-type": "PayloadPart",
            ":content-type": "application/octet-stream",
            ":message-type": "event",
        }


def test_an_answer_comes_whole(emulators: Emulators) -> None:
    response = aws.client(SERVICE, emulators.url).invoke_endpoint(
        EndpointName="sea-lion", ContentType="application/json", Body=body()
    )
    completion = ChatCompletion.model_validate(json.loads(response["Body"].read()), extra="forbid")
    assert completion.choices[0].message.content == "Thank you for telling me. When did this start?"


def test_what_the_service_refuses_is_refused(emulators: Emulators) -> None:
    with pytest.raises(ClientError, match="not found"):
        parts(emulators, "missing")
    with pytest.raises(ClientError) as raised:
        parts(emulators, messages=[])
    assert raised.value.response["Error"]["Code"] == "ModelError"


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("too_many", ClientError),
        ("server_error", ClientError),
        ("refuse", (ConnectionClosedError, HTTPClientError)),
        ("stall_first", (ReadTimeoutError, StreamTimeout)),
        ("stall_mid", (ReadTimeoutError, StreamTimeout)),
        ("cut", (ProtocolError, HTTPClientError)),
        ("error_mid", EventStreamError),
        ("garbage", ChecksumMismatch),
    ],
)
def test_faults_surface(emulators: Emulators, fault: str, error: type[Exception]) -> None:
    emulators.fault("sagemaker", fault, after=5, times=1)
    with pytest.raises(error):
        parts(emulators)
    assert events(b"".join(parts(emulators)))[-1] == "[DONE]"


def test_a_clean_end_looks_like_any_other(emulators: Emulators) -> None:
    emulators.fault("sagemaker", "clean_end", after=6)
    assert "[DONE]" not in events(b"".join(parts(emulators)))
