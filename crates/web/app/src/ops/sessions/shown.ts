import type { SessionView } from "../api/types";

export interface RowProps {
  session: SessionView;
  /** How long it has lasted, in words. */
  age: string;
}

/** Whether two states of a row look the same: hundreds of rows are too many to be drawn anew each second for nothing. */
export function looksSame(before: RowProps, after: RowProps): boolean {
  return before.age === after.age && shown(before.session) === shown(after.session);
}

function shown({ sent_bytes: _sent, received_bytes: _received, ...rest }: SessionView): string {
  return JSON.stringify(rest);
}
