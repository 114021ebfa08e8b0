import { Microphone, type MicrophoneFrame } from "../audio/microphone.js";
import type { Connection } from "../connection/connection.js";
import { SpokenText } from "../conversation/spoken-text.js";
import { FrameStamper } from "../media/stamper.js";
import { type Heard, type Playback, Player } from "../playback/player.js";
import { Speech } from "../playback/speech.js";
import { loudness } from "./loudness.js";

/** Addresses of the two modules that run on the audio thread. */
export interface Worklets {
  /** `@bedside/client/capture-worklet` */
  capture: string | URL;
  /** `@bedside/client/playback-worklet` */
  playback: string | URL;
}

export interface VoiceEvents {
  /** So much of an answer was heard, in words; told when a word is added, and once more at its end. */
  onHeard?(itemId: string, text: string, whole: boolean): void;
  /** Whether the assistant can be heard. */
  onSpeaking?(speaking: boolean): void;
  /** How loud the patient is, 0 to 1, fifty times a second. */
  onLevel?(level: number): void;
  /** The microphone went away. */
  onMicrophoneLost?(): void;
}

/** Tellings in a row, twenty a second, without anything heard after which nobody speaks: a part that ran dry. */
const STALLED = 20;

/** Both directions of a spoken conversation on one connection. The session's output is PCM at the context's rate. */
export class Voice {
  readonly #connection: Connection;
  readonly #context: AudioContext;
  readonly #worklets: Worklets;
  readonly #events: VoiceEvents;
  readonly #spoken = new SpokenText();
  readonly #stamper = new FrameStamper();
  readonly #stop: (() => void)[] = [];
  #player: Player | undefined;
  #microphone: Microphone | undefined;
  #muted = false;
  #closed = false;
  #told = "";
  /** How much of the part being played was heard when it was last told, and how often in a row it was no more. */
  #heardMs = -1;
  #stalled = 0;

  private constructor(connection: Connection, context: AudioContext, worklets: Worklets, events: VoiceEvents) {
    this.#connection = connection;
    this.#context = context;
    this.#worklets = worklets;
    this.#events = events;
  }

  /** Makes the answers heard. The microphone is opened by itself, for it may be refused. */
  static async open(
    connection: Connection,
    context: AudioContext,
    worklets: Worklets,
    events: VoiceEvents = {},
  ): Promise<Voice> {
    const voice = new Voice(connection, context, worklets, events);
    await voice.#play();
    return voice;
  }

  /**
   * Asks for the microphone and sends what it hears.
   * @throws DOMException as {@link Microphone.open}.
   */
  async openMicrophone(): Promise<void> {
    const onFrame = (frame: MicrophoneFrame) => {
      this.#events.onLevel?.(this.#muted ? 0 : loudness(frame.pcm));
      const media = { codec: "pcm16", sampleRate: frame.sampleRate } as const;
      this.#connection.sendFrame(this.#stamper.audio(media, frame.captureTimeUs, frame.pcm));
    };
    const onLost = () => this.#events.onMicrophoneLost?.();
    const microphone = await Microphone.open(this.#context, this.#worklets.capture, onFrame, onLost);
    // The patient may have ended it while the browser asked.
    if (this.#closed) return microphone.close();
    microphone.muted = this.#muted;
    this.#microphone?.close();
    this.#microphone = microphone;
  }

  get muted(): boolean {
    return this.#muted;
  }

  set muted(muted: boolean) {
    this.#muted = muted;
    if (this.#microphone !== undefined) this.#microphone.muted = muted;
  }

  /** Silence, and the microphone given back. */
  close(): void {
    this.#closed = true;
    for (const stop of this.#stop) stop();
    this.#microphone?.close();
    this.#microphone = undefined;
    this.#player?.close();
  }

  async #play(): Promise<void> {
    const player = await Player.open(this.#context, this.#worklets.playback, {
      onPosition: (heard) => this.#onHeard(heard),
      onFinished: (heard) => this.#onHeard(heard),
      onCleared: (cut) => {
        speech.onCleared(cut);
        for (const part of cut) this.#spoken.drop(part);
        this.#events.onSpeaking?.(false);
      },
    });
    const rate = this.#context.sampleRate;
    const playback: Playback = {
      enqueue: (part, samples) => {
        this.#spoken.onAudio(part, (samples.length / rate) * 1_000);
        player.enqueue(part, samples);
      },
      end: (part) => {
        this.#spoken.onEnd(part);
        player.end(part);
      },
      clear: () => player.clear(),
    };
    const speech = new Speech(playback, (event) => this.#connection.send(event));
    this.#player = player;
    this.#stop.push(
      this.#connection.observe("event", (event) => {
        if (event.type === "response.output_audio_transcript.delta") {
          this.#spoken.onText({ itemId: event.item_id, contentIndex: event.content_index }, event.delta);
        }
        speech.onEvent(event);
      }),
      this.#connection.observe("frame", (frame) => speech.onFrame(frame)),
    );
  }

  #onHeard(heard: Heard): void {
    if (heard.ms === 0 && !heard.whole) return;
    this.#stalled = heard.ms === this.#heardMs ? this.#stalled + 1 : 0;
    this.#heardMs = heard.ms;
    const text = this.#spoken.at(heard, heard.ms);
    this.#events.onSpeaking?.(!heard.whole && this.#stalled < STALLED);
    if (heard.whole) this.#spoken.drop(heard);
    else if (text === this.#told) return;
    this.#told = text;
    this.#events.onHeard?.(heard.itemId, text, heard.whole);
  }
}
