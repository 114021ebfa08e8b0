import { useTexts } from "../texts";
import styles from "./Plot.module.css";
import { linear, linePath } from "./scale";

const WIDTH = 400;
const HEIGHT = 180;
const TOP = 10;
const BOTTOM = HEIGHT - 24;

/** The last seconds of the pulse wave. */
export function WavePlot({ samples, sampleRate }: { samples: Float32Array; sampleRate: number }) {
  const { summary } = useTexts();
  const seconds = sampleRate > 0 ? samples.length / sampleRate : 0;
  if (seconds < 2) return null;
  const most = Math.max(...samples.map(Math.abs), Number.MIN_VALUE);
  const x = linear([0, samples.length - 1], [2, WIDTH - 2]);
  const y = linear([-most, most], [BOTTOM, TOP]);
  return (
    <figure className={styles.plot}>
      <figcaption>{summary.wavePlot}</figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={summary.wavePlotLabel(Math.round(seconds))}>
        <line className={styles.grid} x1={0} x2={WIDTH} y1={y(0)} y2={y(0)} />
        <text className={styles.tick} x={0} y={HEIGHT - 6}>
          {`−${Math.round(seconds)} s`}
        </text>
        <text className={styles.tick} x={WIDTH} y={HEIGHT - 6} textAnchor="end">
          0 s
        </text>
        <path className={styles.line} d={linePath(Array.from(samples, (sample, at) => [x(at), y(sample)] as const))} />
      </svg>
    </figure>
  );
}
