import type { NodeView } from "../api/types";
import { useFormat } from "../format";
import { Bar } from "../parts/Bar";
import { Facts } from "../parts/Facts";
import { Panel } from "../parts/Panel";
import { useTexts } from "../texts";
import styles from "./ProcessPanel.module.css";

/** Beyond this share of all cores turns begin to come late. */
const HIGH = 0.9;

/** What the process takes of the machine. */
export function ProcessPanel({ node: { process, version, started_at_ms, now_ms } }: { node: NodeView }) {
  const texts = useTexts().process;
  const format = useFormat();
  const share = (process.cpu_percent ?? 0) / 100 / Math.max(1, process.cores);
  return (
    <Panel title={texts.title} className={styles.panel}>
      <dl className={styles.figures}>
        <div>
          <dt>{texts.cpu}</dt>
          <dd>
            {format.percent(process.cpu_percent)}{" "}
            <span className={styles.of}>{texts.cores(format.count(process.cores))}</span>
          </dd>
          <dd className={styles.bar}>
            <Bar share={share} tone={share > HIGH ? "bad" : "plain"} />
          </dd>
        </div>
        <div>
          <dt>{texts.memory}</dt>
          <dd>{format.bytes(process.rss_bytes)}</dd>
        </div>
      </dl>
      <Facts
        facts={[
          [texts.uptime, format.span(now_ms - started_at_ms)],
          [texts.version, version],
        ]}
      />
    </Panel>
  );
}
