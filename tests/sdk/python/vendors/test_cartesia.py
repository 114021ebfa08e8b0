"""Cartesia's own package against the emulated speech service."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import cartesia
import pytest
import websockets
from cartesia import Cartesia
from cartesia.types import tts_sse_event, websocket_response
from emulators import Emulators
from recording import Recorder, validate

RATE = 24_000
VOICE = {"mode": "id", "id": "a0e99841-438c-4a64-b679-ae501e7d6091"}
RAW = {"container": "raw", "encoding": "pcm_s16le", "sample_rate": RATE}
TEXT = "Does it hurt when you breathe?"
SOCKET_MODELS = [
    websocket_response.Chunk,
    websocket_response.FlushDone,
    websocket_response.Done,
    websocket_response.Timestamps,
    websocket_response.PhonemeTimestamps,
    websocket_response.Error,
]
SSE_MODELS = [
    tts_sse_event.TTSSSEChunkEvent,
    tts_sse_event.TTSSSETimestampsEvent,
    tts_sse_event.TTSSSEDoneEvent,
]


def client(emulators: Emulators, key: str = "a-key", **options: Any) -> Cartesia:
    return Cartesia(
        api_key=key,
        base_url=emulators.url,
        websocket_base_url=emulators.url.replace("http://", "ws://"),
        max_retries=0,
        **options,
    )


@contextmanager
def connected(emulators: Emulators) -> Iterator[tuple[Any, Recorder]]:
    with client(emulators).tts.websocket_connect() as connection:
        recorder = Recorder(connection._connection)
        connection._connection = recorder
        yield connection, recorder
        validate(recorder.frames, SOCKET_MODELS)


def context(connection: Any, name: str, **options: Any) -> Any:
    settings = {"model_id": "sonic-3", "voice": VOICE, "output_format": RAW, "add_timestamps": True, "timeout": 5}
    return connection.context(name, **{**settings, **options})


def raw(name: str, transcript: str = "", **options: Any) -> dict[str, Any]:
    request = {"model_id": "sonic-3", "voice": VOICE, "output_format": RAW, "add_timestamps": True}
    return {**request, "context_id": name, "transcript": transcript, **options}


def finish(connection: Any) -> None:
    """Reads to the end of what is spoken: a socket that is closed with much unread waits for its own timer."""
    while connection.recv().type != "done":
        pass


def seconds(events: list[Any]) -> float:
    audio = b"".join(event.audio for event in events if event.type == "chunk")
    return len(audio) / 2 / RATE


@pytest.fixture(autouse=True)
def no_latency(emulators: Emulators) -> None:
    emulators.put("latency", vendor="cartesia")


def test_a_text_in_parts_is_spoken_in_order_with_the_time_of_each_word(emulators: Emulators) -> None:
    with connected(emulators) as (connection, _):
        spoken = context(connection, "t1")
        for part in ("I see. Does ", "it hurt when ", "you breathe?"):
            spoken.push(part)
        spoken.no_more_inputs()
        events = list(spoken.receive())
    assert events[-1].type == "done" and [event.type for event in events].count("done") == 1
    stamps = [event.word_timestamps for event in events if event.type == "timestamps"]
    assert [word for stamp in stamps for word in stamp.words] == ["I", "see.", *TEXT.split()]
    starts = [start for stamp in stamps for start in stamp.start]
    assert starts == sorted(starts)
    assert stamps[-1].end[-1] < seconds(events) < stamps[-1].end[-1] + 0.5


def test_contexts_share_a_socket(emulators: Emulators) -> None:
    with connected(emulators) as (connection, _):
        first, second = context(connection, "t1"), context(connection, "t2")
        for spoken in (first, second):
            spoken.push(TEXT)
            spoken.no_more_inputs()
        events = list(second.receive())
        others = list(first.receive())
    assert {event.context_id for event in events} == {"t2"} and {event.context_id for event in others} == {"t1"}
    assert seconds(events) == seconds(others) > 1


def test_a_flush_is_told_and_the_next_stretch_is_numbered(emulators: Emulators) -> None:
    with connected(emulators) as (connection, recorder):
        connection.send(raw("t1", "No full stop", **{"continue": True}))
        connection.send(raw("t1", **{"continue": True, "flush": True}))
        connection.send(raw("t1", "nor here", **{"continue": False}))
        finish(connection)
    kinds = [(frame["type"], frame.get("flush_id")) for frame in recorder.frames]
    flushed = kinds.index(("flush_done", 1))
    assert all(flush == 1 for kind, flush in kinds[:flushed] if kind == "chunk")
    rest = [flush for kind, flush in kinds[flushed:] if kind == "chunk"]
    assert rest and set(rest) == {2}


def test_text_waits_for_its_sentence_but_not_for_ever(emulators: Emulators) -> None:
    with connected(emulators) as (connection, _):
        spoken = context(connection, "t1", max_buffer_delay_ms=400)
        asked = time.monotonic()
        spoken.push("Take a deep")
        assert connection.recv().type == "chunk"
        assert 0.4 <= time.monotonic() - asked < 0.8


def test_a_cancelled_context_is_done_and_takes_nothing_more(emulators: Emulators) -> None:
    emulators.put("latency", vendor="cartesia", next_ms=30)
    with connected(emulators) as (connection, recorder):
        spoken = context(connection, "t1")
        spoken.push("One. ")
        assert connection.recv().type == "chunk"
        spoken.cancel()
        finish(connection)
        connection.send(raw("t1", "Two. ", **{"continue": True}))
        refused = connection.recv()
    assert refused.type == "error" and refused.context_id == "t1"
    words = [frame["word_timestamps"]["words"] for frame in recorder.frames if frame["type"] == "timestamps"]
    assert words == [["One."]]


def test_a_context_expires_a_second_after_its_last_audio(emulators: Emulators) -> None:
    with connected(emulators) as (connection, recorder):
        context(connection, "t1").push("One. ")
        while connection.recv().type == "chunk" or len(recorder.frames) < 2:
            pass
        quiet = time.monotonic()
        while connection.recv().type != "done":
            quiet = time.monotonic() if recorder.frames[-1]["type"] == "chunk" else quiet
        assert 0.9 < time.monotonic() - quiet < 1.5
        connection.send(raw("t1", "Two."))
        assert connection.recv().type == "error"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"language": "en", "locale": "en-GB"}, 400),
        ({"model_id": "tacotron"}, 404),
        ({"output_format": {**RAW, "sample_rate": 12_345}}, 400),
        ({"max_buffer_delay_ms": 9_000}, 400),
    ],
)
def test_bad_requests_are_refused_and_the_socket_lives(
    emulators: Emulators, change: dict[str, Any], code: int
) -> None:
    with connected(emulators) as (connection, _):
        connection.send(raw("t1", TEXT, **change))
        refused = connection.recv()
        assert (refused.type, refused.status_code, refused.context_id) == ("error", code, "t1")
        connection.send(raw("t2", TEXT))
        assert connection.recv().type == "chunk"
        finish(connection)


def test_inputs_of_a_context_must_agree(emulators: Emulators) -> None:
    with connected(emulators) as (connection, _):
        connection.send(raw("t1", "No full stop", **{"continue": True}))
        connection.send(raw("t1", "nor here", language="es"))
        refused = connection.recv()
    assert refused.type == "error" and refused.status_code == 400


def test_a_plan_has_so_many_contexts(emulators: Emulators) -> None:
    with connected(emulators) as (connection, recorder):
        for index in range(16):
            connection.send(raw(f"t{index}", "No full stop", **{"continue": True}))
        refused = connection.recv()
    assert (refused.status_code, refused.error_code) == (429, "concurrency_limited")
    assert refused.context_id == "t15" and len(recorder.frames) == 1


def test_sse_and_bytes_speak_whole_texts(emulators: Emulators) -> None:
    speech = client(emulators).tts
    request = {"model_id": "sonic-3", "transcript": TEXT, "voice": VOICE}
    events = list(speech.generate_sse(**request, output_format=RAW, add_timestamps=True))
    validate((event.to_dict() for event in events), SSE_MODELS)
    assert events[-1].type == "done"
    sound = speech.generate(**request, output_format=RAW).read()
    assert len(sound) / 2 / RATE == seconds(events) > 1
    wav = speech.generate(**request, output_format={**RAW, "container": "wav"}).read()
    assert wav[:4] == b"RIFF" and wav[44:] == sound


def test_errors_over_http_are_the_packages_own(emulators: Emulators) -> None:
    request = {"transcript": TEXT, "voice": VOICE, "output_format": RAW}
    with pytest.raises(cartesia.AuthenticationError):
        client(emulators, "revoked").tts.generate_sse(model_id="sonic-3", **request)
    with pytest.raises(cartesia.NotFoundError) as refused:
        client(emulators).tts.generate(model_id="tacotron", **request)
    assert refused.value.body["error_code"] == "model_not_found"
    emulators.fault("cartesia", "too_many", times=1)
    with pytest.raises(cartesia.RateLimitError):
        client(emulators).tts.generate_sse(model_id="sonic-3", **request)
    emulators.fault("cartesia", "server_error", times=1)
    with pytest.raises(cartesia.InternalServerError):
        client(emulators).tts.generate_sse(model_id="sonic-3", **request)
    emulators.fault("cartesia", "refuse", times=1)
    with pytest.raises(cartesia.APIConnectionError):
        client(emulators).tts.generate_sse(model_id="sonic-3", **request)


def test_a_handshake_without_a_good_key_is_refused(emulators: Emulators) -> None:
    with pytest.raises(websockets.InvalidStatus) as refused, client(emulators, "revoked").tts.websocket_connect():
        pass
    assert refused.value.response.status_code == 401


@pytest.mark.parametrize(("fault", "code"), [("too_many", 429), ("server_error", 500)])
def test_a_context_may_be_refused_by_order(emulators: Emulators, fault: str, code: int) -> None:
    with connected(emulators) as (connection, _):
        emulators.fault("cartesia", fault, times=1)
        connection.send(raw("t1", TEXT))
        refused = connection.recv()
        assert (refused.type, refused.status_code) == ("error", code)
        connection.send(raw("t2", TEXT))
        assert connection.recv().type == "chunk"
        finish(connection)


@pytest.mark.parametrize(("fault", "chunks"), [("stall_first", 0), ("stall_mid", 1)])
def test_a_context_may_stall(emulators: Emulators, fault: str, chunks: int) -> None:
    emulators.fault("cartesia", fault)
    with connected(emulators) as (connection, recorder):
        connection.send(raw("t1", TEXT))
        with pytest.raises(TimeoutError):
            while True:
                connection.recv_bytes(timeout=0.7)
        assert [frame["type"] for frame in recorder.frames] == ["chunk"] * chunks


def test_a_socket_may_be_cut_end_early_or_break(emulators: Emulators) -> None:
    for fault, code in (("cut", None), ("clean_end", 1005)):
        emulators.fault("cartesia", fault, times=1)
        with connected(emulators) as (connection, recorder):
            connection.send(raw("t1", TEXT))
            with pytest.raises(websockets.ConnectionClosed) as closed:
                while True:
                    connection.recv()
            assert "done" not in [frame["type"] for frame in recorder.frames]
            assert (closed.value.rcvd and closed.value.rcvd.code) == code
    emulators.fault("cartesia", "garbage", times=1)
    with connected(emulators) as (connection, _):
        connection.send(raw("t1", TEXT))
        with pytest.raises(ValueError, match="Unterminated string"):
            while True:
                connection.recv()


def test_a_stream_may_trickle_double_or_change_places(emulators: Emulators) -> None:
    emulators.fault("cartesia", "slow_drip", times=1)
    with connected(emulators) as (connection, _):
        connection.send(raw("t1", TEXT))
        times = []
        for _ in range(4):
            connection.recv()
            times.append(time.monotonic())
    assert min(late - early for early, late in zip(times[1:], times[2:], strict=False)) > 0.3
    for fault in ("duplicate", "wrong_order"):
        emulators.fault("cartesia", fault, times=1)
        with connected(emulators) as (connection, recorder):
            connection.send(raw("t1", TEXT, add_timestamps=False))
            finish(connection)
            data = [frame.get("data") for frame in recorder.frames]
        sound = list(client(emulators).tts.generate_sse(
            model_id="sonic-3", transcript=TEXT, voice=VOICE, output_format=RAW
        ))
        expected = [getattr(event, "data", None) for event in sound]
        expected[1:3] = expected[1:2] * 2 + expected[2:3] if fault == "duplicate" else expected[2:0:-1]
        assert data == expected
