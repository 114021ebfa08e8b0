import type { Quality } from "../session/figures";
import styles from "./QualityMark.module.css";

const BARS: Record<Quality, number> = { weak: 1, fair: 2, good: 3 };

/** Up to three bars, as for a telephone's reception. */
export function QualityMark({ quality }: { quality: Quality }) {
  return (
    <svg className={styles.mark} width="18" height="14" viewBox="0 0 18 14" aria-hidden="true" focusable="false">
      {[0, 1, 2].map((bar) => (
        <rect
          key={bar}
          x={bar * 6.5}
          y={9 - bar * 4}
          width="4.5"
          height={5 + bar * 4}
          rx="1.5"
          className={bar < BARS[quality] ? styles.full : styles.empty}
        />
      ))}
    </svg>
  );
}
