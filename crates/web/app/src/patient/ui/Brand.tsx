import styles from "./Brand.module.css";

/** The name, with a pulse for its sign. */
export function Brand() {
  return (
    <p className={styles.brand}>
      <svg width="32" height="32" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
        <rect width="32" height="32" rx="9" fill="var(--accent)" />
        <path
          d="M5 17h5l2.5-7 5 13 3-8.5 1.5 2.5H27"
          fill="none"
          stroke="var(--accent-text)"
          strokeWidth="2.4"
          strokeLinecap="round"
          strokeLinejoin="round"
        />
      </svg>
      Bedside
    </p>
  );
}
