"""Every other way of using a session, through the unmodified `openai` package."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from bedside import Microphone, Server, Session, consult, say, spoken, word_error
from openai import APIStatusError, AsyncOpenAI

TRANSCRIBED = "conversation.item.input_audio_transcription.completed"


def test_push_to_talk(server: Server, record: Path) -> None:
    async def talk(session: Session) -> None:
        await session.update(audio={"input": {"turn_detection": None}})
        text = "My left knee hurts when I climb the stairs."
        await session.append(say(text))
        await session.connection.input_audio_buffer.commit()
        await session.expect("input_audio_buffer.committed")
        await session.connection.response.create()
        heard = await session.expect(TRANSCRIBED)
        assert word_error(text, heard["transcript"]) <= 0.2, heard["transcript"]
        done = await session.expect("response.done")
        assert done["response"]["status"] == "completed"
        assert "input_audio_buffer.speech_started" not in session.kinds()

    consult(server, record, talk, model="general-intake")


def test_text_alone(server: Server, record: Path) -> None:
    async def talk(session: Session) -> None:
        await session.update(output_modalities=["text"])
        await session.connection.conversation.item.create(
            item={"type": "message", "role": "user", "content": [{"type": "input_text", "text": "My back hurts."}]}
        )
        await session.expect("conversation.item.done")
        await session.connection.response.create()
        text = await session.expect("response.output_text.done")
        assert "start" in text["text"].lower()
        await session.expect("response.done")
        assert "response.output_audio.delta" not in session.kinds()

    consult(server, record, talk, model="general-intake")


def test_transcription_alone(server: Server, record: Path) -> None:
    async def talk(session: Session, microphone: Microphone) -> None:
        await session.connection.session.update(
            session={"type": "transcription", "audio": {"input": {"transcription": {"model": "local"}}}}
        )
        await session.expect("session.updated")
        for text in ["I take two tablets every morning.", "It started about three days ago."]:
            await microphone.say(text)
            heard = await session.expect(TRANSCRIBED)
            assert word_error(text, heard["transcript"]) <= 0.35, heard["transcript"]
        assert not [kind for kind in session.kinds() if kind.startswith("response.")]

    spoken(server, record, talk, model="general-intake")


def test_functions_of_the_client_are_called(server: Server, record: Path) -> None:
    tool = {
        "type": "function",
        "name": "record_visit",
        "description": "Keeps what the patient said.",
        "parameters": {"type": "object", "properties": {}},
    }

    async def talk(session: Session) -> None:
        await session.update(output_modalities=["text"], tools=[tool], tool_choice="required")
        await session.connection.response.create()
        call = await session.expect("response.function_call_arguments.done")
        assert call["name"] == "record_visit"
        await session.expect("response.done")
        await session.connection.conversation.item.create(
            item={"type": "function_call_output", "call_id": call["call_id"], "output": "{}"}
        )
        await session.expect("conversation.item.done")

    consult(server, record, talk, model="general-intake")


def test_a_mistake_is_answered_and_the_session_lives_on(server: Server, record: Path) -> None:
    async def talk(session: Session) -> None:
        await session.connection.send({"type": "session.update", "event_id": "mine", "session": {"type": "wrong"}})
        error = (await session.expect("error"))["error"]
        assert error["type"] == "invalid_request_error"
        assert (error["event_id"], error["param"]) == ("mine", "session.type")
        await session.update(output_modalities=["text"])

    consult(server, record, talk, model="general-intake")


def test_an_unknown_model_is_refused_before_the_session(server: Server) -> None:
    async def run() -> None:
        async with server.client().realtime.connect(model="no-such-protocol"):
            pytest.fail("the session was opened")

    with pytest.raises(Exception, match="404"):
        asyncio.run(run())


def test_keys_are_asked_for_and_ephemeral_keys_are_given(record: Path) -> None:
    key = "a-key-for-the-tests-only"
    with Server("--config", str(_configuration(record.parent, key))) as guarded:

        async def secret(client: AsyncOpenAI) -> str:
            session = {"type": "realtime", "model": "general-intake", "output_modalities": ["text"]}
            created = await client.realtime.client_secrets.create(session=session)
            assert created.expires_at > time.time()
            return created.value

        with pytest.raises(APIStatusError) as refused:
            asyncio.run(secret(guarded.client("a-wrong-key-for-the-tests")))
        assert refused.value.status_code == 401
        ephemeral = asyncio.run(secret(guarded.client(key)))
        assert ephemeral.startswith("ek_")

        async def talk(session: Session) -> None:
            created = session.of("session.created")[0]
            assert created["session"]["output_modalities"] == ["text"]

        consult(guarded, record, talk, key=ephemeral)
        with pytest.raises(Exception, match="401"):
            consult(guarded, record, talk, key=ephemeral + "x")


def _configuration(folder: Path, key: str) -> Path:
    path = folder / "keys.toml"
    path.write_text(f'keys = ["{key}"]\n')
    return path
