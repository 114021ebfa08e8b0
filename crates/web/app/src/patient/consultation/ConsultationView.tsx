import { useEffect, useState } from "react";
import type { Consultation } from "../session/consultation";
import { useStore } from "../session/store";
import { useTexts } from "../texts";
import { Brand } from "../ui/Brand";
import { ActivityBadge } from "./ActivityBadge";
import { Announcer } from "./Announcer";
import { CameraStage } from "./CameraStage";
import { CaptionList } from "./CaptionList";
import { Composer } from "./Composer";
import styles from "./ConsultationView.module.css";
import { Controls } from "./Controls";
import { Elapsed } from "./Elapsed";
import { Notices } from "./Notices";
import { Preparing } from "./Preparing";
import { useAwake } from "./useAwake";
import { VitalsCard } from "./VitalsCard";

/** The patient talks. */
export function ConsultationView({ consultation }: { consultation: Consultation }) {
  const { talk } = useTexts();
  const [captions, setCaptions] = useState(true);
  const phase = useStore(consultation.status, (status) => status.phase.name);
  useAwake();
  useMuteShortcut(consultation);
  const preparing = phase === "preparing";

  return (
    <div className={styles.page}>
      <header className={styles.header}>
        <Brand />
        <h1 tabIndex={-1} className="visually-hidden">
          {talk.heading}
        </h1>
        <Elapsed consultation={consultation} />
      </header>
      <main className={styles.main}>
        <Notices consultation={consultation} />
        <div className={styles.self}>
          <CameraStage consultation={consultation} />
          <VitalsCard consultation={consultation} />
        </div>
        <div className={styles.talk}>
          {preparing ? <Preparing consultation={consultation} /> : <ActivityBadge consultation={consultation} />}
          <CaptionList captions={consultation.captions} shown={captions} />
          <Composer consultation={consultation} disabled={phase !== "talking"} />
        </div>
      </main>
      <Controls consultation={consultation} captions={captions} onCaptions={setCaptions} />
      {captions && <Announcer captions={consultation.captions} />}
    </div>
  );
}

/** Alt + M: a bare letter would be typed by those who speak to their browser. */
function useMuteShortcut(consultation: Consultation) {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!event.altKey || event.ctrlKey || event.metaKey || event.code !== "KeyM") return;
      event.preventDefault();
      if (consultation.status.get().microphone === "on") consultation.setMuted(!consultation.status.get().muted);
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [consultation]);
}
