import {
  type Captions,
  Connection,
  type ConnectionState,
  captionHeard,
  createAudioContext,
  reduceCaptions,
  type ServerEvent,
  type VitalsEvent,
  Voice,
} from "@bedside/client";
import { QUIET, reduceActivity } from "./activity";
import { Camera } from "./camera";
import { endingOf } from "./ending";
import { findProblem } from "./problem";
import { sessionRequest, vitalsRequest } from "./request";
import { type Device, deviceRefusal, FIRST_STATUS, type Phase } from "./status";
import { Store } from "./store";
import { VitalSigns } from "./vital-signs";
import { WORKLETS } from "./worklets";

/** How long the figures of a scan are awaited at the end, ms. */
const LAST_FIGURES_MS = 2_000;

export interface ConsultationOptions {
  /** Where the server is, `https://host`. */
  origin: string;
  key?: string | undefined;
  model?: string | undefined;
  /** Whether to ask for the camera. */
  camera: boolean;
}

/** One consultation, from the first handshake to its record. Nothing of it is React's. */
export class Consultation {
  readonly status = new Store(FIRST_STATUS);
  readonly captions = new Store<Captions>([]);
  readonly activity = new Store(QUIET);
  readonly camera = new Store<Camera | undefined>(undefined);
  /** Whether the server has let the patient in. */
  readonly connected = new Store(false);
  readonly vitals = new VitalSigns();
  /** How loud the patient is, 0 to 1; read when a picture of it is drawn. */
  level = 0;
  /** ms since the Unix epoch. */
  readonly startedAt = Date.now();
  endedAt: number | undefined;
  sessionId: string | undefined;
  readonly #options: ConsultationOptions;
  readonly #context: AudioContext | undefined;
  readonly #connection: Connection;
  #voice: Voice | undefined;

  /** Call it from a click: browsers let no page sound before. */
  constructor(options: ConsultationOptions) {
    this.#options = options;
    this.#context = typeof AudioWorkletNode === "undefined" ? undefined : createAudioContext();
    // Not every browser begins by itself, even in a click.
    void this.#context?.resume();
    const { origin, key, model } = options;
    this.#connection = new Connection({
      url: `${origin}/v1`,
      ...(key !== undefined && { key }),
      ...(model !== undefined && { model }),
      session: sessionRequest(this.#context?.sampleRate),
      unheard: "repeat",
    });
    this.#connection.observe("state", (state) => void this.#onState(state));
    this.#connection.observe("event", (event) => this.#onEvent(event));
    addEventListener("offline", this.#onOffline);
    document.addEventListener("visibilitychange", this.#onVisible);
    void this.#prepare();
  }

  setMuted(muted: boolean): void {
    if (this.#voice !== undefined) this.#voice.muted = muted;
    this.#change({ muted });
  }

  /** Asks for the microphone, once more if it was refused. */
  async openMicrophone(): Promise<void> {
    if (this.#voice === undefined) return;
    this.#change({ microphone: "asking" });
    try {
      await this.#voice.openMicrophone();
      this.setMuted(false);
      this.#change({ microphone: "on" });
    } catch (error) {
      this.#change({ microphone: deviceRefusal(error) });
    }
  }

  async openCamera(): Promise<void> {
    const { camera: now } = this.status.get();
    if (now === "asking" || now === "on") return;
    this.#change({ camera: "asking" });
    try {
      const camera = await Camera.open(this.#connection, () => this.#stopCamera("failed"));
      if (this.#isOver()) return camera.close();
      this.camera.set(camera);
      this.#change({ camera: "on" });
    } catch (error) {
      this.#change({ camera: deviceRefusal(error) });
    }
  }

  closeCamera(): void {
    this.#stopCamera("off");
  }

  /** Begins a scan unless one runs. */
  measure(): void {
    this.#connection.send({ type: "session.update", session: vitalsRequest(true) });
  }

  /** Says something in writing; what is being said is cut off, as by speaking. `false` if it could not be sent. */
  write(text: string): boolean {
    const { answering, speaking } = this.activity.get();
    if (answering) this.#connection.send({ type: "response.cancel" });
    if (speaking) this.#connection.send({ type: "output_audio_buffer.clear" });
    const content = [{ type: "input_text" as const, text }];
    const sent = this.#connection.send({
      type: "conversation.item.create",
      item: { type: "message", role: "user", content },
    });
    return sent && this.#connection.send({ type: "response.create" });
  }

  /** Ends it, with the figures of the scan that runs. */
  async end(): Promise<void> {
    const { name } = this.status.get().phase;
    if (name === "preparing") this.#connection.close();
    if (name !== "talking") return;
    this.#change({ phase: { name: "ending" } });
    this.#voice?.close();
    const scanning = this.vitals.state.get().phase === "scanning";
    this.closeCamera();
    if (scanning) {
      const told = this.vitals.state.when(({ phase }) => phase !== "scanning");
      await Promise.race([told, new Promise((resolve) => setTimeout(resolve, LAST_FIGURES_MS))]);
    }
    this.#connection.close();
  }

  #stopCamera(camera: Device): void {
    this.camera.get()?.close();
    this.camera.set(undefined);
    this.#change({ camera });
    this.#connection.send({ type: "session.update", session: vitalsRequest(false) });
  }

  async #prepare(): Promise<void> {
    const created = new Promise<void>((resolve) => {
      const stop = this.#connection.on("session.created", ({ session }) => {
        stop();
        this.sessionId = session.id;
        resolve();
      });
    });
    await created;
    this.connected.set(true);
    await this.#openVoice();
    if (this.#isOver()) return this.#voice?.close();
    await this.openMicrophone();
    if (this.#isOver()) return;
    if (this.#options.camera) await this.openCamera();
    if (this.#isOver()) return;
    this.#change({ phase: { name: "talking" } });
    this.#greet();
  }

  /** Has the assistant begin; at once, or when the connection is back. */
  #greet(): void {
    const begin = () => this.#connection.send({ type: "response.create" });
    if (begin()) return;
    const stop = this.#connection.observe("state", ({ name }) => {
      if (name === "reconnecting") return;
      stop();
      begin();
    });
  }

