import { useEffect, useState } from "react";
import { useLanguage } from "../../shared/language";
import type { Consultation } from "../session/consultation";
import { duration } from "../session/duration";
import { useStore } from "../session/store";
import { useTexts } from "../texts";
import styles from "./Elapsed.module.css";

/** Connection, last latency and time so far, small. */
export function Elapsed({ consultation }: { consultation: Consultation }) {
  const { talk } = useTexts();
  const language = useLanguage();
  const { reconnecting, latencyMs } = useStore(consultation.status);
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  const seconds = latencyMs === undefined ? undefined : latencyMs / 1_000;
  return (
    <div className={styles.elapsed}>
      {seconds !== undefined && (
        <span className={styles.latency} data-testid="latency">
          {talk.latency(seconds.toLocaleString(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 }))}
        </span>
      )}
      <span className={reconnecting ? styles.away : styles.here}>
        {reconnecting ? talk.disconnected : talk.connected}
      </span>
      <span role="timer" aria-label={talk.elapsed} className={styles.time}>
        {duration(now - consultation.startedAt)}
      </span>
    </div>
  );
}
