import type { Observation } from "./fhir.js";

export type Guidance = "ok" | "move_closer" | "hold_still" | "more_light" | "face_not_found";

/** Left, top, width and height in pixels of the picture that has the event's capture time. */
export type FaceBox = [x: number, y: number, width: number, height: number];

export interface ScanFace {
  found: boolean;
  /** Absent where the client sends the face alone, and where it is not found yet since the view changed. */
  box?: FaceBox;
  /** 0 to 1. */
  motion?: number;
  /** 0 to 1. */
  brightness?: number;
}

/** Figures that passed their gates, and under `absent` why others did not. Never guessed. */
export interface VitalsFigures {
  heart_rate_bpm?: number;
  /** Of the heart rate, 0 to 1. */
  quality?: number;
  snr_db?: number;
  respiratory_rate_bpm?: number;
  respiratory_rate_quality?: number;
  hrv_rmssd_ms?: number;
  hrv_sdnn_ms?: number;
  hrv_beats?: number;
  hrv_quality?: number;
  absent?: { heart_rate?: string; respiratory_rate?: string; hrv?: string };
}

/** The events of a scan. Capture times are microseconds of the clock the client stamps its frames with. */
export type VitalsEvent =
  | { type: "vitals.scan.started"; scan_id: string }
  | {
      type: "vitals.scan.progress";
      scan_id: string;
      capture_time_us: number;
      elapsed_ms: number;
      face: ScanFace;
      guidance: Guidance;
    }
  | {
      type: "vitals.waveform";
      scan_id: string;
      /** Of the first sample. */
      capture_time_us: number;
      /** Hz. */
      sample_rate: number;
      /** Since the last such event, normalised. */
      samples: number[];
    }
  | ({
      type: "vitals.updated";
      scan_id: string;
      capture_time_us: number;
      stage: "preliminary" | "stable";
      /** Length of video it rests on, s. */
      window_s: number;
      method: string;
    } & VitalsFigures)
  | ({
      type: "vitals.scan.completed";
      scan_id: string;
      capture_time_us?: number;
      elapsed_ms: number;
      frames: number;
      /** Readings with a heart rate, of those due; 0 to 1. */
      coverage: number;
      method: string;
      observations: Observation[];
    } & VitalsFigures)
  | { type: "vitals.scan.failed"; scan_id: string; capture_time_us?: number; reason: string };
