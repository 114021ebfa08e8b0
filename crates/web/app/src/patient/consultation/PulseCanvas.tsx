import type { PulseWave } from "@bedside/client";
import { useEffect, useRef } from "react";
import { drawPulse } from "./draw-pulse";
import styles from "./PulseCanvas.module.css";
import { Playhead } from "./playhead";

/** The pulse wave, moving as time does though it comes once a second. */
export function PulseCanvas({ wave, label }: { wave: PulseWave; label: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext("2d");
    if (!element || !context) return;
    const still = matchMedia("(prefers-reduced-motion: reduce)");
    const playhead = new Playhead();
    const size = { width: 0, height: 0 };
    const resized = new ResizeObserver(([entry]) => {
      if (entry === undefined) return;
      const scale = Math.min(2, devicePixelRatio);
      size.width = entry.contentRect.width;
      size.height = entry.contentRect.height;
      element.width = Math.round(size.width * scale);
      element.height = Math.round(size.height * scale);
      context.setTransform(scale, 0, 0, scale, 0, 0);
    });
    resized.observe(element);
    let frame = 0;
    let drawn = -1;
    let coloured = -1;
    let colours = { line: "", ground: "" };
    const draw = (now: number) => {
      frame = requestAnimationFrame(draw);
      const head = still.matches ? wave.endUs : playhead.at(now, wave.endUs);
      if (head === drawn || size.width === 0) return;
      drawn = head;
      // Colours are asked for with every piece of the wave, not with every picture: they change with the theme alone.
      if (coloured !== wave.endUs) {
        const { color, borderColor } = getComputedStyle(element);
        colours = { line: color, ground: borderColor };
        coloured = wave.endUs;
      }
      drawPulse(context, size, wave, head, colours);
    };
    frame = requestAnimationFrame(draw);
    return () => {
      cancelAnimationFrame(frame);
      resized.disconnect();
    };
  }, [wave]);
  return <canvas ref={canvas} className={styles.pulse} role="img" aria-label={label} />;
}
