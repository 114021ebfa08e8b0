import { useCallback, useMemo, useState } from "react";
import { useClient } from "../api/client";
import { useFormat } from "../format";
import { FailureBanner } from "../parts/FailureBanner";
import { usePolled } from "../poll/usePolled";
import { useTexts } from "../texts";
import { chartPlans } from "./charts";
import styles from "./History.module.css";
import { HistoryChart } from "./HistoryChart";

const EVERY_MS = 5_000;

/** The last hour in charts that share a cursor. */
export function History() {
  const client = useClient();
  const texts = useTexts().charts;
  const format = useFormat();
  const ask = useCallback((signal: AbortSignal) => client.history(signal), [client]);
  const { value, failure } = usePolled(ask, EVERY_MS);
  const plans = useMemo(() => chartPlans(texts, format), [texts, format]);
  const [at, setAt] = useState<number | null>(null);
  const times = useMemo(() => {
    if (value === undefined) return [];
    return Array.from({ length: value.points }, (_, index) => (value.from_ms + index * value.step_ms) / 1000);
  }, [value]);
  const moment = at === null ? undefined : times[at];
  return (
    <section aria-label={texts.title}>
      <div className={styles.head}>
        <h2 className={styles.title}>{texts.title}</h2>
        <p className={styles.at}>{moment === undefined ? texts.now : format.clock(moment * 1000)}</p>
      </div>
      <FailureBanner failure={value === undefined ? failure : undefined} />
      {value !== undefined && value.points === 0 && <p className={styles.empty}>{texts.empty}</p>}
      {value !== undefined && value.points > 0 && (
        <div className={styles.charts}>
          {plans.map((plan) => (
            <HistoryChart key={plan.title} plan={plan} times={times} series={value.series} at={at} onCursor={setAt} />
          ))}
        </div>
      )}
    </section>
  );
}
