import { decodeFrame, InvalidFrame, type MediaFrame } from "../media/frame.js";
import type { ClientEvent } from "../wire/client-event.js";
import { parseServerEvent, type ServerEvent, type ServerEventOf, type ServerEventType } from "../wire/server-event.js";
import type { ResumeTicket, SessionPatch } from "../wire/session.js";
import { realtimeUrl, subprotocols, type Target } from "./address.js";
import { backoffMs } from "./backoff.js";
import { CloseCode, isResumable } from "./close.js";
import { BROWSER, type Environment, type Socket } from "./environment.js";
import { Listeners } from "./listeners.js";

/** `WebSocket.OPEN` */
const OPEN = 1;

export type ConnectionState =
  | { name: "connecting" }
  | { name: "open"; resumed: boolean }
  /** The socket was lost; the conversation is not, yet. */
  | { name: "reconnecting"; attempt: number }
  | { name: "closed"; code: number; reason: string };

export interface ConnectionOptions extends Target {
  /** Sent as soon as a new session is there; a resumed one has it already. */
  session?: SessionPatch;
  /** What to do with an answer that a lost socket cut off: have its rest said again, or (absent) leave it. */
  unheard?: "repeat";
  /** Longest time an attempt to connect may take, ms. */
  connectTimeoutMs?: number;
  /** Most bytes waiting to be sent before media is dropped. Overflow policy: the newest frame is dropped. */
  mostBufferedBytes?: number;
  /** How long the network may take no media before the socket counts as lost, ms. */
  stalledMs?: number;
}

type Defaults = "connectTimeoutMs" | "mostBufferedBytes" | "stalledMs";

interface Told {
  state: ConnectionState;
  event: ServerEvent;
  frame: MediaFrame;
  /** A message that is neither an event nor a media frame. */
  unreadable: { reason: string };
}

/** A socket that was open for so long carried the session, even if there was nothing to say, ms. */
const QUIET_MS = 5_000;

/** One conversation, over as many sockets as it takes. */
export class Connection {
  readonly #options: Required<Pick<ConnectionOptions, Defaults>> & ConnectionOptions;
  readonly #environment: Environment;
  readonly #told = new Listeners<Told>();
  readonly #events = new Listeners<{ [T in ServerEventType]: ServerEventOf<T> }>();
  #state: ConnectionState = { name: "connecting" };
  #socket: Socket | undefined;
  /** One that was let go of without a farewell. */
  #abandoned: Socket | undefined;
  #cancelTimer: () => void = () => undefined;
  #ticket: ResumeTicket | undefined;
  #lastEventId: string | undefined;
  /** When the session is given up, on the environment's clock. */
  #giveUpAt = 0;
  /** Whether the server said anything over this socket. */
  #alive = false;
  /** When this socket opened, on the environment's clock. */
  #openedAt = Number.POSITIVE_INFINITY;
  #droppedFrames = 0;
  /** Since when the network has taken no media, on the environment's clock. */
  #stalledSince: number | undefined;

