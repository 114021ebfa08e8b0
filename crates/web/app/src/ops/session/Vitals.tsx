import type { VitalsState } from "@bedside/client";
import { useFormat } from "../format";
import { Bar } from "../parts/Bar";
import { Panel } from "../parts/Panel";
import { State } from "../parts/State";
import { SCAN_TONES } from "../sessions/tones";
import { useTexts } from "../texts";
import styles from "./Vitals.module.css";
import { Wave } from "./Wave";

interface VitalsProps {
  vitals: VitalsState;
  wave: Float32Array;
}

/** Vital signs as they are measured; a figure that fails its gate is not shown, nor the one before it. */
export function Vitals({ vitals, wave }: VitalsProps) {
  const all = useTexts();
  const texts = all.watch;
  const format = useFormat();
  const { phase, guidance, reading, reason } = vitals;
  const scan = phase === "idle" ? "none" : phase;
  const figures = reading?.figures ?? {};
  const rate = figures.heart_rate_bpm;
  return (
    <Panel title={texts.vitals} aside={<State tone={SCAN_TONES[scan]}>{all.sessions.scan[scan]}</State>}>
      {phase === "idle" && <p className={styles.quiet}>{texts.noScan}</p>}
      {phase === "failed" && <p className={styles.quiet}>{texts.scanFailed(reason ?? "")}</p>}
      {(phase === "scanning" || phase === "completed") && (
        <div className={styles.content}>
          <dl className={styles.figures}>
            <div>
              <dt>{texts.heartRate}</dt>
              <dd className={styles.rate} data-none={rate === undefined}>
                {format.count(rate)} <span>{texts.bpm}</span>
              </dd>
            </div>
            {rate !== undefined && figures.quality !== undefined && (
              <div className={styles.quality}>
                <dt>{texts.quality}</dt>
                <dd>
                  {format.percent(figures.quality * 100)}
                  <Bar share={figures.quality} tone="pulse" />
                </dd>
              </div>
            )}
            {figures.respiratory_rate_bpm !== undefined && (
              <div>
                <dt>{texts.respiration}</dt>
                <dd>
                  {format.count(figures.respiratory_rate_bpm)} {texts.perMinute}
                </dd>
              </div>
            )}
          </dl>
          <Wave samples={wave} label={texts.wave} />
          <p className={styles.quiet}>
            {phase === "completed" && texts.scanDone}
            {phase === "scanning" && rate === undefined && texts.notYet}{" "}
            {phase === "scanning" && guidance !== undefined && (texts.guidance[guidance] ?? guidance)}
          </p>
        </div>
      )}
    </Panel>
  );
}
