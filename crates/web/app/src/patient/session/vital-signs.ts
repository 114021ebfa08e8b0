import {
  NO_VITALS,
  PulseWave,
  reduceVitals,
  type VitalsEvent,
  type VitalsFigures,
  type VitalsState,
} from "@bedside/client";
import { Store } from "./store";

/** A heart rate and when it was told; `undefined` where none was to be had. */
export interface HeartRatePoint {
  /** ms since the Unix epoch. */
  at: number;
  bpm: number | undefined;
}

/** The outcome of a scan that gave figures. */
export type ScanOutcome = Extract<VitalsEvent, { type: "vitals.scan.completed" }>;

/** Three hours of one point a second; the oldest goes first. */
const MOST_POINTS = 10_800;

/** The vital signs of a consultation: as they are now, and what is left of them at its end. */
export class VitalSigns {
  readonly state = new Store<VitalsState>(NO_VITALS);
  readonly wave = new PulseWave();
  readonly heartRates: HeartRatePoint[] = [];
  readonly outcomes: ScanOutcome[] = [];
  /** The newest figures with a heart rate that a running scan gave: what is left if its outcome never comes. */
  newest: VitalsFigures | undefined;

  /** Takes every event of vital signs, with when it came, ms since the Unix epoch. */
  onEvent(event: VitalsEvent, at: number): void {
    this.state.update((state) => reduceVitals(state, event));
    switch (event.type) {
      case "vitals.waveform":
        this.wave.push(event);
        break;
      case "vitals.updated":
        this.#remember({ at, bpm: event.heart_rate_bpm });
        if (event.heart_rate_bpm !== undefined && event.stage === "stable") {
          this.newest = this.state.get().reading?.figures;
        }
        break;
      case "vitals.scan.completed":
        this.outcomes.push(event);
        this.#remember({ at, bpm: undefined });
        break;
      case "vitals.scan.failed":
        this.#remember({ at, bpm: undefined });
        break;
    }
  }

  #remember(point: HeartRatePoint): void {
    this.heartRates.push(point);
    if (this.heartRates.length > MOST_POINTS) this.heartRates.shift();
  }
}

/** The outcome that rests on most. */
export function weightiest(outcomes: readonly ScanOutcome[]): ScanOutcome | undefined {
  const weight = ({ elapsed_ms, coverage }: ScanOutcome) => elapsed_ms * coverage;
  return outcomes.reduce<ScanOutcome | undefined>(
    (best, outcome) => (best === undefined || weight(outcome) > weight(best) ? outcome : best),
    undefined,
  );
}
