"""What the tests with boto3 share: clients, raw signed requests, and strict validation against the service model."""

from __future__ import annotations

import base64
import json
from typing import Any

import boto3
import botocore.session
import urllib3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.eventstream import EventStreamBuffer
from botocore.model import ServiceModel, Shape

REGION = "us-east-1"
ACCESS_KEY = "AKIDEMULATOR"
SECRET_KEY = "secret"
SIGNED_AS = {"bedrock-runtime": "bedrock", "bedrock-agent-runtime": "bedrock", "sagemaker-runtime": "sagemaker"}
# Bedrock's padding, of which the model knows nothing.
PADDING = "p"


def client(service: str, url: str, *, secret_key: str = SECRET_KEY) -> Any:
    """A client that tries once and reads with little patience."""
    config = Config(retries={"total_max_attempts": 1}, read_timeout=2, connect_timeout=2)
    return boto3.client(
        service,
        endpoint_url=url,
        region_name=REGION,
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=secret_key,
        config=config,
    )


def post(service: str, url: str, body: bytes, headers: dict[str, str] | None = None) -> urllib3.BaseHTTPResponse:
    """A signed request whose answer nobody has parsed."""
    request = AWSRequest("POST", url, {"Content-Type": "application/json", **(headers or {})}, body)
    signer = SigV4Auth(Credentials(ACCESS_KEY, SECRET_KEY), SIGNED_AS.get(service, service), REGION)
    signer.add_auth(request)
    return urllib3.PoolManager().request("POST", url, body=body, headers=dict(request.headers.items()))


def model(service: str) -> ServiceModel:
    return botocore.session.get_session().get_service_model(service)


def frames(data: bytes) -> list[tuple[dict[str, str], bytes]]:
    """The frames of an event stream, checksums checked."""
    buffer = EventStreamBuffer()
    buffer.add_data(data)
    return [(message.headers, message.payload) for message in buffer]


def validated_events(service: str, operation: str, data: bytes) -> list[tuple[str, Any]]:
    """The events of a stream of JSON; every field must be known to the service model and every required one there."""
    stream = model(service).operation_model(operation).get_event_stream_output()
    events = []
    for headers, payload in frames(data):
        assert list(headers) == [":event-type", ":content-type", ":message-type"]
        assert headers[":content-type"] == "application/json" and headers[":message-type"] == "event"
        kind, event = headers[":event-type"], json.loads(payload)
        padding = event.pop(PADDING)
        assert isinstance(padding, str) and padding
        check(stream.members[kind], event, kind)
        events.append((kind, event))
    return events


def check(shape: Shape, value: Any, path: str) -> None:
    """Asserts that a JSON value is what the service model says."""
    if shape.type_name == "structure":
        if getattr(shape, "is_document_type", False):
            return
        assert isinstance(value, dict), path
        names = {member.serialization.get("name", name): (name, member) for name, member in shape.members.items()}
        for key, inner in value.items():
            assert key in names, f"{path}.{key} is unknown"
            check(names[key][1], inner, f"{path}.{key}")
        present = {names[key][0] for key in value}
        for name in shape.required_members:
            assert name in present, f"{path}.{name} is missing"
        assert not getattr(shape, "is_tagged_union", False) or len(value) == 1, f"{path} is a union"
    elif shape.type_name == "list":
        for index, inner in enumerate(value):
            check(shape.member, inner, f"{path}[{index}]")
    elif shape.type_name == "map":
        for key, inner in value.items():
            check(shape.value, inner, f"{path}.{key}")
    elif shape.type_name == "blob":
        base64.b64decode(value, validate=True)
    elif shape.type_name == "string":
        assert isinstance(value, str), path
        assert not shape.enum or value in shape.enum, f"{path}: {value}"
    elif shape.type_name in ("integer", "long"):
        assert type(value) is int, path
    elif shape.type_name in ("float", "double", "timestamp"):
        assert isinstance(value, (int, float)), path
    else:
        assert shape.type_name == "boolean" and isinstance(value, bool), path
