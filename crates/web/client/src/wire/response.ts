import type { Fault } from "./error.js";
import type { MaxOutputTokens, Metadata, OutputModalities, ResponseAudioOutput } from "./generation.js";
import type { Item } from "./item.js";

export type ResponseStatus = "in_progress" | "completed" | "cancelled" | "incomplete" | "failed";

export interface StatusDetails {
  type: Exclude<ResponseStatus, "in_progress">;
  reason?: "turn_detected" | "client_cancelled" | "max_output_tokens" | "content_filter";
  error?: Fault;
}

export interface Usage {
  total_tokens: number;
  input_tokens: number;
  output_tokens: number;
  input_token_details: {
    text_tokens: number;
    audio_tokens: number;
    image_tokens: number;
    cached_tokens: number;
    cached_tokens_details: { text_tokens: number; audio_tokens: number; image_tokens: number };
  };
  output_token_details: { text_tokens: number; audio_tokens: number };
}

/** A response as its events show it, without audio. */
export interface RealtimeResponse {
  object: "realtime.response";
  id: string;
  status: ResponseStatus;
  status_details: StatusDetails | null;
  output: Item[];
  /** `null` if out of band. */
  conversation_id: string | null;
  output_modalities: OutputModalities;
  max_output_tokens: MaxOutputTokens;
  audio: { output: ResponseAudioOutput };
  usage: Usage | null;
  metadata: Metadata | null;
}

/** Where a part stands in a response. */
export interface PartAddress {
  response_id: string;
  item_id: string;
  output_index: number;
  content_index: number;
}

/** A part of an item being generated. */
export type ResponsePart = { type: "text"; text: string } | { type: "audio"; transcript: string };
