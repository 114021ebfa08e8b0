import type { JSX } from "react";
import styles from "./Icon.module.css";

/** Drawn on 24 by 24, in strokes of the text's colour. */
const DRAWINGS = {
  alert: (
    <>
      <path d="M12 3.5 2.8 19.2a1 1 0 0 0 .9 1.5h16.6a1 1 0 0 0 .9-1.5Z" />
      <path d="M12 10v4.5M12 17.6v.1" />
    </>
  ),
  camera: (
    <>
      <rect x="2.5" y="6" width="13" height="12" rx="2.5" />
      <path d="m15.5 11 6-3.5v9l-6-3.5" />
    </>
  ),
  cameraOff: (
    <>
      <path d="M6 6h7a2.5 2.5 0 0 1 2.5 2.5V11l6-3.5v9l-6-3.5v2.5A2.5 2.5 0 0 1 13 18H5a2.5 2.5 0 0 1-2.5-2.5v-7" />
      <path d="m3 3 18 18" />
    </>
  ),
  captions: (
    <>
      <rect x="2.5" y="5" width="19" height="14" rx="3" />
      <path d="M6.5 11.5h6M15.5 11.5h2M6.5 15h2M11.5 15h6" />
    </>
  ),
  download: (
    <path d="M12 3.5v11m0 0 4.5-4.5M12 14.5 7.5 10M4 16.5V19a1.5 1.5 0 0 0 1.5 1.5h13A1.5 1.5 0 0 0 20 19v-2.5" />
  ),
  down: <path d="M12 5v14m0 0 6-6m-6 6-6-6" />,
  dots: <path d="M5.5 12h.01M12 12h.01M18.5 12h.01" strokeWidth="3.5" />,
  end: <path d="M6 6l12 12M18 6 6 18" />,
  heart: (
    <path fill="currentColor" d="M12 20.3S3 15.2 3 8.9A4.9 4.9 0 0 1 12 6.3a4.9 4.9 0 0 1 9 2.6c0 6.3-9 11.4-9 11.4Z" />
  ),
  light: (
    <>
      <circle cx="12" cy="12" r="4" />
      <path d="M12 2.5v2.5M12 19v2.5M2.5 12H5M19 12h2.5M5.3 5.3 7 7M17 17l1.7 1.7M18.7 5.3 17 7M7 17l-1.7 1.7" />
    </>
  ),
  microphone: (
    <>
      <rect x="8.5" y="2.5" width="7" height="12" rx="3.5" />
      <path d="M5 11.5a7 7 0 0 0 14 0M12 18.5v3" />
    </>
  ),
  microphoneOff: (
    <>
      <path d="M15.5 10.5V6a3.5 3.5 0 0 0-6.8-1.2M8.5 8.5V11a3.5 3.5 0 0 0 5.6 2.8M5 11.5a7 7 0 0 0 11.3 5.5M19 11.5a7 7 0 0 1-.6 2.9M12 18.5v3" />
      <path d="m3 3 18 18" />
    </>
  ),
  nearer: (
    <path d="M4 9V5.5A1.5 1.5 0 0 1 5.5 4H9M15 4h3.5A1.5 1.5 0 0 1 20 5.5V9M20 15v3.5a1.5 1.5 0 0 1-1.5 1.5H15M9 20H5.5A1.5 1.5 0 0 1 4 18.5V15M12 8.5v7M8.5 12h7" />
  ),
  ok: <path d="m4.5 12.5 5 5 10-11" />,
  person: (
    <>
      <circle cx="12" cy="8" r="4.5" />
      <path d="M3.5 21a8.5 8.5 0 0 1 17 0" />
    </>
  ),
  print: (
    <>
      <path d="M7 8V3.5h10V8M7 17H4.5A1.5 1.5 0 0 1 3 15.5v-6A1.5 1.5 0 0 1 4.5 8h15A1.5 1.5 0 0 1 21 9.5v6a1.5 1.5 0 0 1-1.5 1.5H17" />
      <path d="M7 14h10v6.5H7Z" />
    </>
  ),
  send: <path d="M12 19.5v-15m0 0L5.5 11M12 4.5l6.5 6.5" />,
  speaker: <path d="M4 9.5v5h3.5L12.5 19V5L7.5 9.5ZM16 9a4.2 4.2 0 0 1 0 6M18.8 6.2a8.2 8.2 0 0 1 0 11.6" />,
  still: <path d="M9 5v14M15 5v14" />,
  themeAuto: (
    <>
      <circle cx="12" cy="12" r="8.5" />
      <path d="M12 3.5v17a8.5 8.5 0 0 0 0-17Z" fill="currentColor" />
    </>
  ),
  themeDark: <path d="M20.5 14.5A8.5 8.5 0 1 1 9.5 3.5a7 7 0 0 0 11 11Z" />,
  voice: <path d="M4 10v4M8 6.5v11M12 3.5v17M16 7.5v9M20 10v4" />,
  keyboard: (
    <>
      <rect x="2.5" y="6" width="19" height="12" rx="2.5" />
      <path d="M6.5 10h.01M10.2 10h.01M13.9 10h.01M17.5 10h.01M8 14h8" />
    </>
  ),
} satisfies Record<string, JSX.Element>;

export type IconName = keyof typeof DRAWINGS;

/** A picture beside words that say the same. */
export function Icon({ name, size = 24 }: { name: IconName; size?: number }) {
  return (
    <svg
      className={styles.icon}
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="2"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      {DRAWINGS[name]}
    </svg>
  );
}
