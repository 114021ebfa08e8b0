import type { TurnsView } from "../api/types";
import { useFormat } from "../format";
import { Panel } from "../parts/Panel";
import { useTexts } from "../texts";
import styles from "./TurnLatency.module.css";

/** From the patient's last word to the first of the answer, and what it is made of. */
export function TurnLatency({ turns }: { turns: TurnsView }) {
  const all = useTexts();
  const texts = all.latency;
  const format = useFormat();
  const span = all.minutes(Math.round(turns.window_s / 60));
  const whole = turns.voice_to_voice_ms;
  const widest = Math.max(1, ...turns.stages.map(({ p95 }) => p95));
  return (
    <Panel title={texts.title} aside={whole !== null && texts.window(turns.count, span)}>
      {whole === null ? (
        <p className={styles.none}>{texts.none(span)}</p>
      ) : (
        <div className={styles.content}>
          <dl className={styles.whole}>
            {(["p50", "p95", "p99"] as const).map((name) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{format.ms(whole[name])}</dd>
              </div>
            ))}
          </dl>
          <table className={styles.stages}>
            <thead>
              <tr>
                <th scope="col" colSpan={2}>
                  {texts.split}
                </th>
                <th scope="col">p50</th>
                <th scope="col">p95</th>
              </tr>
            </thead>
            <tbody>
              {turns.stages.map(({ name, p50, p95 }) => (
                <tr key={name}>
                  <th scope="row">
                    {texts.stage[name]} <span className={styles.explained}>{texts.explained[name]}</span>
                  </th>
                  <td className={styles.range}>
                    <span className={styles.tail} style={{ width: `${(p95 / widest) * 100}%` }} />
                    <span className={styles.middle} style={{ width: `${(p50 / widest) * 100}%` }} />
                  </td>
                  <td className={styles.p50}>{format.ms(p50)}</td>
                  <td className={styles.p95}>{format.ms(p95)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}
