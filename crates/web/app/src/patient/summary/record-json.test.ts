import type { Observation } from "@bedside/client";
import { expect, test } from "vitest";
import type { ConsultationRecord } from "./record";
import { recordJson } from "./record-json";

const observation: Observation = {
  resourceType: "Observation",
  status: "final",
  category: [],
  code: { text: "Heart rate" },
  method: { text: "chrom" },
};

test("what was said and what was measured, for programs", () => {
  const record: ConsultationRecord = {
    sessionId: "sess_1",
    startedAt: 0,
    endedAt: 60_000,
    escalations: ["Chest pain"],
    transcript: [
      { itemId: "a", speaker: "assistant", text: "Hello", at: 1_000, typed: false, state: "interrupted" },
      { itemId: "p", speaker: "patient", text: "My knee", at: 2_000, typed: true, state: "final" },
    ],
    vitals: undefined,
    heartRates: [],
    wave: { samples: new Float32Array(), sampleRate: 0 },
    observations: [observation],
  };
  expect(JSON.parse(recordJson(record))).toEqual({
    session_id: "sess_1",
    started_at: "1970-01-01T00:00:00.000Z",
    ended_at: "1970-01-01T00:01:00.000Z",
    escalations: ["Chest pain"],
    transcript: [
      { at: "1970-01-01T00:00:01.000Z", speaker: "assistant", text: "Hello", typed: false, interrupted: true },
      { at: "1970-01-01T00:00:02.000Z", speaker: "patient", text: "My knee", typed: true, interrupted: false },
    ],
    observations: {
      resourceType: "Bundle",
      type: "collection",
      timestamp: "1970-01-01T00:01:00.000Z",
      entry: [{ resource: observation }],
    },
  });
});
