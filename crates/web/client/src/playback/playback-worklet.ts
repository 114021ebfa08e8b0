// Runs on the audio thread: load it with `audioWorklet.addModule`.
import { PLAYBACK_PROCESSOR, type PlaybackCommand, type PlaybackReport } from "./messages.js";
import { PlaybackQueue } from "./queue.js";

/** Time between reports of the position, s. */
const REPORT_EVERY = 0.05;

class PlaybackProcessor extends AudioWorkletProcessor {
  readonly #queue = new PlaybackQueue(sampleRate);
  #reported = 0;

  constructor() {
    super();
    this.port.onmessage = ({ data }: MessageEvent<PlaybackCommand>) => this.#obey(data);
  }

  override process(_inputs: Float32Array[][], outputs: Float32Array[][]): boolean {
    const channel = outputs[0]?.[0];
    if (channel === undefined) return true;
    this.#queue.render(channel, (played) => this.#report({ type: "finished", played }));
    const played = this.#queue.current;
    if (played !== undefined && currentTime - this.#reported >= REPORT_EVERY) {
      this.#reported = currentTime;
      this.#report({ type: "position", played, underruns: this.#queue.underruns });
    }
    return true;
  }

  #obey(command: PlaybackCommand): void {
    switch (command.type) {
      case "enqueue":
        if (!this.#queue.enqueue(command.part, command.samples)) this.#report({ type: "overflow", part: command.part });
        break;
      case "end":
        this.#queue.end(command.part);
        break;
      case "clear":
        this.#report({ type: "cleared", cut: this.#queue.clear() });
        break;
    }
  }

  #report(report: PlaybackReport): void {
    this.port.postMessage(report);
  }
}

registerProcessor(PLAYBACK_PROCESSOR, PlaybackProcessor);
