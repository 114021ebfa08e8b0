/** What the tests see from inside of the page; `watch` puts it there before any script of the page runs. */
export interface Watched {
  /** Events of the server, in order. */
  readonly events: SeenEvent[];
  /** Tasks of more than 50 ms on the page's main thread. */
  readonly longTasks: { startMs: number; durationMs: number }[];
  /** What the Content-Security-Policy refused. */
  readonly violations: string[];
  /** Every state a caption was seen in, in order. */
  readonly captions: { speaker: string; state: string; text: string }[];
  /** What went to the loudspeaker, but for silence. */
  readonly played: { frame: number; samples: Float32Array }[];
  /** The page's own audio context, once it has something to play. */
  output: AudioContext | undefined;
  /** Says something into the microphone, if that is `told`; gives when the first sample goes in, in s of `output`. */
  say(wav: string): Promise<number>;
}

export interface SeenEvent {
  readonly type: string;
  /** When the page received it, on the clock of its audio output, s; -1 before there was one. */
  readonly outputTime: number;
  readonly event: Record<string, unknown>;
}

declare global {
  interface Window {
    watched: Watched;
  }
}

/** Address at which the tests serve `TAP`, so that the page's policy lets it in. */
export const TAP_PATH = "/tests/tap.js";

/** A worklet that posts every stretch of its input in which there is a sound. */
export const TAP = `
const FRAMES = 1024;
registerProcessor("tap", class extends AudioWorkletProcessor {
  #samples = new Float32Array(FRAMES);
  #filled = 0;
  #loud = false;
  #frame = 0;
  process([[input]]) {
    if (this.#filled === 0) this.#frame = currentFrame;
    if (input !== undefined) {
      this.#samples.set(input, this.#filled);
      this.#loud ||= input.some((sample) => sample !== 0);
    }
    this.#filled += 128;
    if (this.#filled === FRAMES) {
      if (this.#loud) this.port.postMessage({ frame: this.#frame, samples: this.#samples });
      this.#samples = new Float32Array(FRAMES);
      this.#filled = 0;
      this.#loud = false;
    }
    return true;
  }
});`;

/** Runs in the page. `told`: the microphone hears what `say` is given. */
export function watch({ tapPath, told }: { tapPath: string; told: boolean }): void {
  const watched: Watched = {
    events: [],
    longTasks: [],
    violations: [],
    captions: [],
    played: [],
    output: undefined,
    say: () => Promise.reject(new Error("the microphone is not open")),
  };
  window.watched = watched;

  addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI }) => {
    watched.violations.push(`${effectiveDirective} ${blockedURI}`);
  });
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) {
      watched.longTasks.push({ startMs: startTime, durationMs: duration });
    }
  }).observe({ type: "longtask", buffered: true });

  const keys = new Set<string>();
  new MutationObserver(() => {
    for (const line of document.querySelectorAll<HTMLElement>("[data-speaker][data-state]")) {
      const { speaker = "", state = "" } = line.dataset;
      const seen = { speaker, state, text: line.querySelector("p")?.textContent ?? "" };
      const key = Object.values(seen).join("\n");
      if (!keys.has(key)) watched.captions.push(seen);
      keys.add(key);
    }
  }).observe(document, { subtree: true, childList: true, characterData: true, attributeFilter: ["data-state"] });

  window.WebSocket = new Proxy(WebSocket, {
    construct(target, parameters) {
      const socket = Reflect.construct(target, parameters) as WebSocket;
      socket.addEventListener("message", ({ data }) => {
        if (typeof data !== "string") return;
        const event = JSON.parse(data) as Record<string, unknown>;
        watched.events.push({ type: String(event.type), outputTime: watched.output?.currentTime ?? -1, event });
      });
      return socket;
    },
  });

  const connect = AudioNode.prototype.connect as (this: AudioNode, ...parameters: unknown[]) => AudioNode;
  AudioNode.prototype.connect = function (this: AudioNode, ...parameters: unknown[]) {
    const [target] = parameters;
    if (target instanceof AudioDestinationNode && this.context instanceof AudioContext) void tap(this, this.context);
    return connect.apply(this, parameters);
  } as typeof AudioNode.prototype.connect;

  async function tap(source: AudioNode, context: AudioContext): Promise<void> {
    watched.output = context;
    await context.audioWorklet.addModule(tapPath);
    const node = new AudioWorkletNode(context, "tap", {
      numberOfOutputs: 0,
      channelCount: 1,
      channelCountMode: "explicit",
    });
    node.port.onmessage = ({ data }) => watched.played.push(data);
    connect.call(source, node);
  }

  // There are none where there is no page yet.
  const media: MediaDevices | undefined = navigator.mediaDevices;
  if (!told || media === undefined) return;
  const ask = media.getUserMedia.bind(media);
  media.getUserMedia = async (wanted) => {
    if (!wanted?.audio) return ask(wanted);
    const context = new AudioContext();
    const microphone = context.createMediaStreamDestination();
    watched.say = async (wav) => {
      const bytes = Uint8Array.from(atob(wav), (letter) => letter.charCodeAt(0));
      const sound = new AudioBufferSourceNode(context, { buffer: await context.decodeAudioData(bytes.buffer) });
      sound.connect(microphone);
      sound.start();
      return watched.output?.currentTime ?? -1;
    };
    return microphone.stream;
  };
}
