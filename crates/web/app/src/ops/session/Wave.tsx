import { useMemo } from "react";
import styles from "./Wave.module.css";
import { wavePath } from "./wave-path";

/** The last seconds of the pulse, newest at the right. */
export function Wave({ samples, label }: { samples: Float32Array; label: string }) {
  const path = useMemo(() => wavePath(samples), [samples]);
  return (
    <svg className={styles.wave} viewBox="0 0 1000 100" preserveAspectRatio="none" role="img" aria-label={label}>
      <path d={path} vectorEffect="non-scaling-stroke" />
    </svg>
  );
}
