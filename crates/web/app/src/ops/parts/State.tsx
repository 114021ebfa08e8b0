import type { ReactNode } from "react";
import styles from "./State.module.css";

/** They differ in shape as well as in colour, but for `good` and `busy`, which nobody needs to tell apart at once. */
export type Tone = "good" | "busy" | "warn" | "bad" | "quiet" | "off";

/** A state in a word, with a mark to be seen from afar. */
export function State({ tone, children }: { tone: Tone; children: ReactNode }) {
  return (
    <span className={styles.state} data-tone={tone}>
      <Mark tone={tone} />
      {children}
    </span>
  );
}

/** The mark alone: what it means is said beside it. */
export function Mark({ tone }: { tone: Tone }) {
  return (
    <svg className={styles.mark} data-tone={tone} viewBox="0 0 10 10" aria-hidden="true">
      {(tone === "good" || tone === "busy") && <circle cx="5" cy="5" r="4" />}
      {tone === "warn" && <path d="M5 .5 9.8 9.3H.2Z" />}
      {tone === "bad" && <path d="M1 1h8v8H1Z" />}
      {tone === "quiet" && <circle className={styles.hollow} cx="5" cy="5" r="3.4" />}
      {tone === "off" && <path d="M1.5 4.2h7v1.6h-7Z" />}
    </svg>
  );
}
