import styles from "./Bar.module.css";

interface BarProps {
  /** 0 to 1. */
  share: number;
  tone?: "plain" | "bad" | "pulse";
}

/** A share as a bar. Seen only: the figure stands beside it. */
export function Bar({ share, tone = "plain" }: BarProps) {
  return (
    <span className={styles.bar} data-tone={tone} aria-hidden="true">
      <span style={{ width: `${Math.min(1, Math.max(0, share)) * 100}%` }} />
    </span>
  );
}
