"""What the tests with the `openai` package share: the program as a process, a patient's voice, and a recording client."""

from __future__ import annotations

import array
import asyncio
import base64
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
import wave
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import jiwer
from openai import AsyncOpenAI
from whisper_normalizer.english import EnglishTextNormalizer

PROGRAM = os.environ.get("E2E_PROGRAM", str(Path(__file__).parents[3] / "target/debug/bedside"))
RATE = 24_000
FRAME = RATE // 50
PATIENCE = 30.0
SPEECH = Path(tempfile.gettempdir()) / "bedside-e2e-speech"
NORMALISE = EnglishTextNormalizer()


class Server:
    """A running server; use it as a context manager."""

    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [PROGRAM, "serve", "--listen", "127.0.0.1:0", *arguments], stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line.startswith("serving "), f"the server did not start: {line!r}"
        self.url = line.split()[1]
        self.base_url = self.url.replace("ws://", "http://").removesuffix("/realtime")

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()

    def client(self, key: str = "unused") -> AsyncOpenAI:
        return AsyncOpenAI(api_key=key, base_url=self.base_url, max_retries=0)


class Session:
    """A Realtime connection that keeps every event as it came, with the time."""

    def __init__(self, connection: Any, record: Path) -> None:
        self.connection = connection
        self.record = record
        self.events: list[tuple[float, dict[str, Any]]] = []
        self.arrived = asyncio.Condition()
        self.read = 0
        self.failure: BaseException | None = None
        self.reader = asyncio.create_task(self._collect())

    async def _collect(self) -> None:
        with self.record.open("a") as record:
            try:
                while True:
                    text = await self.connection.recv_bytes()
                    event = json.loads(text)
                    # The typed view must be constructible, too.
                    self.connection.parse_event(text)
                    record.write(text.decode() if isinstance(text, bytes) else text)
                    record.write("\n")
                    async with self.arrived:
                        self.events.append((time.monotonic(), event))
                        self.arrived.notify_all()
            except Exception as failure:  # noqa: BLE001 - told to whoever waits
                async with self.arrived:
                    self.failure = failure
                    self.arrived.notify_all()

    async def expect(self, kind: str, where: Callable[[dict[str, Any]], bool] = lambda _: True) -> dict[str, Any]:
        """The next unread event of type `kind`; those before it count as read."""
        return (await self.expect_at(kind, where))[1]

    async def expect_at(
        self, kind: str, where: Callable[[dict[str, Any]], bool] = lambda _: True
    ) -> tuple[float, dict[str, Any]]:
        async def wait() -> tuple[float, dict[str, Any]]:
            async with self.arrived:
                while True:
                    while self.read < len(self.events):
                        at, event = self.events[self.read]
                        self.read += 1
                        if event["type"] == kind and where(event):
                            return at, event
                    if self.failure is not None:
                        raise self.failure
                    await self.arrived.wait()

        try:
            return await asyncio.wait_for(wait(), PATIENCE)
        except TimeoutError:
            raise AssertionError(f"no {kind} came; the last events: {self.kinds()[-20:]}") from None

    def kinds(self) -> list[str]:
        return [event["type"] for _, event in self.events]

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [event for _, event in self.events if event["type"] == kind]

    def audio(self, response_id: str | None = None) -> bytes:
        """The audio of a response, or of all."""
        deltas = self.of("response.output_audio.delta")
        wanted = [event["delta"] for event in deltas if response_id in (None, event["response_id"])]
        return b"".join(base64.b64decode(delta) for delta in wanted)

    async def update(self, **session: Any) -> dict[str, Any]:
        await self.connection.session.update(session={"type": "realtime", **session})
        return await self.expect("session.updated")

    async def append(self, samples: bytes) -> None:
        await self.connection.input_audio_buffer.append(audio=base64.b64encode(samples).decode())

    async def listen_by(self, **turn_detection: Any) -> None:
        await self.update(audio={"input": {"turn_detection": turn_detection}})


class Microphone:
    """Sends speech in real time and silence between, for as long as it is open."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.queue = b""
        self.silent = asyncio.Event()
        self.silent.set()
        self.task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        due = time.monotonic()
        while True:
            chunk, self.queue = self.queue[: 2 * FRAME], self.queue[2 * FRAME :]
            await self.session.append(chunk.ljust(2 * FRAME, b"\0"))
            if not self.queue:
                self.silent.set()
            due += 0.02
            await asyncio.sleep(max(0.0, due - time.monotonic()))

    async def say(self, text: str) -> None:
        """Speaks `text`; returns when its last sample was sent."""
        self.start(text)
        await self.silent.wait()

    def start(self, text: str) -> None:
        self.silent.clear()
        self.queue += say(text)

    async def close(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


def consult(
    server: Server, record: Path, talk: Callable[[Session], Awaitable[None]], *, key: str = "unused", **connect: Any
) -> None:
    """Opens a session by the unmodified client, hands it to `talk`, and closes it."""

    async def run() -> None:
        client = server.client(key)
        async with client.realtime.connect(**connect) as connection:
            session = Session(connection, record)
            try:
                await session.expect("session.created")
                await talk(session)
            finally:
                session.reader.cancel()
                await asyncio.gather(session.reader, return_exceptions=True)

    asyncio.run(run())


def spoken(server: Server, record: Path, talk: Callable[[Session, Microphone], Awaitable[None]], **connect: Any) -> None:
    """As `consult`, with an open microphone."""

    async def with_microphone(session: Session) -> None:
        microphone = Microphone(session)
        try:
            await talk(session, microphone)
        finally:
            await microphone.close()

    consult(server, record, with_microphone, **connect)


def say(text: str) -> bytes:
    """`text` in the program's own voice, PCM16 at 24 kHz, with the silence around it cut off."""
    SPEECH.mkdir(exist_ok=True)
    path = SPEECH / f"{hashlib.sha256(text.encode()).hexdigest()[:16]}.wav"
    if not path.exists():
        draft = path.with_suffix(f".{os.getpid()}.wav")
        subprocess.run([PROGRAM, "speak", text, "--out", str(draft)], check=True)
        draft.rename(path)
    with wave.open(str(path)) as file:
        rate, samples = file.getframerate(), array.array("h", file.readframes(file.getnframes()))
    return _resample(samples, rate).tobytes()


def _resample(samples: array.array[int], rate: int) -> array.array[int]:
    output = array.array("h")
    last = len(samples) - 1
    for index in range(len(samples) * RATE // rate):
        place = index * rate / RATE
        whole = min(int(place), last)
        following = samples[min(whole + 1, last)]
        output.append(round(samples[whole] + (following - samples[whole]) * (place - whole)))
    return output


def heard_back(pcm: bytes, folder: Path) -> str:
    """What the program's own recogniser hears in PCM16 at 24 kHz."""
    path = folder / "answer.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(pcm)
    done = subprocess.run([PROGRAM, "transcribe", str(path)], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def word_error(reference: str, hypothesis: str) -> float:
    return jiwer.wer(NORMALISE(reference), NORMALISE(hypothesis) or "nothing")


def validate(schema: Path, *records: Path) -> None:
    """Checks recorded events strictly against the package's types and the server's schema."""
    script = Path(__file__).with_name("validate_events.py")
    command = [sys.executable, str(script), "--schema", str(schema), *map(str, records)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
