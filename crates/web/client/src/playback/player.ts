import { heardMs } from "./heard.js";
import { PLAYBACK_PROCESSOR, type PlaybackCommand, type PlaybackReport } from "./messages.js";
import type { Part, Played } from "./queue.js";

/** What was heard of a part. */
export interface Heard extends Part {
  ms: number;
  /** Whether it was played to its end. */
  whole: boolean;
}

export interface PlayerEvents {
  /** About twenty times a second while something plays. */
  onPosition?(heard: Heard): void;
  onFinished?(heard: Heard): void;
  /** Playback was cut: what was heard of each part that was not over. */
  onCleared?(cut: Heard[]): void;
  /** Audio was refused, because more waits than the server is ever ahead. */
  onOverflow?(part: Part): void;
}

/** Where audio goes to be heard. */
export interface Playback {
  enqueue(part: Part, samples: Float32Array<ArrayBuffer>): void;
  end(part: Part): void;
  clear(): void;
}

/** Plays on an audio context. Samples are at the context's rate: ask the server for that. */
export class Player implements Playback {
  readonly #context: AudioContext;
  readonly #node: AudioWorkletNode;

  private constructor(context: AudioContext, node: AudioWorkletNode) {
    this.#context = context;
    this.#node = node;
  }

  /** `worklet` is the address of `@bedside/client/playback-worklet`. */
  static async open(context: AudioContext, worklet: string | URL, events: PlayerEvents): Promise<Player> {
    await context.audioWorklet.addModule(worklet);
    const node = new AudioWorkletNode(context, PLAYBACK_PROCESSOR, {
      numberOfInputs: 0,
      numberOfOutputs: 1,
      outputChannelCount: [1],
    });
    const player = new Player(context, node);
    node.port.onmessage = ({ data }: MessageEvent<PlaybackReport>) => player.#tell(data, events);
    node.connect(context.destination);
    return player;
  }

  enqueue(part: Part, samples: Float32Array<ArrayBuffer>): void {
    this.#command({ type: "enqueue", part, samples }, [samples.buffer]);
  }

  end(part: Part): void {
    this.#command({ type: "end", part });
  }

  /** Silence from the next quantum on. */
  clear(): void {
    this.#command({ type: "clear" });
  }

  close(): void {
    this.#node.disconnect();
    this.#node.port.onmessage = null;
  }

  #command(command: PlaybackCommand, transfer: Transferable[] = []): void {
    this.#node.port.postMessage(command, transfer);
  }

  #tell(report: PlaybackReport, events: PlayerEvents): void {
    switch (report.type) {
      case "position":
        events.onPosition?.(this.#heard(report.played));
        break;
      case "finished":
        events.onFinished?.(this.#heard(report.played));
        break;
      case "cleared":
        events.onCleared?.(report.cut.map((played) => this.#heard(played)));
        break;
      case "overflow":
        events.onOverflow?.(report.part);
        break;
    }
  }

  #heard({ itemId, contentIndex, samples, whole }: Played): Heard {
    // Not every browser knows its output latency.
    const latency = this.#context.outputLatency || this.#context.baseLatency || 0;
    // What was played to its end will be heard to its end.
    const ms = heardMs(samples, this.#context.sampleRate, whole ? 0 : latency);
    return { itemId, contentIndex, ms, whole };
  }
}
