import { Fields } from "./fields";
import {
  ACTIVITIES,
  type AuditEntry,
  BREAKERS,
  CONNECTIONS,
  type HistoryView,
  type LinkView,
  type NodeView,
  PROVIDER_STAGES,
  PROVIDER_STATES,
  SCANS,
  SERIES,
  SESSION_STAGES,
  type SessionView,
  STAGE_STATES,
  TURN_STAGES,
} from "./types";

/** Points beyond this are no last hour; a server that says so is not believed. */
const MOST_POINTS = 10_000;

export function parseNode(value: unknown): NodeView {
  const node = new Fields(value);
  const sessions = node.of("sessions");
  const process = node.of("process");
  return {
    version: node.text("version"),
    started_at_ms: node.moment("started_at_ms"),
    now_ms: node.moment("now_ms"),
    accepting: node.flag("accepting"),
    draining: node.flag("draining"),
    sessions: {
      live: sessions.number("live"),
      detached: sessions.number("detached"),
      capacity: sessions.number("capacity"),
    },
    process: {
      cpu_percent: process.numberOrNull("cpu_percent"),
      rss_bytes: process.numberOrNull("rss_bytes"),
      cores: process.number("cores"),
    },
    turns: turns(node.of("turns")),
    counters: node.list("counters", (counter) => ({ name: counter.text("name"), value: counter.number("value") })),
    currency: node.text("currency"),
    providers: node.list("providers", provider),
    scheduler: node.has("scheduler") ? scheduler(node.of("scheduler")) : null,
  };
}

function turns(fields: Fields): NodeView["turns"] {
  const whole = fields.of("voice_to_voice_ms");
  return {
    window_s: fields.number("window_s"),
    count: fields.number("count"),
    voice_to_voice_ms: fields.has("voice_to_voice_ms")
      ? { p50: whole.number("p50"), p95: whole.number("p95"), p99: whole.number("p99") }
      : null,
    stages: fields.list("stages", (stage) => ({
      name: stage.word("name", TURN_STAGES),
      p50: stage.number("p50"),
      p95: stage.number("p95"),
    })),
  };
}

function provider(fields: Fields): NodeView["providers"][number] {
  const fault = fields.of("last_fault");
  return {
    stage: fields.word("stage", PROVIDER_STAGES),
    name: fields.text("name"),
    state: fields.word("state", PROVIDER_STATES),
    faults_total: fields.number("faults_total"),
    faults_recent: fields.number("faults_recent"),
    last_fault: fields.has("last_fault") ? { kind: fault.text("kind"), at_ms: fault.moment("at_ms") } : null,
    chain: fields.list("chain", link),
  };
}

function link(fields: Fields): LinkView {
  return {
    name: fields.text("name"),
    breaker: fields.text("breaker") === "" ? null : fields.word("breaker", BREAKERS),
    p50_ms: fields.numberOrNull("p50_ms"),
    p95_ms: fields.numberOrNull("p95_ms"),
    uses: fields.number("uses"),
    faults: fields.sum("faults"),
    cost: fields.numberOrNull("cost"),
    cost_today: fields.numberOrNull("cost_today"),
  };
}

function scheduler(fields: Fields): NonNullable<NodeView["scheduler"]> {
  return {
    threads: fields.number("threads"),
    queued: fields.number("queued"),
    classes: fields.list("classes", (one) => ({
      name: one.text("name"),
      done: one.number("done"),
      dropped: one.number("dropped"),
      late: one.number("late"),
      lateness_p95_ms: one.number("lateness_p95_ms"),
    })),
  };
}

export function parseHistory(value: unknown): HistoryView {
  const history = new Fields(value);
  const points = Math.min(MOST_POINTS, Math.max(0, Math.trunc(history.number("points"))));
  const series = history.of("series");
  const read = SERIES.map((name) => [name, series.numbers(name, points)] as const);
  return {
    step_ms: history.number("step_ms"),
    from_ms: history.moment("from_ms"),
    points,
    series: Object.fromEntries(read) as HistoryView["series"],
  };
}

/** Sessions without an id cannot be looked at or ended, so they are left out. */
export function parseSessions(value: unknown): SessionView[] {
  return new Fields(value).list("sessions", session).filter(({ id }) => id !== "");
}

function session(fields: Fields): SessionView {
  const stages = fields.of("stages");
  const turn = fields.of("last_turn");
  return {
    id: fields.text("id"),
    model: fields.text("model"),
    protocol: fields.text("protocol"),
    started_at_ms: fields.moment("started_at_ms"),
    connection: fields.word("connection", CONNECTIONS),
    activity: fields.word("activity", ACTIVITIES),
    stages: Object.fromEntries(
      SESSION_STAGES.map((stage) => [stage, stages.word(stage, STAGE_STATES)]),
    ) as SessionView["stages"],
    turns: fields.number("turns"),
    last_turn: fields.has("last_turn")
      ? {
          voice_to_voice: turn.number("voice_to_voice"),
          wait: turn.number("wait"),
          models: turn.number("models"),
          engine: turn.number("engine"),
        }
      : null,
    scan: fields.word("scan", SCANS),
    sent_bytes: fields.number("sent_bytes"),
    received_bytes: fields.number("received_bytes"),
    waiting_bytes: fields.number("waiting_bytes"),
  };
}

export function parseAudit(value: unknown): AuditEntry[] {
  return new Fields(value).list("entries", (entry) => ({
    at_ms: entry.moment("at_ms"),
    actor: entry.text("actor"),
    action: entry.text("action"),
    session: entry.textOrNull("session"),
  }));
}