  /**
   * Connects at once.
   * @throws SyntaxError if `url` is no address.
   */
  constructor(options: ConnectionOptions, environment: Environment = BROWSER) {
    this.#options = { connectTimeoutMs: 10_000, mostBufferedBytes: 256 * 1024, stalledMs: 3_000, ...options };
    this.#environment = environment;
    this.#open(undefined);
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Media frames dropped because the network did not take them. */
  get droppedFrames(): number {
    return this.#droppedFrames;
  }

  /** Calls `listener` with every event of one type, until the function returned is called. */
  on<T extends ServerEventType>(type: T, listener: (event: ServerEventOf<T>) => void): () => void {
    return this.#events.on(type, listener);
  }

  /** Calls `listener` with every event, frame or change of state. */
  observe<Name extends keyof Told>(name: Name, listener: (value: Told[Name]) => void): () => void {
    return this.#told.on(name, listener);
  }

  /** Sends an event; `false` if there is no open socket. Nothing is kept for later. */
  send(event: ClientEvent): boolean {
    if (this.#socket === undefined || !this.#takesMore(this.#socket)) return false;
    this.#socket.send(JSON.stringify(event));
    return true;
  }

  /**
   * Sends a media frame; `false` if it was dropped. Media that is late is worth nothing, so none is kept. What may wait
   * less than other frames is dropped when more than `most` bytes wait before it.
   */
  sendFrame(message: ArrayBuffer, most = this.#options.mostBufferedBytes): boolean {
    if (this.#socket === undefined || !this.#takesMore(this.#socket)) return false;
    const waiting = this.#socket.bufferedAmount;
    if (waiting > most) {
      this.#droppedFrames += 1;
      if (waiting <= this.#options.mostBufferedBytes) return false;
      this.#stalledSince ??= this.#environment.now();
      // A network that went away is not told of: the socket would wait for minutes.
      if (this.#environment.now() - this.#stalledSince > this.#options.stalledMs) this.reconnect();
      return false;
    }
    this.#stalledSince = undefined;
    this.#socket.send(message);
    return true;
  }

  /** A socket that the server began to close is told of as closed only later. */
  #takesMore(socket: Socket): boolean {
    return this.#state.name === "open" && socket.readyState === OPEN;
  }

  /** Ends the session. */
  close(): void {
    if (this.#state.name === "closed") return;
    this.#release()?.close(CloseCode.Normal);
    this.#abandoned?.close(CloseCode.Normal);
    this.#change({ name: "closed", code: CloseCode.Normal, reason: "" });
  }

  /** Lets go of the socket as if it had been lost: for those who know before it does that the network is gone. */
  reconnect(): void {
    if (this.#state.name !== "open") return;
    // A farewell that arrived after all would end the session. The server closes this socket when another takes over.
    this.#abandoned = this.#socket;
    this.#onClose(CloseCode.Abnormal, "the network went away");
  }

  #open(ticket: ResumeTicket | undefined): void {
    const { unheard } = this.#options;
    const resume = ticket && {
      token: ticket.token,
      ...(this.#lastEventId && { lastEventId: this.#lastEventId }),
      ...(unheard && { unheard }),
    };
    const socket = this.#environment.connect(realtimeUrl(this.#options, resume), subprotocols(this.#options));
    socket.binaryType = "arraybuffer";
    this.#alive = false;
    this.#openedAt = Number.POSITIVE_INFINITY;
    socket.onopen = () => this.#onOpen(ticket !== undefined);
    socket.onmessage = ({ data }) => this.#onMessage(data);
    socket.onclose = ({ code, reason }) => this.#onClose(code, reason);
    this.#socket = socket;
    this.#cancelTimer = this.#environment.after(this.#options.connectTimeoutMs, () => {
      this.#release()?.close();
      this.#lost(CloseCode.Abnormal, "the server did not answer in time");
    });
  }

  #onOpen(resumed: boolean): void {
    this.#cancelTimer();
    this.#openedAt = this.#environment.now();
    this.#change({ name: "open", resumed });
    const { session } = this.#options;
    if (!resumed && session !== undefined) this.send({ type: "session.update", session });
  }

  #onMessage(data: unknown): void {
    this.#alive = true;
    if (typeof data === "string") this.#onText(data);
    else if (data instanceof ArrayBuffer) this.#onBinary(data);
  }

  #onText(text: string): void {
    const event = parseServerEvent(text);
    if (event === undefined) {
      this.#told.emit("unreadable", { reason: "a text message is no event" });
      return;
    }
    this.#lastEventId = event.event_id;
    if (event.type === "session.created" || event.type === "session.updated") {
      this.#ticket = event.session.bedside?.resume ?? this.#ticket;
    }
    this.#told.emit("event", event);
    this.#events.emit(event.type, event as never);
  }

  #onBinary(message: ArrayBuffer): void {
    let frame: MediaFrame;
    try {
      frame = decodeFrame(message);
    } catch (error) {
      if (!(error instanceof InvalidFrame)) throw error;
      this.#told.emit("unreadable", { reason: error.message });
      return;
    }
    this.#told.emit("frame", frame);
  }

  #onClose(code: number, reason: string): void {
    this.#release();
    // A socket that opens and soon closes again without a word does not prolong the session.
    const stood = this.#alive || this.#environment.now() - this.#openedAt > QUIET_MS;
    if (stood && this.#ticket !== undefined) {
      this.#giveUpAt = this.#environment.now() + this.#ticket.ttl_ms;
    }
    this.#lost(code, reason);
  }

  /** Tries again while the server keeps the session, and gives up when it no longer does. */
  #lost(code: number, reason: string): void {
    const ticket = this.#ticket;
    const attempt = this.#state.name === "reconnecting" ? this.#state.attempt + 1 : 0;
    const wait = backoffMs(attempt, this.#environment.random());
    const late = this.#environment.now() + wait > this.#giveUpAt;
    if (ticket === undefined || !isResumable(code) || late) {
      this.#change({ name: "closed", code, reason });
      return;
    }
    this.#change({ name: "reconnecting", attempt });
    // A listener may have ended the session.
    if (this.#state.name !== "reconnecting") return;
    this.#cancelTimer = this.#environment.after(wait, () => this.#open(ticket));
  }

  /** Lets go of the socket and of whatever is awaited. */
  #release(): Socket | undefined {
    this.#cancelTimer();
    const socket = this.#socket;
    this.#socket = undefined;
    this.#stalledSince = undefined;
    if (socket !== undefined) socket.onopen = socket.onmessage = socket.onclose = null;
    return socket;
  }

  #change(state: ConnectionState): void {
    this.#state = state;
    this.#told.emit("state", state);
  }
}
