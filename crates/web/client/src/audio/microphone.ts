import { isPcmRate } from "../wire/audio.js";
import { CAPTURE_PROCESSOR, type CaptureCommand } from "./capture-messages.js";
import { toMonotonicUs } from "./clock.js";
import type { CapturedFrame } from "./framer.js";

/** Sample rate asked for where the device's own is none the wire has, Hz. */
const FALLBACK_RATE = 48_000;

/** A frame of the microphone, ready to be sent. */
export interface MicrophoneFrame {
  /** PCM16, little-endian. */
  pcm: Uint8Array<ArrayBuffer>;
  /** Hz. */
  sampleRate: number;
  /** Of the first sample, microseconds of `performance.now()`. */
  captureTimeUs: number;
}

/** A context at the device's rate, or at 48 kHz where the wire does not have that. Call it from a user's gesture. */
export function createAudioContext(): AudioContext {
  const context = new AudioContext({ latencyHint: "interactive" });
  if (isPcmRate(context.sampleRate)) return context;
  void context.close();
  return new AudioContext({ latencyHint: "interactive", sampleRate: FALLBACK_RATE });
}

/** An open microphone. */
export class Microphone {
  readonly #stream: MediaStream;
  readonly #source: MediaStreamAudioSourceNode;
  readonly #node: AudioWorkletNode;

  private constructor(stream: MediaStream, source: MediaStreamAudioSourceNode, node: AudioWorkletNode) {
    this.#stream = stream;
    this.#source = source;
    this.#node = node;
  }

  /**
   * Asks for the microphone, with the browser's echo cancellation, and hands its frames to `onFrame`. `worklet` is the
   * address of `@bedside/client/capture-worklet`.
   * `onLost` is called when the device goes away, as one that is unplugged does.
   * @throws DOMException `NotAllowedError` where the patient refuses, `NotFoundError` where there is none.
   */
  static async open(
    context: AudioContext,
    worklet: string | URL,
    onFrame: (frame: MicrophoneFrame) => void,
    onLost: () => void = () => undefined,
  ): Promise<Microphone> {
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 },
    });
    // A track that is stopped here does not tell of its end.
    for (const track of stream.getTracks()) track.addEventListener("ended", onLost);
    try {
      // A closed context may never answer, and the microphone would stay on.
      if (context.state === "closed") throw new DOMException("the audio context is closed", "InvalidStateError");
      await context.audioWorklet.addModule(worklet);
      const source = context.createMediaStreamSource(stream);
      const node = new AudioWorkletNode(context, CAPTURE_PROCESSOR, {
        numberOfInputs: 1,
        numberOfOutputs: 0,
        channelCount: 1,
        channelCountMode: "explicit",
      });
      node.port.onmessage = ({ data }: MessageEvent<CapturedFrame>) => {
        const pair = { contextTime: context.currentTime, performanceTime: performance.now() };
        const captureTimeUs = toMonotonicUs(data.time, pair);
        onFrame({ pcm: data.pcm, sampleRate: context.sampleRate, captureTimeUs });
      };
      source.connect(node);
      return new Microphone(stream, source, node);
    } catch (error) {
      for (const track of stream.getTracks()) track.stop();
      throw error;
    }
  }

  /** While muted, silence is sent in place of what the microphone hears. */
  set muted(muted: boolean) {
    const command: CaptureCommand = { muted };
    this.#node.port.postMessage(command);
  }

  /** Gives the microphone back. */
  close(): void {
    this.#source.disconnect();
    this.#node.port.onmessage = null;
    for (const track of this.#stream.getTracks()) track.stop();
  }
}
