/** Why a server closes a connection. */
export const CloseCode = {
  Normal: 1000,
  /** The server is draining, and keeps no session. */
  GoingAway: 1001,
  /** The network broke, or the server refused before the upgrade: a browser does not tell which. */
  Abnormal: 1006,
  /** Authorisation expired or a policy forbids going on. */
  Policy: 1008,
  TooBig: 1009,
  Internal: 1011,
  /** The client was silent for too long. */
  Idle: 4000,
  /** A resumed connection took over. */
  Replaced: 4001,
  /** The client took too long to read what was sent. */
  TooSlow: 4002,
  /** An operator ended the session. */
  Operator: 4003,
  TimeLimit: 4004,
} as const;

/** A server keeps a session only if its connection broke, or could not take what was sent. */
const FINAL: readonly number[] = [
  CloseCode.Normal,
  CloseCode.GoingAway,
  CloseCode.Internal,
  CloseCode.Policy,
  CloseCode.TooBig,
  CloseCode.Idle,
  CloseCode.Replaced,
  CloseCode.Operator,
  CloseCode.TimeLimit,
];

/** Whether a session may go on over another connection after this one was closed so. */
export function isResumable(code: number): boolean {
  return !FINAL.includes(code);
}
