"""The reader of device displays. It has no SDK, so its contract is spelled out here."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
import urllib3
from emulators import Emulators

# A grey picture of eight by eight pixels.
JPEG = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAgGBgcGBQgHBwcJCQgKDBQNDAsLDBkSEw8UHRofHh0aHBwgJC4nICIsIxwcKDcpLDAxNDQ0Hyc5"
    "PTgyPC4zNDL/wAALCAAIAAgBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAB//EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AP//Z"
)


def read(emulators: Emulators, jpeg: bytes = JPEG, headers: dict[str, str] | None = None, **request: Any) -> Any:
    body = {"image": base64.b64encode(jpeg).decode(), "confidence_threshold": 0.5, **request}
    all_headers = {"content-type": "application/json", **(headers or {})}
    url = f"{emulators.url}/device"
    return urllib3.request("POST", url, body=json.dumps(body), headers=all_headers, retries=False, timeout=2)


def test_figures_are_found(emulators: Emulators) -> None:
    reply = read(emulators, device_type="blood_pressure_monitor").json()
    assert set(reply) == {"detections", "processing_time", "model_version"}
    assert [(one["label"], one["value"]) for one in reply["detections"][:2]] == [("systolic", "128"), ("diastolic", "82")]


def test_unsure_figures_are_left_out(emulators: Emulators) -> None:
    emulators.put("device", detections=[{"label": "spo2", "value": "97", "confidence": 0.6}])
    assert len(read(emulators).json()["detections"]) == 1
    assert read(emulators, confidence_threshold=0.7).json()["detections"] == []


@pytest.mark.parametrize(
    ("jpeg", "request_"), [(b"nothing", {}), (JPEG[:-2], {}), (JPEG, {"confidence_threshold": 2}), (JPEG, {"x": 1})]
)
def test_what_is_not_sound_is_refused(emulators: Emulators, jpeg: bytes, request_: dict[str, Any]) -> None:
    assert read(emulators, jpeg, **request_).status == 422


def test_a_key_is_checked_if_there_is_one(emulators: Emulators) -> None:
    assert read(emulators, headers={"x-api-key": "key"}).status == 200
    assert read(emulators, headers={"x-api-key": "invalid"}).status == 401


def test_faults_surface(emulators: Emulators) -> None:
    for fault, status in (("too_many", 429), ("server_error", 500)):
        emulators.fault("device", fault, times=1)
        assert read(emulators).status == status
    for fault in ("refuse", "stall_first", "cut"):
        emulators.fault("device", fault, times=1)
        with pytest.raises(urllib3.exceptions.HTTPError):
            read(emulators)
    for fault in ("garbage", "clean_end"):
        emulators.fault("device", fault, times=1)
        with pytest.raises((json.JSONDecodeError, urllib3.exceptions.HTTPError)):
            read(emulators).json()
