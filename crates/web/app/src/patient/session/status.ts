import type { Problem } from "./problem";

/** A microphone or camera, as the patient sees it. */
export type Device = "off" | "asking" | "on" | "refused" | "missing" | "failed";

/** Why a consultation is over. */
export type Ending = "ended" | "idle" | "operator" | "time_limit" | "taken_over" | "lost";

export type Phase =
  /** Being connected, or asking for what it hears and sees with. */
  | { name: "preparing" }
  | { name: "talking" }
  /** The last figures are being fetched. */
  | { name: "ending" }
  | { name: "over"; ending: Ending }
  | { name: "refused"; problem: Problem }
  /** The patient left before it began. */
  | { name: "left" };

/** All that changes seldom in a consultation. */
export interface Status {
  phase: Phase;
  reconnecting: boolean;
  microphone: Device;
  camera: Device;
  muted: boolean;
  /** Whether answers can be heard; else they are read. */
  audible: boolean;
  /** From the patient's last sound to the first of the answer, ms. */
  latencyMs: number | undefined;
  /** What each was about, as the server puts it; the newest is last. */
  escalations: readonly string[];
  /** An answer could not be given. */
  failed: boolean;
  /** The server measures no vital signs. */
  vitalsOff: boolean;
}

export const FIRST_STATUS: Status = {
  phase: { name: "preparing" },
  reconnecting: false,
  microphone: "off",
  camera: "off",
  muted: false,
  audible: true,
  latencyMs: undefined,
  escalations: [],
  failed: false,
  vitalsOff: false,
};

/** What a refused device is to be called. */
export function deviceRefusal(error: unknown): Device {
  const name = error instanceof Error ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "refused";
  // A page that was not reached over https has no devices at all.
  if (name === "NotFoundError" || name === "OverconstrainedError" || name === "TypeError") return "missing";
  return "failed";
}