  async #openVoice(): Promise<void> {
    if (this.#context === undefined) {
      this.#change({ audible: false, microphone: "missing" });
      return;
    }
    try {
      this.#voice = await this.#speak(this.#context);
    } catch {
      // A module that does not load leaves the patient to type and to read.
      const session = { type: "realtime" as const, output_modalities: ["text"] as ["text"] };
      this.#connection.send({ type: "session.update", session });
      this.#change({ audible: false, microphone: "missing" });
    }
  }

  #speak(context: AudioContext): Promise<Voice> {
    return Voice.open(this.#connection, context, WORKLETS, {
      onHeard: (itemId, text, whole) => this.captions.update((captions) => captionHeard(captions, itemId, text, whole)),
      onSpeaking: (speaking) => {
        if (speaking !== this.activity.get().speaking) this.activity.update((activity) => ({ ...activity, speaking }));
      },
      onLevel: (level) => {
        this.level = level;
      },
      onMicrophoneLost: () => this.#change({ microphone: "failed" }),
    });
  }

  #onEvent(event: ServerEvent): void {
    const now = Date.now();
    this.captions.update((captions) => reduceCaptions(captions, event, now));
    this.activity.update((activity) => reduceActivity(activity, event));
    if (event.type.startsWith("vitals.")) this.vitals.onEvent(event as VitalsEvent, now);
    switch (event.type) {
      case "conversation.item.truncated":
        // Only the server knows to the word what was heard.
        this.#connection.send({ type: "conversation.item.retrieve", item_id: event.item_id });
        break;
      case "bedside.turn.metrics":
        if (event.voice_to_voice !== undefined) this.#change({ latencyMs: event.voice_to_voice });
        break;
      case "bedside.escalation":
        this.#change({ escalations: [...this.status.get().escalations, event.reason] });
        break;
      case "response.done":
        this.#change({ failed: event.response.status === "failed" });
        break;
      case "error":
        if (event.error.param === "session.bedside.vitals.enabled") this.#change({ vitalsOff: true });
        break;
    }
  }

  async #onState(state: ConnectionState): Promise<void> {
    if (state.name === "closed") return this.#onClosed(state.code);
    this.#change({ reconnecting: state.name === "reconnecting" });
    if (state.name === "open" && state.resumed) this.#goOnMeasuring();
  }

  async #onClosed(code: number): Promise<void> {
    removeEventListener("offline", this.#onOffline);
    document.removeEventListener("visibilitychange", this.#onVisible);
    this.endedAt = Date.now();
    this.#voice?.close();
    this.camera.get()?.close();
    this.camera.set(undefined);
    void this.#context?.close();
    this.#change({ phase: await this.#lastPhase(code), reconnecting: false });
  }

  async #lastPhase(code: number): Promise<Phase> {
    if (!this.connected.get()) {
      return { name: "refused", problem: await findProblem({ key: undefined, model: undefined, ...this.#options }) };
    }
    const ending = endingOf(code);
    const begun = this.status.get().phase.name !== "preparing";
    return begun || ending !== "ended" ? { name: "over", ending } : { name: "left" };
  }

  readonly #onOffline = (): void => this.#connection.reconnect();

  /** A page nobody looks at gets no pictures, and its scan ends. */
  readonly #onVisible = (): void => {
    if (document.visibilityState !== "visible") return;
    this.#goOnMeasuring();
    // A telephone call takes the sound away, and not every browser gives it back by itself.
    if (this.#context?.state !== "running") void this.#context?.resume();
  };

  #goOnMeasuring(): void {
    if (this.camera.get() !== undefined) this.measure();
  }

  #isOver(): boolean {
    return this.#connection.state.name === "closed";
  }

  #change(change: Partial<ReturnType<typeof this.status.get>>): void {
    this.status.update((status) => ({ ...status, ...change }));
  }
}
