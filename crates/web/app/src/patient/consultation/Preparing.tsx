import type { Consultation } from "../session/consultation";
import { useStore } from "../session/store";
import { useTexts } from "../texts";
import { Icon } from "../ui/Icon";
import styles from "./ActivityBadge.module.css";

/** What the browser is asking just now, and why. */
export function Preparing({ consultation }: { consultation: Consultation }) {
  const { preparing } = useTexts();
  const { microphone, camera } = useStore(consultation.status);
  const asked = microphone === "asking" ? "microphone" : camera === "asking" ? "camera" : "connecting";
  return (
    <div className={styles.activity} role="status">
      <span className={styles.orb}>
        <Icon name={asked === "connecting" ? "dots" : asked} size={28} />
      </span>
      <p>
        <strong>{preparing.heading}</strong>
        <span>{preparing[asked]}</span>
      </p>
    </div>
  );
}
