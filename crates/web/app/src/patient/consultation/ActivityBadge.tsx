import { useEffect, useRef } from "react";
import { type Doing, doing } from "../session/activity";
import type { Consultation } from "../session/consultation";
import type { Status } from "../session/status";
import { useStore } from "../session/store";
import { useTexts } from "../texts";
import { Icon, type IconName } from "../ui/Icon";
import styles from "./ActivityBadge.module.css";

type Shown = "listening" | "hearing" | "thinking" | "speaking" | "muted" | "waiting" | "ending" | "away";

const ICONS: Record<Shown, IconName> = {
  listening: "microphone",
  hearing: "voice",
  thinking: "dots",
  speaking: "speaker",
  muted: "microphoneOff",
  waiting: "keyboard",
  ending: "ok",
  away: "alert",
};

/** Who has the word, in a shape, a word and a hint of what to do. */
export function ActivityBadge({ consultation }: { consultation: Consultation }) {
  const { talk } = useTexts();
  const activity = useStore(consultation.activity, doing);
  const status = useStore(consultation.status);
  const shown = shownOf(activity, status);
  const [word, hint] = talk.doing[shown];
  return (
    <div className={styles.activity} data-doing={shown} data-testid="activity">
      <span className={styles.orb}>
        {shown === "hearing" && <Level consultation={consultation} />}
        <Icon name={ICONS[shown]} size={28} />
      </span>
      <p>
        <strong>{word}</strong>
        <span>{hint}</span>
      </p>
    </div>
  );
}

function shownOf(activity: Doing, { phase, reconnecting, microphone, muted }: Status): Shown {
  if (phase.name === "ending") return "ending";
  if (reconnecting) return "away";
  if (activity !== "listening") return activity;
  if (microphone !== "on") return "waiting";
  return muted ? "muted" : "listening";
}

/** A ring as wide as the patient is loud, moved without rendering. */
function Level({ consultation }: { consultation: Consultation }) {
  const ring = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    let frame = 0;
    let shown = 0;
    const draw = () => {
      // Up at once, down slowly, as ears take it.
      shown = Math.max(consultation.level, shown * 0.92);
      ring.current?.style.setProperty("scale", String(1 + shown * 0.5));
      frame = requestAnimationFrame(draw);
    };
    frame = requestAnimationFrame(draw);
    return () => cancelAnimationFrame(frame);
  }, [consultation]);
  return <span ref={ring} className={styles.level} />;
}
