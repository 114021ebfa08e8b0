import type { Activity, ConnectionState, ScanState, StageState } from "../api/types";
import type { Tone } from "../parts/State";

export const CONNECTION_TONES: Record<ConnectionState, Tone> = {
  connected: "good",
  detached: "warn",
  unknown: "warn",
};

export const ACTIVITY_TONES: Record<Activity, Tone> = {
  idle: "quiet",
  listening: "busy",
  thinking: "busy",
  speaking: "busy",
  unknown: "warn",
};

export const SCAN_TONES: Record<ScanState, Tone> = {
  none: "off",
  scanning: "busy",
  completed: "good",
  failed: "bad",
  unknown: "warn",
};

export const STAGE_TONES: Record<StageState, Tone> = {
  idle: "quiet",
  busy: "busy",
  failed: "bad",
  off: "off",
  unknown: "warn",
};
