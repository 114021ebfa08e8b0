import { useEffect, useRef } from "react";
import { Panel } from "../parts/Panel";
import { useTexts } from "../texts";
import styles from "./Transcript.module.css";
import type { Entry, Transcript as Said } from "./transcript";

/** What is said, as it is said. Follows the newest line unless the reader has scrolled up. */
export function Transcript({ transcript }: { transcript: Said }) {
  const texts = useTexts().watch;
  const box = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is shown changes with the transcript
  useEffect(() => {
    const element = box.current;
    if (element !== null && follows.current) element.scrollTop = element.scrollHeight;
  }, [transcript]);
  return (
    <Panel title={texts.transcript}>
      <div
        ref={box}
        className={styles.box}
        role="log"
        aria-label={texts.transcript}
        // Read aloud word by word it would be of no use to anybody.
        aria-live="off"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
        tabIndex={0}
        onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
          follows.current = scrollHeight - scrollTop - clientHeight < 40;
        }}
      >
        {transcript.entries.length === 0 && <p className={styles.none}>{texts.noItems}</p>}
        {transcript.entries.map((entry) => (
          <Line key={entry.id} entry={entry} />
        ))}
        {transcript.speaking && <p className={styles.speaking}>{texts.speaking}</p>}
      </div>
    </Panel>
  );
}

function Line({ entry: { who, text, state } }: { entry: Entry }) {
  const texts = useTexts().watch;
  const mark = { partial: who === "patient" ? texts.partial : "", final: "", cut: texts.cut, failed: texts.unheard }[
    state
  ];
  return (
    <div className={styles.line} data-who={who} data-state={state}>
      <p className={styles.who}>
        {texts[who]}
        {mark !== "" && <span className={styles.mark}>{mark}</span>}
      </p>
      <p className={styles.text}>{text || "…"}</p>
    </div>
  );
}
