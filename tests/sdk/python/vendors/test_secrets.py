"""Secrets Manager's GetSecretValue, by boto3."""

from __future__ import annotations

import json

import aws
import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, HTTPClientError
from emulators import Emulators

SERVICE = "secretsmanager"


def test_a_secret_is_read_by_name_and_by_arn(emulators: Emulators) -> None:
    emulators.put("secrets", name="clinic/cartesia-key", value='{"key":"one"}')
    client = aws.client(SERVICE, emulators.url)
    secret = client.get_secret_value(SecretId="clinic/cartesia-key")
    assert json.loads(secret["SecretString"]) == {"key": "one"}
    assert secret["VersionStages"] == ["AWSCURRENT"]
    assert client.get_secret_value(SecretId=secret["ARN"])["VersionId"] == secret["VersionId"]


def test_a_secret_is_rotated(emulators: Emulators) -> None:
    client = aws.client(SERVICE, emulators.url)
    for value in ("before", "after"):
        emulators.put("secrets", name="rotated", value=value)
    assert client.get_secret_value(SecretId="rotated")["SecretString"] == "after"
    previous = client.get_secret_value(SecretId="rotated", VersionStage="AWSPREVIOUS")
    assert previous["SecretString"] == "before"
    assert client.get_secret_value(SecretId="rotated", VersionId=previous["VersionId"])["SecretString"] == "before"


def test_a_reply_is_known_to_the_service_model(emulators: Emulators) -> None:
    emulators.put("secrets", name="checked", value="value")
    headers = {"X-Amz-Target": "secretsmanager.GetSecretValue", "Content-Type": "application/x-amz-json-1.1"}
    response = aws.post(SERVICE, f"{emulators.url}/", json.dumps({"SecretId": "checked"}).encode(), headers)
    assert response.headers["content-type"] == "application/x-amz-json-1.1"
    shape = aws.model(SERVICE).operation_model("GetSecretValue").output_shape
    aws.check(shape, json.loads(response.data), "GetSecretValue")


def test_an_unknown_secret_and_a_wrong_key_are_refused(emulators: Emulators) -> None:
    client = aws.client(SERVICE, emulators.url)
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_secret_value(SecretId="nobody")
    with pytest.raises(ClientError, match="InvalidSignatureException"):
        aws.client(SERVICE, emulators.url, secret_key="wrong").get_secret_value(SecretId="nobody")


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("too_many", ClientError),
        ("server_error", ClientError),
        ("refuse", (ConnectionClosedError, HTTPClientError)),
        ("stall_first", HTTPClientError),
        ("cut", HTTPClientError),
    ],
)
def test_faults_surface(emulators: Emulators, fault: str, error: type[Exception]) -> None:
    emulators.put("secrets", name="faulty", value="value")
    emulators.fault("secrets", fault, times=1)
    client = aws.client(SERVICE, emulators.url)
    with pytest.raises(error):
        client.get_secret_value(SecretId="faulty")
    assert client.get_secret_value(SecretId="faulty")["SecretString"] == "value"
