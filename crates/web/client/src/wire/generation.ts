import type { AudioFormat } from "./audio.js";

/** What a response consists of: exactly one. */
export type OutputModalities = ["audio"] | ["text"];

/** 1 to 4096, or as many as the model can. */
export type MaxOutputTokens = number | "inf";

export interface FunctionTool {
  type: "function";
  name: string;
  description?: string;
  /** JSON Schema of its arguments, an object. */
  parameters?: Record<string, unknown>;
}

export type ToolChoice = "auto" | "none" | "required" | { type: "function"; name: string };

/** Up to 16 notes; keys to 64 characters, values to 512. */
export type Metadata = Record<string, string>;

/** Form and voice of a response's speech; absent = the session's. */
export interface ResponseAudioOutput {
  format?: AudioFormat;
  voice?: string;
}
