"""Deepgram's own package against the emulated `/v1/listen` and `/v2/listen`."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import websockets
from deepgram import DeepgramClient
from deepgram.environment import DeepgramClientEnvironment
from deepgram.listen.v1 import types as v1
from deepgram.listen.v2 import types as v2
from emulators import Emulators
from recording import Recorder, validate

FRAME = 0.1
V1_MODELS = [
    v1.ListenV1Results,
    v1.ListenV1Metadata,
    v1.ListenV1SpeechStarted,
    v1.ListenV1UtteranceEnd,
    v1.ListenV1ConfigureSuccess,
    v1.ListenV1ConfigureFailure,
    v1.ListenV1Error,
]
V2_MODELS = [
    v2.ListenV2Connected,
    v2.ListenV2TurnInfo,
    v2.ListenV2ConfigureSuccess,
    v2.ListenV2ConfigureFailure,
    v2.ListenV2FatalError,
]
TEXT = "My chest feels tight."


class Call:
    """A connection of the package, its frames, and a patient who speaks in real time."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.recorder = Recorder(connection._websocket)
        connection._websocket = self.recorder

    def speak(self, *parts: tuple[float, bool]) -> None:
        """Sends so many seconds of sound or silence."""
        for seconds, sound in parts:
            for _ in range(round(seconds / FRAME)):
                samples = (b"\xa0\x0f\x00\x00" if sound else b"\0\0\0\0") * 800
                self.connection.send_media(samples)
                time.sleep(FRAME)

    def until(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        while True:
            self.connection.recv()
            if wanted(self.recorder.frames[-1]):
                return self.recorder.frames[-1]

    def rest(self) -> websockets.ConnectionClosed:
        """Reads to the end."""
        try:
            while True:
                self.connection.recv()
        except websockets.ConnectionClosed as closed:
            return closed

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [frame for frame in self.recorder.frames if frame["type"] == kind]


def client(emulators: Emulators, key: str = "a-key") -> DeepgramClient:
    socket = emulators.url.replace("http://", "ws://")
    environment = DeepgramClientEnvironment(
        base=emulators.url, production=socket, agent=socket, agent_rest=emulators.url
    )
    return DeepgramClient(api_key=key, environment=environment)


@contextmanager
def nova(emulators: Emulators, key: str = "a-key", **query: Any) -> Iterator[Call]:
    query = {"model": "nova-3", "encoding": "linear16", "sample_rate": 16000, "smart_format": "true", **query}
    with client(emulators, key).listen.v1.connect(**query) as connection:
        call = Call(connection)
        yield call
        validate(call.recorder.frames, V1_MODELS)


@contextmanager
def flux(emulators: Emulators, **query: Any) -> Iterator[Call]:
    query = {"model": "flux-general-en", "encoding": "linear16", "sample_rate": 16000, **query}
    with client(emulators).listen.v2.connect(**query) as connection:
        call = Call(connection)
        yield call
        validate(call.recorder.frames, V2_MODELS)


@pytest.fixture(autouse=True)
def script(emulators: Emulators) -> None:
    emulators.put("ears", kind="script", texts=[TEXT, "Since yesterday."])
    emulators.put("latency", vendor="deepgram")
    emulators.put("latency", vendor="flux")


def test_an_utterance_is_heard_bit_by_bit_and_ends(emulators: Emulators) -> None:
    query = {"interim_results": "true", "endpointing": "300", "utterance_end_ms": "1000", "vad_events": "true"}
    with nova(emulators, **query) as call:
        call.speak((0.5, False), (1.5, True), (1.5, False))
        call.connection.send_close_stream()
        closed = call.rest()
    assert closed.rcvd is not None and closed.rcvd.code == 1000
    results = call.of("Results")
    interims = [result for result in results if not result["is_final"]]
    assert len(interims) >= 2
    final = next(result for result in results if result["speech_final"])
    assert final["channel"]["alternatives"][0]["transcript"] == TEXT
    words = final["channel"]["alternatives"][0]["words"]
    assert [word["punctuated_word"] for word in words] == TEXT.split()
    assert words[0]["word"] == "my" and 0.4 < words[0]["start"] < words[-1]["end"] < 2.2
    assert call.of("SpeechStarted")[0]["timestamp"] == pytest.approx(0.5, abs=0.05)
    assert call.of("UtteranceEnd")[0]["last_word_end"] == pytest.approx(2.0, abs=0.05)
    metadata = call.recorder.frames[-1]
    assert metadata["type"] == "Metadata" and metadata["duration"] == pytest.approx(3.5, abs=0.01)


def test_finals_come_on_demand_and_take_their_time(emulators: Emulators) -> None:
    emulators.put("latency", vendor="deepgram", first_ms=250)
    with nova(emulators, endpointing="false") as call:
        for text in (TEXT, "Since yesterday."):
            call.speak((1.0, True))
            asked = time.monotonic()
            call.connection.send_finalize()
            final = call.until(lambda frame: frame.get("from_finalize", False))
            assert 0.25 <= time.monotonic() - asked < 0.5
            assert final["is_final"] and final["channel"]["alternatives"][0]["transcript"] == text
        call.connection.send_close_stream()
        call.rest()


def test_a_backlog_is_worked_off_a_quarter_faster_than_it_was_spoken(emulators: Emulators) -> None:
    with nova(emulators, endpointing="false") as call:
        began = time.monotonic()
        for _ in range(40):
            call.connection.send_media(b"\xa0\x0f\0\0" * 800)
        call.connection.send_finalize()
        call.until(lambda frame: frame.get("from_finalize", False))
        assert 2.9 < time.monotonic() - began < 3.8


def test_keyterms_are_changed_or_refused_and_nonsense_is_answered(emulators: Emulators) -> None:
    with nova(emulators, keyterm=["metoprolol", "atrial flutter"]) as call:
        call.connection.send_configure(v1.ListenV1Configure(type="Configure", keyterms=["angina"]))
        assert call.until(lambda frame: True) == {
            "type": "ConfigureSuccess",
            "request_id": call.recorder.frames[0]["request_id"],
            "keyterms": ["angina"],
        }
        call.connection.send_configure(v1.ListenV1Configure(type="Configure", keyterms=["a b c d"] * 200))
        assert call.until(lambda frame: True)["code"] == "CONFIGURE_KEYTERM_LIMIT_EXCEEDED"
        call.connection._send("{}")
        assert call.until(lambda frame: True)["variant"] == "SchemaError"


@pytest.mark.parametrize(
    ("key", "query", "status"),
    [
        ("revoked", {}, 401),
        ("a-key", {"model": "flux-general-en"}, 400),
        ("a-key", {"utterance_end_ms": "1000"}, 400),
        ("a-key", {"model": "nova-2", "keyterm": ["metoprolol"]}, 400),
    ],
)
def test_bad_handshakes_are_refused(emulators: Emulators, key: str, query: dict[str, Any], status: int) -> None:
    with pytest.raises(Exception) as refused, nova(emulators, key, **query):
        pass
    response = refused_with(refused.value)
    assert response.status_code == status
    assert response.headers["dg-error"] and response.headers["dg-request-id"]
    assert b'"err_code"' in response.body


def test_silence_from_the_client_ends_the_socket(emulators: Emulators) -> None:
    with nova(emulators) as call:
        closed = call.rest()
    assert closed.rcvd is not None and closed.rcvd.code == 1011
    assert "net0001" in closed.rcvd.reason


def test_keep_alives_do_not_hold_a_socket_that_never_heard_anything(emulators: Emulators) -> None:
    with nova(emulators) as call:
        done = threading.Event()

        def keep_alive() -> None:
            while not done.wait(4):
                call.connection.send_keep_alive()

        thread = threading.Thread(target=keep_alive)
        thread.start()
        try:
            closed = call.rest()
        finally:
            done.set()
            thread.join()
    assert closed.rcvd is not None and "net0000" in closed.rcvd.reason


def test_audio_that_cannot_be_decoded_ends_the_socket(emulators: Emulators) -> None:
    with nova(emulators, encoding="opus", sample_rate=48000) as call:
        call.connection.send_media(b"OggS")
        closed = call.rest()
    assert closed.rcvd is not None and closed.rcvd.code == 1008


@pytest.mark.parametrize(("fault", "status"), [("too_many", 429), ("server_error", 500)])
def test_a_handshake_may_be_refused_by_order(emulators: Emulators, fault: str, status: int) -> None:
    emulators.fault("deepgram", fault, times=1)
    with pytest.raises(Exception) as refused, nova(emulators):
        pass
    assert refused_with(refused.value).status_code == status
    with nova(emulators):
        pass


def test_a_connection_may_be_dropped_or_cut(emulators: Emulators) -> None:
    emulators.fault("deepgram", "refuse", times=1)
    with pytest.raises((OSError, EOFError, websockets.InvalidMessage)), nova(emulators):
        pass
    with nova(emulators, interim_results="true") as call:
        emulators.fault("deepgram", "cut", times=1)
        with pytest.raises((websockets.ConnectionClosed, OSError)):
            call.speak((1.5, True))
            call.rest()
            raise call.rest()
    assert not call.recorder.frames


def test_a_stall_sends_nothing_and_stays_open(emulators: Emulators) -> None:
    emulators.fault("deepgram", "stall_mid", after=1)
    with nova(emulators, interim_results="true", endpointing="300") as call:
        call.speak((1.5, True), (0.6, False))
        call.connection.send_close_stream()
        frames = 0
        with pytest.raises(TimeoutError):
            while True:
                call.recorder.recv(timeout=1)
                frames += 1
    assert frames == 1


def test_an_end_may_come_without_metadata_and_a_final_twice(emulators: Emulators) -> None:
    emulators.fault("deepgram", "clean_end", after=1, times=1)
    with nova(emulators, endpointing="false") as call:
        call.speak((1.0, True))
        call.connection.send_close_stream()
        call.rest()
    assert [frame["type"] for frame in call.recorder.frames] == ["Results"]
    emulators.fault("deepgram", "duplicate", after=0, times=1)
    with nova(emulators, endpointing="false") as call:
        call.speak((1.0, True))
        call.connection.send_close_stream()
        call.rest()
    first, second, metadata = call.recorder.frames
    assert first == second and metadata["type"] == "Metadata"


def test_a_final_may_come_after_its_metadata_and_garbage_breaks_the_socket(emulators: Emulators) -> None:
    emulators.fault("deepgram", "wrong_order", after=0, times=1)
    with nova(emulators, endpointing="false") as call:
        call.speak((1.0, True))
        call.connection.send_close_stream()
        call.rest()
    assert [frame["type"] for frame in call.recorder.frames] == ["Metadata", "Results"]
    emulators.fault("deepgram", "garbage", after=0, times=1)
    with nova(emulators, endpointing="false") as call:
        call.speak((1.0, True))
        call.connection.send_finalize()
        with pytest.raises(ValueError, match="Unterminated string"):
            call.connection.recv()
        assert isinstance(call.rest(), websockets.ConnectionClosedError)


def test_a_turn_begins_may_resume_and_ends(emulators: Emulators) -> None:
    with flux(emulators, eager_eot_threshold=0.4) as call:
        call.speak((0.5, False), (1.0, True), (0.2, False), (0.6, True), (1.0, False))
        call.connection.send_close_stream()
        closed = call.rest()
    assert closed.rcvd is not None and closed.rcvd.code == 1005
    frames = call.recorder.frames
    assert [frame["sequence_id"] for frame in frames] == list(range(len(frames)))
    assert frames[0]["type"] == "Connected"
    events = [frame["event"] for frame in call.of("TurnInfo") if frame["event"] != "Update"]
    assert events == ["StartOfTurn", "EagerEndOfTurn", "TurnResumed", "EagerEndOfTurn", "EndOfTurn"]
    *_, eager, end = [frame for frame in call.of("TurnInfo") if frame["event"].endswith("EndOfTurn")]
    assert eager["transcript"] == end["transcript"] == TEXT
    assert end["trigger"] == "model" and end["end_of_turn_confidence"] >= 0.7
    after = [frame for frame in call.of("TurnInfo") if frame["sequence_id"] > end["sequence_id"]]
    assert after and all(frame["turn_index"] == 1 for frame in after)


def test_a_turn_can_be_ended_and_configured(emulators: Emulators) -> None:
    with flux(emulators) as call:
        call.speak((0.8, True))
        call.connection.send_force_end_turn(v2.ListenV2ForceEndTurn(type="ForceEndTurn"))
        end = call.until(lambda frame: frame.get("event") == "EndOfTurn")
        assert end["trigger"] == "manual" and end["transcript"] == TEXT
        call.connection._send({"type": "Configure", "thresholds": {"eot_threshold": 0.9}, "keyterms": ["angina"]})
        changed = call.until(lambda frame: frame["type"] == "ConfigureSuccess")
        assert changed["thresholds"]["eot_threshold"] == 0.9 and changed["keyterms"] == ["angina"]
        call.connection._send({"type": "Configure", "thresholds": {"eot_threshold": 7}})
        assert call.until(lambda frame: frame["type"] == "ConfigureFailure")["description"]


def test_a_keep_alive_kills_flux_and_nova_is_not_served_there(emulators: Emulators) -> None:
    with flux(emulators) as call:
        call.connection._send({"type": "KeepAlive"})
        closed = call.rest()
    assert closed.rcvd is not None and closed.rcvd.code == 1005
    with pytest.raises(Exception) as refused, flux(emulators, model="nova-3"):
        pass
    assert refused_with(refused.value).status_code == 400


def refused_with(error: BaseException) -> Any:
    """The response in an error of the package or of the library below it."""
    response = getattr(error, "response", None)
    assert response is not None, repr(error)
    return response
