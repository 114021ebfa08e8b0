"""Echoes raw PCM16 at 16 kHz through a pipeline of pipecat over its FastAPI WebSocket transport.

    server.py PORT PACKET_MS [vad]

A session is built as pipecat's documentation builds a bot: transport input, processors, transport output, one pipeline a
connection. PACKET_MS is what it sends at a time; 40 is pipecat's default. With `vad`, its Silero analyzer watches the
input. What costs it time and an echo does not need is off: the protocol of its own clients, turn tracking and logs.
"""

from __future__ import annotations

import sys

import uvicorn
from fastapi import FastAPI, WebSocket
from loguru import logger
from pipecat.audio.vad.silero import SileroVADAnalyzer
from pipecat.frames.frames import Frame, InputAudioRawFrame, OutputAudioRawFrame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.processors.audio.vad_processor import VADProcessor
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.serializers.base_serializer import FrameSerializer
from pipecat.transports.websocket.fastapi import FastAPIWebsocketParams, FastAPIWebsocketTransport
from pipecat.workers.runner import WorkerRunner

RATE = 16_000


class Raw(FrameSerializer):
    """Samples alone on the wire: less work than any serializer that pipecat brings."""

    async def serialize(self, frame: Frame) -> str | bytes | None:
        return frame.audio if isinstance(frame, OutputAudioRawFrame) else None

    async def deserialize(self, data: str | bytes) -> Frame | None:
        return InputAudioRawFrame(audio=data, sample_rate=RATE, num_channels=1)


class Echo(FrameProcessor):
    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if isinstance(frame, InputAudioRawFrame):
            frame = OutputAudioRawFrame(audio=frame.audio, sample_rate=RATE, num_channels=1)
        await self.push_frame(frame, direction)


def app(packet_ms: int, vad: bool) -> FastAPI:
    application = FastAPI()

    @application.websocket("/")
    async def session(socket: WebSocket) -> None:
        await socket.accept()
        transport = FastAPIWebsocketTransport(
            socket,
            FastAPIWebsocketParams(
                serializer=Raw(),
                audio_in_enabled=True,
                audio_out_enabled=True,
                audio_out_10ms_chunks=packet_ms // 10,
            ),
        )
        detection = [VADProcessor(vad_analyzer=SileroVADAnalyzer())] if vad else []
        worker = PipelineWorker(
            Pipeline([transport.input(), *detection, Echo(), transport.output()]),
            params=PipelineParams(audio_in_sample_rate=RATE, audio_out_sample_rate=RATE),
            enable_rtvi=False,
            enable_turn_tracking=False,
            idle_timeout_secs=None,
        )

        @transport.event_handler("on_client_disconnected")
        async def disconnected(_transport: FastAPIWebsocketTransport, _socket: WebSocket) -> None:
            await worker.cancel()

        runner = WorkerRunner(handle_sigint=False)
        await runner.add_workers(worker)
        await runner.run()

    return application


def main() -> None:
    port, packet_ms, *mode = sys.argv[1:]
    logger.remove()
    logger.add(sys.stderr, level="WARNING")
    uvicorn.run(app(int(packet_ms), mode == ["vad"]), host="127.0.0.1", port=int(port), log_level="warning")


main()
