import type { Caption } from "@bedside/client";
import { useLanguage } from "../../shared/language";
import { useTexts } from "../texts";
import styles from "./Transcript.module.css";

/** All that was said, with its times. */
export function Transcript({ captions }: { captions: readonly Caption[] }) {
  const { talk } = useTexts();
  const language = useLanguage();
  const clock = new Intl.DateTimeFormat(language, { timeStyle: "medium" });
  return (
    <ol className={styles.transcript}>
      {captions.map(({ itemId, speaker, text, at, typed, state }) => (
        <li key={itemId} data-speaker={speaker}>
          <time dateTime={new Date(at).toISOString()}>{clock.format(at)}</time>
          <div>
            <p className={styles.speaker}>
              {speaker === "patient" ? talk.you : talk.assistant}
              {typed && ` · ${talk.typed}`}
              {state === "interrupted" && ` · ${talk.interrupted}`}
            </p>
            <p lang="en">{text}</p>
          </div>
        </li>
      ))}
    </ol>
  );
}
