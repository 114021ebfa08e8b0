import { CloseCode } from "@bedside/client";
import type { Ending } from "./status";

/** What a close code means to the patient. */
export function endingOf(code: number): Ending {
  switch (code) {
    case CloseCode.Normal:
      return "ended";
    case CloseCode.Idle:
      return "idle";
    case CloseCode.Operator:
      return "operator";
    case CloseCode.TimeLimit:
      return "time_limit";
    case CloseCode.Replaced:
      return "taken_over";
    default:
      return "lost";
  }
}
