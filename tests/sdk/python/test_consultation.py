"""A spoken consultation through the unmodified `openai` package."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bedside import Microphone, Server, Session, heard_back, spoken, word_error

TRANSCRIBED = "conversation.item.input_audio_transcription.completed"

# What a transcript of the program's own clear speech may get wrong; numbers may be written in either way.
WER = 0.2


async def answer(session: Session) -> dict:
    """The next response that was spoken to its end, with its transcript and audio."""
    done = await session.expect("response.done", lambda event: event["response"]["status"] == "completed")
    response = done["response"]
    said = [event for event in session.of("response.output_audio_transcript.done") if event["response_id"] == response["id"]]
    return {"id": response["id"], "text": " ".join(event["transcript"] for event in said)}


def test_a_consultation_of_several_turns(server: Server, record: Path, tmp_path: Path) -> None:
    turns = [
        ("I have had a headache since yesterday.", ["better", "worse"]),
        ("It is getting worse.", ["chest pain"]),
        ("No, I do not have any of that.", ["zero to ten", "scale"]),
    ]

    async def talk(session: Session, microphone: Microphone) -> None:
        await session.listen_by(type="semantic_vad", eagerness="medium")
        await session.connection.response.create()
        greeting = await answer(session)
        assert "What brings you in today?" in greeting["text"]
        await session.expect("output_audio_buffer.stopped")
        for text, expected in turns:
            await microphone.say(text)
            heard = await session.expect(TRANSCRIBED)
            assert word_error(text, heard["transcript"]) <= WER, heard["transcript"]
            said = await answer(session)
            assert any(words in said["text"].lower() for words in expected), said["text"]
            back = heard_back(session.audio(said["id"]), tmp_path)
            assert word_error(said["text"], back) <= WER, f"{said['text']!r} sounds like {back!r}"
            await session.expect("output_audio_buffer.stopped")
        metrics = session.of("bedside.turn.metrics")
        assert len(metrics) >= len(turns)

    spoken(server, record, talk, model="general-intake")


def test_an_emergency_is_answered_at_once(server: Server, record: Path) -> None:
    async def talk(session: Session, microphone: Microphone) -> None:
        await microphone.say("I have a crushing pain in my chest.")
        escalation = await session.expect("bedside.escalation")
        assert "chest" in escalation["matched"].lower()
        said = await answer(session)
        assert "911" in said["text"]

    spoken(server, record, talk, model="general-intake")


def test_speaking_over_the_answer_stops_it(server: Server, record: Path) -> None:
    async def talk(session: Session, microphone: Microphone) -> None:
        await session.connection.response.create()
        created = await session.expect("response.created")
        response = created["response"]["id"]
        await session.expect("response.output_audio.delta")
        await asyncio.sleep(1.0)  # What is heard of an answer is a matter of time, not of events.
        microphone.start("Wait, please stop. I have to ask you something.")
        started, _ = await session.expect_at("input_audio_buffer.speech_started")
        await session.expect("output_audio_buffer.cleared")
        done = await session.expect("response.done", lambda event: event["response"]["id"] == response)
        truncated = await session.expect("conversation.item.truncated")
        assert done["response"]["status"] == "cancelled"
        assert done["response"]["status_details"]["reason"] == "turn_detected"
        assert 300 <= truncated["audio_end_ms"] <= 4_000
        await session.expect("response.created")
        late = [
            at - started
            for at, event in session.events
            if event["type"] == "response.output_audio.delta" and event["response_id"] == response and at > started
        ]
        assert max(late, default=0.0) <= 0.25, f"old audio {max(late):.3f} s after speech was detected"

    spoken(server, record, talk, model="general-intake")


def test_the_other_protocol_and_the_names_official_clients_use(server: Server, record: Path) -> None:
    async def talk(session: Session, _: Microphone) -> None:
        await session.connection.response.create()
        said = await answer(session)
        assert "blood pressure" in said["text"].lower()

    spoken(server, record, talk, model="blood-pressure-follow-up")

    async def default(session: Session, _: Microphone) -> None:
        await session.connection.response.create()
        assert "What brings you in today?" in (await answer(session))["text"]

    spoken(server, record, default, model="gpt-realtime")
