import { isPcmRate, type SessionPatch } from "@bedside/client";

/** The session a patient's page asks for. `rate` is that of its playback in Hz; `undefined` where it cannot play. */
export function sessionRequest(rate: number | undefined): SessionPatch {
  const audible = rate !== undefined && isPcmRate(rate);
  return {
    type: "realtime",
    output_modalities: audible ? ["audio"] : ["text"],
    audio: {
      input: { transcription: {} },
      ...(audible && { output: { format: { type: "audio/pcm", rate } } }),
    },
    bedside: { media: "binary" },
  };
}

/** Whether vital signs are measured, from the pictures sent. Asking for it begins a scan unless one runs. */
export function vitalsRequest(enabled: boolean): SessionPatch {
  return { type: "realtime", bedside: { vitals: { enabled, ...(enabled && { region: "auto", interval_ms: 1_000 }) } } };
}
