"""Writes client events built from the `openai` package's typed parameters, one JSON object a line.

    client_events.py > crates/protocol/tests/data/openai_client_events.jsonl

Every event is checked against the package's own TypedDict before it is written, so that the file holds what a typed
client can send: each event, each optional field, `null` where the types allow it.
"""

from __future__ import annotations

import json

from openai.types.realtime import RealtimeClientEventParam
from pydantic import TypeAdapter


def session(**fields: object) -> dict[str, object]:
    return {"type": "session.update", "session": {"type": "realtime", **fields}}


def audio_in(**fields: object) -> dict[str, object]:
    return session(audio={"input": fields})


def item(**fields: object) -> dict[str, object]:
    return {"type": "conversation.item.create", "item": fields}


def message(role: str, *content: dict[str, object]) -> dict[str, object]:
    return item(type="message", role=role, content=list(content))


TOOL = {
    "type": "function",
    "name": "book_visit",
    "description": "Books a visit.",
    "parameters": {"type": "object", "properties": {"day": {"type": "string"}}, "required": ["day"]},
}

EVENTS: list[dict[str, object]] = [
    session(),
    session(
        model="gpt-realtime",
        instructions="Be brief.",
        output_modalities=["audio"],
        audio={
            "input": {
                "format": {"type": "audio/pcm", "rate": 24000},
                "noise_reduction": {"type": "near_field"},
                "transcription": {"model": "gpt-4o-mini-transcribe", "language": "en", "prompt": "drug names"},
                "turn_detection": {
                    "type": "server_vad",
                    "threshold": 0.6,
                    "prefix_padding_ms": 200,
                    "silence_duration_ms": 400,
                    "idle_timeout_ms": 6000,
                    "create_response": True,
                    "interrupt_response": False,
                },
            },
            "output": {"format": {"type": "audio/pcm", "rate": 24000}, "voice": "marin", "speed": 1.25},
        },
        include=["item.input_audio_transcription.logprobs"],
        max_output_tokens=1024,
        parallel_tool_calls=True,
        reasoning={"effort": "low"},
        tool_choice="auto",
        tools=[TOOL],
        tracing="auto",
        truncation={"type": "retention_ratio", "retention_ratio": 0.8},
    ),
    session(output_modalities=["text"], max_output_tokens="inf", tools=[], tracing=None, truncation="disabled"),
    session(tool_choice={"type": "function", "name": "book_visit"}),
    session(audio={"output": {"voice": {"id": "voice_1234"}, "format": {"type": "audio/pcma"}}}),
    audio_in(format={"type": "audio/pcmu"}, turn_detection=None),
    audio_in(turn_detection={"type": "semantic_vad", "eagerness": "high", "create_response": True}),
    audio_in(turn_detection={"type": "server_vad", "idle_timeout_ms": None}),
    {
        "type": "session.update",
        "event_id": "mine_1",
        "session": {
            "type": "transcription",
            "audio": {
                "input": {
                    "format": {"type": "audio/pcm", "rate": 24000},
                    "transcription": {"model": "whisper-1"},
                    "turn_detection": {"type": "server_vad"},
                }
            },
        },
    },
    {"type": "input_audio_buffer.append", "audio": "AAAAAA=="},
    {"type": "input_audio_buffer.append", "audio": "AAAAAA==", "event_id": "mine_2"},
    {"type": "input_audio_buffer.commit"},
    {"type": "input_audio_buffer.clear", "event_id": "mine_3"},
    {"type": "output_audio_buffer.clear"},
    message("system", {"type": "input_text", "text": "The patient is deaf in one ear."}),
    message("user", {"type": "input_text", "text": "My knee hurts."}),
    message("user", {"type": "input_audio", "audio": "AAAAAA==", "transcript": "My knee hurts."}),
    message("assistant", {"type": "output_text", "text": "Since when?"}),
    item(type="function_call", call_id="call_1", name="book_visit", arguments='{"day":"Monday"}'),
    {
        "type": "conversation.item.create",
        "event_id": "mine_4",
        "previous_item_id": "root",
        "item": {
            "id": "my_item",
            "object": "realtime.item",
            "type": "function_call_output",
            "call_id": "call_1",
            "output": "booked",
            "status": "completed",
        },
    },
    {"type": "conversation.item.retrieve", "item_id": "my_item"},
    {"type": "conversation.item.delete", "item_id": "my_item"},
    {"type": "conversation.item.truncate", "item_id": "my_item", "content_index": 0, "audio_end_ms": 1500},
    {"type": "response.create"},
    {"type": "response.create", "event_id": "mine_5", "response": {}},
    {
        "type": "response.create",
        "response": {
            "audio": {"output": {"format": {"type": "audio/pcm", "rate": 24000}, "voice": "cedar"}},
            "conversation": "none",
            "input": [
                {
                    "type": "message",
                    "role": "user",
                    "content": [{"type": "input_text", "text": "Summarise."}],
                },
            ],
            "instructions": "In one sentence.",
            "max_output_tokens": 100,
            "metadata": {"topic": "summary"},
            "output_modalities": ["text"],
            "tool_choice": "none",
            "tools": [TOOL],
        },
    },
    {"type": "response.cancel"},
    {"type": "response.cancel", "response_id": "resp_1"},
]


def main() -> None:
    adapter = TypeAdapter(RealtimeClientEventParam)
    for event in EVENTS:
        adapter.validate_python(event)
        print(json.dumps(event))


if __name__ == "__main__":
    main()
