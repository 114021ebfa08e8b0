import {
  type Item,
  NO_VITALS,
  PulseWave,
  parseServerEvent,
  reduceVitals,
  type ServerEvent,
  type VitalsState,
} from "@bedside/client";
import { Fields, isObject } from "../api/fields";
import type { StreamEvent } from "../api/sse";
import { begun, NOTHING_SAID, reduceTranscript, type Transcript } from "./transcript";

/** Something worth a line of its own. */
export interface Notice {
  id: string;
  kind: "escalation" | "changed";
  text: string;
}

/** What was seen of a session since watching began. */
export interface Observation {
  transcript: Transcript;
  vitals: VitalsState;
  /** Samples of the pulse wave, oldest first. */
  wave: Float32Array;
  notices: readonly Notice[];
  /** Events and items that were not seen. */
  missed: number;
  /** The close code of the session, once it has ended. */
  ended: number | undefined;
}

const MOST_NOTICES = 20;

/** Keeps what is told of a session. Each event makes a new observation out of the one before. */
export class Observer {
  readonly #wave = new PulseWave();
  #seen: Observation = {
    transcript: NOTHING_SAID,
    vitals: NO_VITALS,
    wave: new Float32Array(0),
    notices: [],
    missed: 0,
    ended: undefined,
  };

  get seen(): Observation {
    return this.#seen;
  }

  take({ name, data }: StreamEvent): void {
    if (name === "message") {
      const event = parseServerEvent(data);
      if (event !== undefined) this.#event(event);
      return;
    }
    const fields = new Fields(parsed(data));
    if (name === "snapshot") {
      this.#seen = {
        ...this.#seen,
        transcript: begun(itemsOf(parsed(data))),
        missed: this.#seen.missed + fields.number("omitted"),
      };
    } else if (name === "dropped") {
      this.#seen = { ...this.#seen, missed: this.#seen.missed + fields.number("count") };
    } else if (name === "ended") {
      const { transcript } = this.#seen;
      this.#seen = { ...this.#seen, ended: fields.number("code"), transcript: { ...transcript, speaking: false } };
    }
  }

  #event(event: ServerEvent): void {
    const seen = this.#seen;
    switch (event.type) {
      case "vitals.waveform":
        if (!Array.isArray(event.samples)) return;
        this.#wave.push(event);
        this.#seen = { ...seen, wave: this.#wave.samples };
        return;
      case "vitals.scan.started":
      case "vitals.scan.completed":
      case "vitals.scan.failed":
        this.#seen = { ...seen, vitals: reduceVitals(seen.vitals, event) };
        return;
      case "vitals.scan.progress":
      case "vitals.updated":
        // Whoever begins to watch during a scan has not seen it start.
        this.#seen = { ...seen, vitals: reduceVitals(inScan(seen.vitals, event), event) };
        return;
      case "bedside.escalation":
        this.#note({ id: event.event_id, kind: "escalation", text: `${event.reason}: ${event.matched}` });
        return;
      case "bedside.provider.changed":
        this.#note({ id: event.event_id, kind: "changed", text: `${event.stage}: ${event.from} → ${event.to}` });
        return;
      default:
        this.#seen = { ...seen, transcript: reduceTranscript(seen.transcript, event) };
    }
  }

  #note(notice: Notice): void {
    this.#seen = { ...this.#seen, notices: [...this.#seen.notices, notice].slice(-MOST_NOTICES) };
  }
}

/** Its beginning may be among the events that were dropped. */
function inScan(vitals: VitalsState, event: { scan_id: string; event_id: string }): VitalsState {
  if (vitals.scanId === event.scan_id) return vitals;
  return reduceVitals(vitals, { type: "vitals.scan.started", scan_id: event.scan_id });
}

function itemsOf(snapshot: unknown): Item[] {
  const items = isObject(snapshot) && Array.isArray(snapshot.items) ? snapshot.items : [];
  return items.filter((item): item is Item => isObject(item) && typeof item.id === "string");
}

function parsed(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}
