import { TURN_STAGES, type TurnView } from "../api/types";
import styles from "./TurnBar.module.css";

/** A bar this long is full, ms: answers later than this are late anyhow. */
const FULL_MS = 2_000;

/** What a turn's time went into, on a scale that is the same for all turns. Seen only: the figures stand beside it. */
export function TurnBar({ turn }: { turn: TurnView }) {
  const scale = 100 / Math.max(FULL_MS, turn.voice_to_voice);
  return (
    <span className={styles.bar} aria-hidden="true">
      {TURN_STAGES.map((stage) => (
        <span key={stage} data-stage={stage} style={{ width: `${turn[stage] * scale}%` }} />
      ))}
    </span>
  );
}
