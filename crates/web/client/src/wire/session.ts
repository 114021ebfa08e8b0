import type { AudioFormat } from "./audio.js";
import type { FunctionTool, MaxOutputTokens, OutputModalities, ToolChoice } from "./generation.js";

/** Makes every field optional, all the way down; `null` stays where it means "off". */
type Patch<T> = T extends readonly unknown[] ? T : T extends object ? { [K in keyof T]?: Patch<T[K]> } : T;

/** Like {@link Patch}, with the discriminator `type` still asked for. */
type TypedPatch<T> = T extends { type: infer Type } ? { type: Type } & Patch<Omit<T, "type">> : never;

export interface ServerVad {
  type: "server_vad";
  /** 0 to 1. */
  threshold: number;
  prefix_padding_ms: number;
  silence_duration_ms: number;
  /** 5000 to 30 000; `null` is none. */
  idle_timeout_ms: number | null;
  create_response: boolean;
  interrupt_response: boolean;
}

export interface SemanticVad {
  type: "semantic_vad";
  eagerness: "low" | "medium" | "high" | "auto";
  create_response: boolean;
  interrupt_response: boolean;
}

/** How the ends of the patient's turns are found; `null` is push-to-talk. */
export type TurnDetection = ServerVad | SemanticVad | null;

export interface NoiseReduction {
  type: "near_field" | "far_field";
}

export interface Transcription {
  model?: string;
  /** ISO 639-1. */
  language?: string;
  /** Words to expect. */
  prompt?: string;
}

export interface AudioInputConfig {
  /** Encoding of base64 audio; a binary frame names its own. */
  format: AudioFormat;
  noise_reduction: NoiseReduction | null;
  transcription: Transcription | null;
  turn_detection: TurnDetection;
}

export interface AudioOutputConfig {
  format: AudioFormat;
  voice: string;
  /** 0.25 to 1.5; 1 is normal. */
  speed: number;
}

/** How media travels in each direction; `json` is base64 in events. */
export type MediaMode = "json" | "binary" | "binary_in" | "binary_out";

export interface VitalsConfig {
  /** Whether video is taken; turning it on begins a scan. */
  enabled: boolean;
  /** Whether the face must be found, or is all the video shows. */
  region: "auto" | "face_crop";
  /** Time between readings, 200 to 10 000. */
  interval_ms: number;
  /** How long a scan lasts, 5000 to 600 000; `null` is until it is disabled. */
  duration_ms: number | null;
}

/** What lets a client that lost its socket go on with the conversation. */
export interface ResumeTicket {
  token: string;
  /** How long after the loss the session is kept. */
  ttl_ms: number;
}

export interface BedsideInput {
  echo_cancellation: boolean;
  noise_suppression: boolean;
  gain_control: boolean;
}

/** `session.bedside` as it is in force. */
export interface BedsideConfig {
  media: MediaMode;
  input: BedsideInput;
  vitals: VitalsConfig;
  /** Name of the consultation protocol. */
  protocol: string;
  resume?: ResumeTicket;
}

interface SessionCommon {
  id: string;
  /** When it must end, seconds since the Unix epoch. */
  expires_at?: number;
  /** Shown once the client asked for the extension. */
  bedside?: BedsideConfig;
}

export interface RealtimeSession extends SessionCommon {
  type: "realtime";
  object: "realtime.session";
  model: string;
  instructions: string;
  output_modalities: OutputModalities;
  audio: { input: AudioInputConfig; output: AudioOutputConfig };
  tools: FunctionTool[];
  tool_choice: ToolChoice;
  max_output_tokens: MaxOutputTokens;
  truncation: "auto";
}

export interface TranscriptionSession extends SessionCommon {
  type: "transcription";
  object: "realtime.transcription_session";
  audio: { input: AudioInputConfig };
}

export type Session = RealtimeSession | TranscriptionSession;

export interface AudioInputPatch {
  format?: AudioFormat;
  noise_reduction?: Partial<NoiseReduction> | null;
  transcription?: { model?: string; language?: string | null; prompt?: string | null } | null;
  turn_detection?: TypedPatch<ServerVad> | TypedPatch<SemanticVad> | null;
}

export interface BedsidePatch {
  media?: MediaMode;
  input?: Partial<BedsideInput>;
  vitals?: Partial<VitalsConfig>;
}

/** What `session.update` changes; absent fields stay as they are. */
export type SessionPatch =
  | {
      type: "realtime";
      instructions?: string;
      output_modalities?: OutputModalities;
      audio?: { input?: AudioInputPatch; output?: Partial<AudioOutputConfig> };
      tools?: FunctionTool[];
      tool_choice?: ToolChoice;
      max_output_tokens?: MaxOutputTokens;
      bedside?: BedsidePatch;
    }
  | { type: "transcription"; audio?: { input?: AudioInputPatch }; bedside?: BedsidePatch };
