import styles from "./Icon.module.css";

/** Strokes on a field of 20 by 20. */
const PATHS = {
  alert: "M10 3 18 17H2ZM10 8v4M10 14.6v.1",
  back: "M12 4 6 10l6 6",
  check: "m4 10.5 4 4 8-9",
  clock: "M10 2.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15ZM10 6v4l3 2",
  contrast: "M10 2.5a7.5 7.5 0 1 0 0 15ZM10 2.5a7.5 7.5 0 0 1 0 15",
  cross: "m5 5 10 10M15 5 5 15",
  down: "M10 4v12m-5-5 5 5 5-5",
  drain: "M3 4h14l-5 6v5l-4 2v-7Z",
  eye: "M1.8 10S5 4.5 10 4.5 18.2 10 18.2 10 15 15.5 10 15.5 1.8 10 1.8 10ZM10 7.6a2.4 2.4 0 1 0 0 4.8 2.4 2.4 0 0 0 0-4.8Z",
  heart: "M10 16.5C2.5 11.5 2 8 2.8 6.2 4.2 3.2 8 3.2 10 6.3c2-3.1 5.8-3.1 7.2-.1.8 1.8.3 5.3-7.2 10.3Z",
  key: "M12.8 3.2a4 4 0 1 0 0 8 4 4 0 0 0 0-8ZM10 10l-7 7m1.8-1.8 2 2m1-4.8 1.7 1.7",
  language:
    "M10 2.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15ZM2.5 10h15M10 2.5c2.6 2.2 3.4 4.8 3.4 7.5s-.8 5.3-3.4 7.5c-2.6-2.2-3.4-4.8-3.4-7.5S7.4 4.7 10 2.5Z",
  minus: "M5 10h10",
  pause: "M7 4.5v11M13 4.5v11",
  play: "M6 4v12l10-6Z",
  stop: "M5 5h10v10H5Z",
  up: "M10 16V4M5 9l5-5 5 5",
} as const;

export type IconName = keyof typeof PATHS;

/** A picture beside a text that says the same; alone, its control needs a name of its own. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg className={styles.icon} viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
