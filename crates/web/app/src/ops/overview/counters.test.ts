import { expect, test } from "vitest";
import { Format } from "../format";
import { counted, trouble } from "./counters";

test("faults of all stages are summed up and come first; what is no trouble is left out", () => {
  const counters = [
    { name: "sessions_opened", value: 9 },
    { name: "slow_clients", value: 2 },
    { name: "model_faults", value: 3 },
    { name: "scan_faults", value: 1 },
  ];
  expect(trouble(counters)).toEqual([
    { name: "faults", value: 4 },
    { name: "slow_clients", value: 2 },
  ]);
});

test("a server that counts nothing has no trouble to tell", () => {
  expect(trouble([])).toEqual([]);
});

test("a counter of time is told as time", () => {
  const format = new Format("en");
  expect(counted(format, { name: "audio_lost_ms", value: 12_500 })).toBe("12.50 s");
  expect(counted(format, { name: "slow_clients", value: 12_500 })).toBe("12,500");
});
