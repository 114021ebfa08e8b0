import type { ErrorDetail, Fault } from "./error.js";
import type { Item } from "./item.js";
import type { PartAddress, RealtimeResponse, ResponsePart } from "./response.js";
import type { Session } from "./session.js";
import type { VitalsEvent } from "./vitals.js";

type SessionEvent =
  | { type: "error"; error: ErrorDetail }
  | { type: "session.created" | "session.updated"; session: Session }
  | {
      type: "rate_limits.updated";
      rate_limits: { name: "requests" | "tokens"; limit: number; remaining: number; reset_seconds: number }[];
    };

type ConversationEvent =
  | { type: "conversation.item.added" | "conversation.item.done"; previous_item_id: string | null; item: Item }
  | { type: "conversation.item.retrieved"; item: Item }
  | { type: "conversation.item.truncated"; item_id: string; content_index: number; audio_end_ms: number }
  | { type: "conversation.item.deleted"; item_id: string }
  | {
      type: "conversation.item.input_audio_transcription.delta";
      item_id: string;
      content_index: number;
      /** To be appended. */
      delta: string;
    }
  | {
      type: "conversation.item.input_audio_transcription.completed";
      item_id: string;
      content_index: number;
      /** The whole of it. */
      transcript: string;
      usage: TranscriptionUsage;
    }
  | {
      type: "conversation.item.input_audio_transcription.failed";
      item_id: string;
      content_index: number;
      error: Fault & { param: string | null };
    };

type TranscriptionUsage =
  | { type: "duration"; seconds: number }
  | { type: "tokens"; input_tokens: number; output_tokens: number; total_tokens: number };

type InputAudioEvent =
  | { type: "input_audio_buffer.committed"; previous_item_id: string | null; item_id: string }
  | { type: "input_audio_buffer.cleared" }
  | { type: "input_audio_buffer.speech_started"; audio_start_ms: number; item_id: string }
  | { type: "input_audio_buffer.speech_stopped"; audio_end_ms: number; item_id: string }
  | { type: "input_audio_buffer.timeout_triggered"; audio_start_ms: number; audio_end_ms: number; item_id: string }
  | { type: "input_audio_buffer.dtmf_event_received"; event: string; received_at: number };

type OutputAudioEvent = {
  type: "output_audio_buffer.started" | "output_audio_buffer.stopped" | "output_audio_buffer.cleared";
  response_id: string;
};

type ResponseEvent =
  | { type: "response.created" | "response.done"; response: RealtimeResponse }
  | {
      type: "response.output_item.added" | "response.output_item.done";
      response_id: string;
      output_index: number;
      item: Item;
    }
  | ({ type: "response.content_part.added" | "response.content_part.done"; part: ResponsePart } & PartAddress)
  | ({ type: "response.output_text.delta"; delta: string } & PartAddress)
  | ({ type: "response.output_text.done"; text: string } & PartAddress)
  /** Base64 in the output format. */
  | ({ type: "response.output_audio.delta"; delta: string } & PartAddress)
  | ({ type: "response.output_audio.done" } & PartAddress)
  | ({ type: "response.output_audio_transcript.delta"; delta: string } & PartAddress)
  | ({ type: "response.output_audio_transcript.done"; transcript: string } & PartAddress)
  | ({ type: "response.function_call_arguments.delta"; delta: string } & CallAddress)
  | ({ type: "response.function_call_arguments.done"; name: string; arguments: string } & CallAddress);

interface CallAddress {
  response_id: string;
  item_id: string;
  output_index: number;
  call_id: string;
}

/** Moments of an answer, ms after the patient's last voiced sample; one not reached is absent. */
export interface TurnMetrics {
  response_id: string;
  end_of_turn?: number;
  transcription_final?: number;
  model_first_token?: number;
  synthesis_first_audio?: number;
  first_audio_sent?: number;
  voice_to_voice?: number;
  /** The deliberate wait for the patient to go on. */
  wait_ms?: number;
  /** Time models ran in the path of the answer. */
  models_ms?: number;
  /** Everything else. */
  engine_ms?: number;
  providers: { transcription?: string; model?: string; synthesis?: string };
}

type BedsideEvent =
  | ({ type: "bedside.turn.metrics" } & TurnMetrics)
  | {
      type: "bedside.provider.changed";
      stage: "transcription" | "model" | "synthesis";
      from: string;
      to: string;
      reason: string;
    }
  /** A red flag was heard. */
  | { type: "bedside.escalation"; reason: string; matched: string };

/** An event of the server. `event_id` is unique within the session. */
export type ServerEvent = (
  | SessionEvent
  | ConversationEvent
  | InputAudioEvent
  | OutputAudioEvent
  | ResponseEvent
  | BedsideEvent
  | VitalsEvent
) & { event_id: string };

export type ServerEventType = ServerEvent["type"];

/** The event of one type. */
export type ServerEventOf<T extends ServerEventType> = OfType<ServerEvent, T>;

// `Extract` would lose the events that share a shape, and so have several types.
type OfType<Event, T> = Event extends { type: infer Types } ? (T extends Types ? Event & { type: T } : never) : never;

/**
 * Reads a text message, or gives `undefined` where it is no event. Only the envelope is looked at: the server's word is
 * taken for the rest, and types a newer server may know pass through.
 */
export function parseServerEvent(text: string): ServerEvent | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { type, event_id } = value as Record<string, unknown>;
  return typeof type === "string" && typeof event_id === "string" ? (value as ServerEvent) : undefined;
}
