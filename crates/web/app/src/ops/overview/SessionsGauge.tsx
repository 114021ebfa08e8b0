import type { NodeView } from "../api/types";
import { useFormat } from "../format";
import { Panel } from "../parts/Panel";
import { useTexts } from "../texts";
import styles from "./SessionsGauge.module.css";

/** Half a circle of radius 50 round (60, 60), from left to right. */
const ARC = "M10 60a50 50 0 0 1 100 0";

/** How full the node is. */
export function SessionsGauge({ sessions }: { sessions: NodeView["sessions"] }) {
  const texts = useTexts().sessionsGauge;
  const format = useFormat();
  const { live, detached, capacity } = sessions;
  const connected = Math.max(0, live - detached);
  const part = (count: number) => (capacity > 0 ? Math.min(100, (count / capacity) * 100) : 0);
  return (
    <Panel title={texts.title} className={styles.panel}>
      <div className={styles.gauge}>
        <svg viewBox="0 0 120 66" aria-hidden="true">
          <path className={styles.track} d={ARC} pathLength={100} />
          {live > 0 && (
            <path className={styles.detached} d={ARC} pathLength={100} strokeDasharray={`${part(live)} 200`} />
          )}
          {connected > 0 && (
            <path className={styles.connected} d={ARC} pathLength={100} strokeDasharray={`${part(connected)} 200`} />
          )}
        </svg>
        <p className={styles.figure}>
          <span className={styles.live}>{format.count(live)}</span>
          <span className={styles.of}>{texts.of(format.count(capacity))}</span>
        </p>
      </div>
      <ul className={styles.legend}>
        <li data-part="connected">
          {texts.connected} <b>{format.count(connected)}</b>
        </li>
        <li data-part="detached">
          {texts.detached} <b>{format.count(detached)}</b>
        </li>
        <li data-part="free">
          {texts.free} <b>{format.count(Math.max(0, capacity - live))}</b>
        </li>
      </ul>
    </Panel>
  );
}
