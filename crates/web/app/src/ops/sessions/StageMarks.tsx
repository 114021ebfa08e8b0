import { SESSION_STAGES, type SessionView } from "../api/types";
import { Mark } from "../parts/State";
import { useTexts } from "../texts";
import styles from "./StageMarks.module.css";
import { STAGE_TONES } from "./tones";

/** The stages of a session in the order a turn passes them, each a mark under its letter. */
export function StageMarks({ stages }: { stages: SessionView["stages"] }) {
  const texts = useTexts();
  return (
    <ul className={styles.marks}>
      {SESSION_STAGES.map((stage) => {
        const said = `${texts.stages[stage]}: ${texts.sessions.stageState[stages[stage]]}`;
        return (
          <li key={stage} title={said} data-state={stages[stage]}>
            <span aria-hidden="true">{texts.stageLetters[stage]}</span>
            <Mark tone={STAGE_TONES[stages[stage]]} />
            <span className="visually-hidden">{said}</span>
          </li>
        );
      })}
    </ul>
  );
}
