import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import type { Problem } from "../session/problem";
import { useTexts } from "../texts";
import buttons from "../ui/button.module.css";
import { Header, type Settings } from "../ui/Header";
import { Icon } from "../ui/Icon";
import { Notice } from "../ui/Notice";
import { Devices } from "./Devices";
import styles from "./StartView.module.css";

interface StartViewProps {
  settings: Settings;
  problem: Problem | undefined;
  /** A consultation is being connected. */
  beginning: boolean;
  onBegin: (camera: boolean) => void;
}

/** What this is, and one button. */
export function StartView({ settings, problem, beginning, onBegin }: StartViewProps) {
  const texts = useTexts();
  const [camera, setCamera] = useState(true);
  const online = useSyncExternalStore(onNetwork, () => navigator.onLine);
  const told = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (problem !== undefined) told.current?.focus();
  }, [problem]);

  return (
    <div className={styles.page}>
      <Header {...settings} />
      <main className={styles.main}>
        <div className={styles.intro}>
          <h1 tabIndex={-1}>{texts.start.heading}</h1>
          <p className={styles.lead}>{texts.start.lead}</p>
          {texts.start.speechLanguage !== "" && <p className={styles.lead}>{texts.start.speechLanguage}</p>}
          {problem !== undefined && (
            <div ref={told} tabIndex={-1} className={styles.told}>
              <Notice tone="bad" icon="alert" role="alert">
                <h2>{texts.problem.heading}</h2>
                <p>{sentence(texts.problem, problem)}</p>
              </Notice>
            </div>
          )}
          {!online && problem === undefined && (
            <Notice tone="warn" icon="alert" role="status">
              <p>{texts.start.offline}</p>
            </Notice>
          )}
          <button
            type="button"
            className={`${buttons.primary} ${buttons.large} ${styles.begin}`}
            aria-disabled={beginning}
            onClick={() => {
              if (!beginning) onBegin(camera);
            }}
          >
            <Icon name="voice" />
            {beginning ? texts.start.beginning : texts.start.begin}
          </button>
        </div>
        <Devices camera={camera} onCamera={setCamera} />
        <p className={styles.emergency}>
          <Icon name="alert" size={20} />
          <span>{texts.start.emergency}</span>
        </p>
      </main>
    </div>
  );
}

function sentence(texts: ReturnType<typeof useTexts>["problem"], problem: Problem): string {
  return problem.name === "busy" ? texts.busy(problem.retryS) : texts[problem.name];
}

function onNetwork(changed: () => void): () => void {
  addEventListener("online", changed);
  addEventListener("offline", changed);
  return () => {
    removeEventListener("online", changed);
    removeEventListener("offline", changed);
  };
}
