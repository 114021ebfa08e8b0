import type {
  FunctionTool,
  MaxOutputTokens,
  Metadata,
  OutputModalities,
  ResponseAudioOutput,
  ToolChoice,
} from "./generation.js";
import type { NewItem } from "./item.js";
import type { SessionPatch } from "./session.js";

/** How one response differs from its session; absent fields are the session's. */
export interface ResponseParams {
  instructions?: string;
  output_modalities?: OutputModalities;
  audio?: { output?: ResponseAudioOutput };
  tools?: FunctionTool[];
  tool_choice?: ToolChoice;
  max_output_tokens?: MaxOutputTokens;
  /** `none` keeps the response out of the conversation. */
  conversation?: "auto" | "none";
  /** What the model is given instead of the conversation. */
  input?: (NewItem | { type: "item_reference"; id: string })[];
  metadata?: Metadata;
}

type Body =
  | { type: "session.update"; session: SessionPatch }
  | { type: "input_audio_buffer.append"; audio: string }
  | { type: "input_audio_buffer.commit" }
  | { type: "input_audio_buffer.clear" }
  /** Base64 of a JPEG; `capture_time_us` is on the clock of the video. */
  | { type: "input_video_buffer.append"; image: string; capture_time_us: number }
  /** `previous_item_id` `root` is before all; absent is after all. */
  | { type: "conversation.item.create"; item: NewItem; previous_item_id?: string }
  | { type: "conversation.item.retrieve"; item_id: string }
  | { type: "conversation.item.truncate"; item_id: string; content_index: number; audio_end_ms: number }
  | { type: "conversation.item.delete"; item_id: string }
  | { type: "response.create"; response?: ResponseParams }
  | { type: "response.cancel"; response_id?: string }
  | { type: "output_audio_buffer.clear" };

/** An event to the server. `event_id` is given back with an error. */
export type ClientEvent = Body & { event_id?: string };
