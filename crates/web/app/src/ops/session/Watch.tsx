import { useFormat } from "../format";
import { Panel } from "../parts/Panel";
import { useTexts } from "../texts";
import { Button } from "../ui/Button";
import { Icon } from "../ui/Icon";
import { Transcript } from "./Transcript";
import type { Watching } from "./useWatch";
import { Vitals } from "./Vitals";
import styles from "./Watch.module.css";

interface WatchProps {
  watching: Watching;
  /** The session has ended. */
  over: boolean;
}

/** What is said and measured in a session: only for whoever asks, and the server remembers who did. */
export function Watch({ watching, over }: WatchProps) {
  const all = useTexts();
  const texts = all.watch;
  const format = useFormat();
  const { phase, seen, failure } = watching;
  if (phase === "off") {
    return (
      <Panel title={texts.title}>
        <div className={styles.notice}>
          <Icon name="eye" />
          <p>{texts.notice}</p>
          <Button kind="primary" icon="eye" disabled={over} onClick={watching.start}>
            {texts.start}
          </Button>
        </div>
      </Panel>
    );
  }
  const running = phase === "opening" || phase === "live";
  return (
    <div className={styles.watch}>
      <div className={styles.bar} data-phase={phase}>
        <Icon name={phase === "lost" ? "alert" : "eye"} />
        <p role="status">
          {phase === "opening" && texts.opening}
          {phase === "live" && texts.live}
          {phase === "ended" && texts.ended}
          {phase === "lost" &&
            [texts.lost, failure && all.failures[failure.kind], failure?.message].filter(Boolean).join(" ")}
        </p>
        {phase === "lost" && !over && (
          <Button icon="eye" onClick={watching.start}>
            {texts.again}
          </Button>
        )}
        <Button icon="cross" onClick={watching.stop}>
          {running ? texts.stop : texts.hide}
        </Button>
      </div>
      {seen.missed > 0 && <p className={styles.missed}>{texts.missed(format.count(seen.missed))}</p>}
      <ul className={styles.notices} role="log" aria-label={texts.noticesLabel}>
        {seen.notices.map(({ id, kind, text }) => (
          <li key={id} data-kind={kind}>
            <Icon name="alert" />
            <span>
              <strong>{kind === "escalation" ? texts.escalation : texts.changed}</strong> {text}
            </span>
          </li>
        ))}
      </ul>
      <div className={styles.panels}>
        <Vitals vitals={seen.vitals} wave={seen.wave} />
        <Transcript transcript={seen.transcript} />
      </div>
    </div>
  );
}
