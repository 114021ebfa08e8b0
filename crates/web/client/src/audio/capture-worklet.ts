// Runs on the audio thread: load it with `audioWorklet.addModule`.
import { CAPTURE_PROCESSOR, type CaptureCommand } from "./capture-messages.js";
import { Framer } from "./framer.js";

class CaptureProcessor extends AudioWorkletProcessor {
  readonly #framer = new Framer(sampleRate);
  readonly #silence = new Float32Array(128);
  #muted = false;

  constructor() {
    super();
    this.port.onmessage = ({ data }: MessageEvent<CaptureCommand>) => {
      this.#muted = data.muted;
    };
  }

  override process(inputs: Float32Array[][]): boolean {
    // Silence goes on being sent where there is nothing to hear: a turn that was begun must be able to end.
    const channel = this.#muted ? undefined : inputs[0]?.[0];
    this.#framer.push(channel ?? this.#silence, currentTime, (frame) =>
      this.port.postMessage(frame, [frame.pcm.buffer]),
    );
    return true;
  }
}

registerProcessor(CAPTURE_PROCESSOR, CaptureProcessor);
