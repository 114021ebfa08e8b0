import type { Observation } from "../wire/fhir.js";
import type { Guidance, ScanFace, VitalsEvent, VitalsFigures } from "../wire/vitals.js";

/** A reading, or the outcome of a whole scan. */
export interface Reading {
  figures: VitalsFigures;
  stage: "preliminary" | "stable" | "final";
  /** On the clock of the video; absent where a scan saw no frame. */
  captureTimeUs?: number;
}

/** What is known of the vital signs now. Never changed in place. */
export interface VitalsState {
  phase: "idle" | "scanning" | "completed" | "failed";
  scanId?: string;
  elapsedMs: number;
  face?: ScanFace;
  guidance?: Guidance;
  /** The newest; the one before it is never shown in its stead. */
  reading?: Reading;
  /** Why the scan failed. */
  reason?: string;
  /** FHIR resources of a completed scan. */
  observations: readonly Observation[];
}

export const NO_VITALS: VitalsState = { phase: "idle", elapsedMs: 0, observations: [] };

/** The state after an event. Events of a scan that is not the current one change nothing. */
export function reduceVitals(state: VitalsState, event: VitalsEvent): VitalsState {
  if (event.type === "vitals.scan.started") {
    return { ...NO_VITALS, phase: "scanning", scanId: event.scan_id };
  }
  if (state.phase !== "scanning" || event.scan_id !== state.scanId) return state;
  switch (event.type) {
    case "vitals.scan.progress": {
      const { face, guidance, elapsed_ms } = event;
      return { ...state, face, guidance, elapsedMs: elapsed_ms };
    }
    case "vitals.updated":
      return {
        ...state,
        reading: { figures: figuresOf(event), stage: event.stage, captureTimeUs: event.capture_time_us },
      };
    case "vitals.scan.completed": {
      const { scan_id: scanId, elapsed_ms: elapsedMs, capture_time_us, observations } = event;
      const reading: Reading = { figures: figuresOf(event), stage: "final" };
      if (capture_time_us !== undefined) reading.captureTimeUs = capture_time_us;
      return { phase: "completed", scanId, elapsedMs, observations, reading };
    }
    case "vitals.scan.failed": {
      const { scan_id: scanId, reason } = event;
      return { ...NO_VITALS, phase: "failed", scanId, elapsedMs: state.elapsedMs, reason };
    }
    case "vitals.waveform":
      return state;
  }
}

/** The figures and nothing else of an event. */
function figuresOf(event: VitalsFigures): VitalsFigures {
  const figures: VitalsFigures = {};
  const names = [
    "heart_rate_bpm",
    "quality",
    "snr_db",
    "respiratory_rate_bpm",
    "respiratory_rate_quality",
    "hrv_rmssd_ms",
    "hrv_sdnn_ms",
    "hrv_beats",
    "hrv_quality",
  ] as const;
  for (const name of names) {
    const value = event[name];
    if (value !== undefined) figures[name] = value;
  }
  if (event.absent !== undefined) figures.absent = event.absent;
  return figures;
}
