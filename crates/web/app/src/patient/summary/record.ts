import type { Caption, Observation, VitalsFigures } from "@bedside/client";
import type { Consultation } from "../session/consultation";
import { type HeartRatePoint, weightiest } from "../session/vital-signs";

/** What is left of a consultation. */
export interface ConsultationRecord {
  sessionId: string | undefined;
  startedAt: number;
  endedAt: number;
  /** What each escalation was about. */
  escalations: readonly string[];
  transcript: readonly Caption[];
  vitals: MeasuredVitals | undefined;
  heartRates: readonly HeartRatePoint[];
  wave: { samples: Float32Array; sampleRate: number };
  observations: readonly Observation[];
}

export interface MeasuredVitals {
  figures: VitalsFigures;
  /** Length of video it rests on, s; where a scan came to its end. */
  seconds: number | undefined;
  method: string | undefined;
  /** Why a scan gave no figure at all. */
  reason: string | undefined;
}

/** The record of a consultation that is over. */
export function recordOf(consultation: Consultation): ConsultationRecord {
  const { vitals, captions, startedAt, endedAt, sessionId, status } = consultation;
  return {
    sessionId,
    startedAt,
    endedAt: endedAt ?? Date.now(),
    escalations: status.get().escalations,
    transcript: captions.get().flatMap(whatIsLeft),
    vitals: measured(consultation),
    heartRates: vitals.heartRates,
    wave: { samples: vitals.wave.samples, sampleRate: vitals.wave.sampleRate },
    observations: vitals.outcomes.flatMap(({ observations }) => observations),
  };
}

/** An answer that was being spoken at the end was cut off by it. */
function whatIsLeft(caption: Caption): Caption[] {
  if (caption.text.trim() === "") return [];
  const cut = caption.speaker === "assistant" && caption.state === "partial";
  return [cut ? { ...caption, state: "interrupted" } : caption];
}

function measured({ vitals }: Consultation): MeasuredVitals | undefined {
  const best = weightiest(vitals.outcomes);
  if (best !== undefined) {
    const seconds = Math.round(best.elapsed_ms / 1_000);
    return { figures: best, seconds, method: best.method, reason: undefined };
  }
  if (vitals.newest !== undefined) {
    return { figures: vitals.newest, seconds: undefined, method: undefined, reason: undefined };
  }
  const { phase, reason } = vitals.state.get();
  return phase === "idle" ? undefined : { figures: {}, seconds: undefined, method: undefined, reason };
}
