import type { ConsultationRecord } from "./record";

/** A record for programs: the vital signs as FHIR R4, and what was said. */
export function recordJson(record: ConsultationRecord): string {
  const iso = (at: number) => new Date(at).toISOString();
  return JSON.stringify(
    {
      session_id: record.sessionId,
      started_at: iso(record.startedAt),
      ended_at: iso(record.endedAt),
      escalations: record.escalations,
      transcript: record.transcript.map(({ at, speaker, text, typed, state }) => ({
        at: iso(at),
        speaker,
        text,
        typed,
        interrupted: state === "interrupted",
      })),
      observations: {
        resourceType: "Bundle",
        type: "collection",
        timestamp: iso(record.endedAt),
        entry: record.observations.map((resource) => ({ resource })),
      },
    },
    undefined,
    2,
  );
}

/** Has the browser save a text as a file. */
export function saveFile(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
