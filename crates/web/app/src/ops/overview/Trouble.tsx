import type { NodeView } from "../api/types";
import { useFormat } from "../format";
import { Panel } from "../parts/Panel";
import { useTexts } from "../texts";
import { counted, trouble } from "./counters";
import styles from "./Trouble.module.css";

/** What went wrong, in figures; all other counters on demand. */
export function Trouble({ counters }: { counters: NodeView["counters"] }) {
  const texts = useTexts();
  const format = useFormat();
  const name = (counter: string) => texts.counterNames[counter] ?? counter;
  return (
    <Panel title={texts.counters.title} className={styles.panel}>
      {counters.length === 0 && <p className={styles.none}>{texts.counters.none}</p>}
      <dl className={styles.list}>
        {trouble(counters).map((counter) => (
          <div key={counter.name} data-some={counter.value > 0}>
            <dt>{name(counter.name)}</dt>
            <dd>{counted(format, counter)}</dd>
          </div>
        ))}
      </dl>
      <details className={styles.all}>
        <summary>{texts.counters.all}</summary>
        <dl className={styles.list}>
          {counters.map((counter) => (
            <div key={counter.name}>
              <dt>{name(counter.name)}</dt>
              <dd>{counted(format, counter)}</dd>
            </div>
          ))}
        </dl>
      </details>
    </Panel>
  );
}
