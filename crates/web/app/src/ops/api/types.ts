// The operations API as the server writes it. Times are Unix milliseconds, latencies milliseconds.

export const ACTIVITIES = ["idle", "listening", "thinking", "speaking"] as const;
export const CONNECTIONS = ["connected", "detached"] as const;
export const SCANS = ["none", "scanning", "completed", "failed"] as const;
export const STAGE_STATES = ["idle", "busy", "failed", "off"] as const;
export const SESSION_STAGES = ["detection", "transcription", "model", "synthesis", "vitals"] as const;
export const PROVIDER_STATES = ["ok", "failing", "off"] as const;
export const PROVIDER_STAGES = [
  "detection",
  "turn_judge",
  "transcription",
  "model",
  "synthesis",
  "vitals",
  "knowledge",
  "device",
  "tools",
] as const;
export const BREAKERS = ["closed", "open", "half_open"] as const;
export const TURN_STAGES = ["wait", "models", "engine"] as const;

/** A word of a list, or `unknown` where a newer server says another. */
export type Word<List extends readonly string[]> = List[number] | "unknown";

export type Activity = Word<typeof ACTIVITIES>;
export type ConnectionState = Word<typeof CONNECTIONS>;
export type ScanState = Word<typeof SCANS>;
export type StageState = Word<typeof STAGE_STATES>;
export type ProviderState = Word<typeof PROVIDER_STATES>;
export type SessionStage = (typeof SESSION_STAGES)[number];
export type TurnStage = (typeof TURN_STAGES)[number];

export interface NodeView {
  version: string;
  started_at_ms: number;
  now_ms: number;
  /** Whether new sessions are let in. */
  accepting: boolean;
  draining: boolean;
  sessions: { live: number; detached: number; capacity: number };
  process: ProcessView;
  turns: TurnsView;
  counters: { name: string; value: number }[];
  /** ISO 4217, of all costs. */
  currency: string;
  providers: ProviderView[];
  scheduler: SchedulerView | null;
}

export interface ProcessView {
  /** Of one core: two busy cores are 200. */
  cpu_percent: number | null;
  rss_bytes: number | null;
  cores: number;
}

/** The turns of the last `window_s` seconds. */
export interface TurnsView {
  window_s: number;
  count: number;
  voice_to_voice_ms: { p50: number; p95: number; p99: number } | null;
  stages: { name: Word<typeof TURN_STAGES>; p50: number; p95: number }[];
}

export interface ProviderView {
  stage: Word<typeof PROVIDER_STAGES>;
  name: string;
  state: ProviderState;
  faults_total: number;
  faults_recent: number;
  last_fault: { kind: string; at_ms: number } | null;
  /** Who serves it, the preferred one first. */
  chain: LinkView[];
}

/** One provider of a stage. */
export interface LinkView {
  name: string;
  /** None where nobody takes over. */
  breaker: Word<typeof BREAKERS> | null;
  p50_ms: number | null;
  p95_ms: number | null;
  uses: number;
  faults: number;
  /** None where no price is set. */
  cost: number | null;
  cost_today: number | null;
}

export interface SchedulerView {
  threads: number;
  queued: number;
  classes: { name: string; done: number; dropped: number; late: number; lateness_p95_ms: number }[];
}

export const SERIES = [
  "live",
  "accepted",
  "refused",
  "turns",
  "voice_to_voice_p50",
  "voice_to_voice_p95",
  "faults",
  "client_mistakes",
  "audio_lost_ms",
  "cpu_percent",
  "rss_bytes",
] as const;

/**
 * The last hour at most, a point every `step_ms`. Counts are of a step alone; a `null` is a step in which nothing was
 * measured.
 */
export interface HistoryView {
  step_ms: number;
  from_ms: number;
  points: number;
  series: Record<(typeof SERIES)[number], (number | null)[]>;
}

export interface SessionView {
  id: string;
  model: string;
  protocol: string;
  started_at_ms: number;
  connection: ConnectionState;
  activity: Activity;
  stages: Record<SessionStage, StageState>;
  turns: number;
  last_turn: TurnView | null;
  scan: ScanState;
  sent_bytes: number;
  received_bytes: number;
  waiting_bytes: number;
}

export interface TurnView {
  voice_to_voice: number;
  wait: number;
  models: number;
  engine: number;
}

export interface AuditEntry {
  at_ms: number;
  actor: string;
  action: string;
  session: string | null;
}
