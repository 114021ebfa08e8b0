import { expect, test } from "vitest";
import { parseAudit, parseHistory, parseNode, parseSessions } from "./parse";

test("a node that says nothing is a node of nothing", () => {
  for (const value of [undefined, null, 7, "no", [], {}]) {
    const node = parseNode(value);
    expect(node.accepting).toBe(false);
    expect(node.turns.voice_to_voice_ms).toBeNull();
    expect(node.scheduler).toBeNull();
    expect(node.providers).toEqual([]);
  }
});

test("a word nobody told us is unknown, and the rest is read", () => {
  const [provider] = parseNode({
    providers: [{ stage: "translation", name: "babel", state: "degraded", faults_total: 3, last_fault: null }],
  }).providers;
  expect(provider).toEqual({
    stage: "unknown",
    name: "babel",
    state: "unknown",
    faults_total: 3,
    faults_recent: 0,
    last_fault: null,
    chain: [],
  });
});

test("a provider of a chain is read with its breaker, faults and cost", () => {
  const chain = [
    {
      name: "deepgram",
      breaker: "half_open",
      p95_ms: 340,
      uses: 12,
      faults: { timeout: 2, refused: 1 },
      cost_today: 0.5,
    },
    { name: "local", breaker: null, faults: 7 },
    { breaker: "ajar" },
  ];
  const [provider] = parseNode({ providers: [{ chain }] }).providers;
  expect(provider?.chain).toEqual([
    {
      name: "deepgram",
      breaker: "half_open",
      p50_ms: null,
      p95_ms: 340,
      uses: 12,
      faults: 3,
      cost: null,
      cost_today: 0.5,
    },
    { name: "local", breaker: null, p50_ms: null, p95_ms: null, uses: 0, faults: 0, cost: null, cost_today: null },
    { name: "", breaker: "unknown", p50_ms: null, p95_ms: null, uses: 0, faults: 0, cost: null, cost_today: null },
  ]);
});

test("figures that are no figures are none", () => {
  const { process, sessions } = parseNode({
    process: { cpu_percent: "12", rss_bytes: Number.NaN, cores: 2 },
    sessions: { live: "3" },
  });
  expect(process).toEqual({ cpu_percent: null, rss_bytes: null, cores: 2 });
  expect(sessions.live).toBe(0);
});

test("every series is as long as the history says, with gaps where nothing was measured", () => {
  const history = parseHistory({ step_ms: 5000, from_ms: 1, points: 3, series: { live: [1, null, 2, 9], turns: [4] } });
  expect(history.series.live).toEqual([1, null, 2]);
  expect(history.series.turns).toEqual([4, null, null]);
  expect(history.series.faults).toEqual([null, null, null]);
});

test("a history without bounds is not believed", () => {
  expect(parseHistory({ points: 1e12, series: {} }).points).toBe(10_000);
  expect(parseHistory({ points: -4, series: {} }).points).toBe(0);
});

test("a session keeps all its stages, and one without an id is left out", () => {
  const sessions = parseSessions({ sessions: [{ id: "sess_1", stages: { model: "busy", vitals: "resting" } }, {}] });
  expect(sessions).toHaveLength(1);
  expect(sessions[0]?.stages).toEqual({
    detection: "unknown",
    transcription: "unknown",
    model: "busy",
    synthesis: "unknown",
    vitals: "unknown",
  });
  expect(sessions[0]?.last_turn).toBeNull();
});

test("an audit entry need not be about a session", () => {
  expect(parseAudit({ entries: [{ at_ms: 5, actor: "local", action: "drain", session: null }] })).toEqual([
    { at_ms: 5, actor: "local", action: "drain", session: null },
  ]);
});

test("a moment is one there can be a date of", () => {
  const [entry] = parseAudit({ entries: [{ at_ms: 1e300 }] });
  expect(new Date(entry?.at_ms ?? 0).getTime()).not.toBeNaN();
});
