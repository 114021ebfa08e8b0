"""Retrieve of Bedrock knowledge bases, by boto3."""

from __future__ import annotations

import json
from typing import Any

import aws
import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, HTTPClientError, ReadTimeoutError
from emulators import Emulators

BASE = "KNOWLEDGE1"
SERVICE = "bedrock-agent-runtime"


def retrieve(emulators: Emulators, query: str, **request: Any) -> dict[str, Any]:
    client = aws.client(SERVICE, emulators.url)
    return client.retrieve(knowledgeBaseId=BASE, retrievalQuery={"text": query}, **request)


def test_the_best_passage_comes_first(emulators: Emulators) -> None:
    results = retrieve(emulators, "Is chest pain an emergency?")["retrievalResults"]
    assert results[0]["location"]["s3Location"]["uri"] == "s3://clinic/chest-pain.md"
    assert [result["score"] for result in results] == sorted((result["score"] for result in results), reverse=True)


def test_a_reply_is_known_to_the_service_model(emulators: Emulators) -> None:
    url = f"{emulators.url}/knowledgebases/{BASE}/retrieve"
    reply = json.loads(aws.post(SERVICE, url, json.dumps({"retrievalQuery": {"text": "fever"}}).encode()).data)
    aws.check(aws.model(SERVICE).operation_model("Retrieve").output_shape, reply, "Retrieve")


def test_results_come_in_pages(emulators: Emulators) -> None:
    emulators.put("knowledge", passages=[{"text": f"fever {n}", "uri": f"s3://clinic/{n}"} for n in range(25)])
    client = aws.client(SERVICE, emulators.url)
    search = {"vectorSearchConfiguration": {"numberOfResults": 23, "overrideSearchType": "HYBRID"}}
    pages = list(
        client.get_paginator("retrieve").paginate(
            knowledgeBaseId=BASE, retrievalQuery={"text": "fever"}, retrievalConfiguration=search
        )
    )
    assert [len(page["retrievalResults"]) for page in pages] == [10, 10, 3]


def test_what_the_service_refuses_is_refused(emulators: Emulators) -> None:
    search = {"vectorSearchConfiguration": {"numberOfResults": 5}}
    with pytest.raises(ClientError, match="next token"):
        retrieve(emulators, "fever", retrievalConfiguration=search, nextToken="made-up")
    with pytest.raises(ClientError) as raised:
        aws.client(SERVICE, emulators.url).retrieve(knowledgeBaseId="MISSING000", retrievalQuery={"text": "fever"})
    assert raised.value.response["Error"]["Code"] == "ResourceNotFoundException"


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("too_many", ClientError),
        ("server_error", ClientError),
        ("refuse", (ConnectionClosedError, HTTPClientError)),
        ("stall_first", ReadTimeoutError),
        ("stall_mid", ReadTimeoutError),
        ("cut", HTTPClientError),
    ],
)
def test_faults_surface(emulators: Emulators, fault: str, error: type[Exception]) -> None:
    emulators.fault("bedrock-kb", fault, times=1)
    with pytest.raises(error):
        retrieve(emulators, "fever")
    assert retrieve(emulators, "fever")["retrievalResults"] is not None


@pytest.mark.parametrize("fault", ["garbage", "clean_end"])
def test_boto3_does_not_notice_a_broken_body(emulators: Emulators, fault: str) -> None:
    emulators.fault("bedrock-kb", fault, times=1)
    search = {"vectorSearchConfiguration": {"numberOfResults": 5}}
    try:
        reply = retrieve(emulators, "fever", retrievalConfiguration=search)
    except (HTTPClientError, ReadTimeoutError):
        return
    assert "retrievalResults" not in reply
