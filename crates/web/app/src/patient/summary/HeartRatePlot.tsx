import { duration } from "../session/duration";
import type { HeartRatePoint } from "../session/vital-signs";
import { useTexts } from "../texts";
import styles from "./Plot.module.css";
import { linear, linePath, roundRange } from "./scale";

const WIDTH = 400;
const HEIGHT = 180;
const LEFT = 34;
const RIGHT = WIDTH - 8;
const TOP = 10;
const BOTTOM = HEIGHT - 24;

/** Heart rate over the consultation; a gap is where there was none to be had. */
export function HeartRatePlot({ points, startedAt }: { points: readonly HeartRatePoint[]; startedAt: number }) {
  const { summary } = useTexts();
  const rates = points.flatMap(({ bpm }) => (bpm === undefined ? [] : [bpm]));
  const first = points[0];
  const last = points.at(-1);
  if (rates.length < 2 || first === undefined || last === undefined) return null;
  const [low, high] = roundRange(rates, 10, 30);
  const x = linear([first.at, last.at], [LEFT, RIGHT]);
  const y = linear([low, high], [BOTTOM, TOP]);
  const lines = [low, (low + high) / 2, high];
  return (
    <figure className={styles.plot}>
      <figcaption>{summary.heartRatePlot}</figcaption>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={summary.heartRatePlotLabel(Math.round(Math.min(...rates)), Math.round(Math.max(...rates)))}
      >
        {lines.map((bpm) => (
          <g key={bpm}>
            <line className={styles.grid} x1={LEFT} x2={RIGHT} y1={y(bpm)} y2={y(bpm)} />
            <text className={styles.tick} x={LEFT - 6} y={y(bpm) + 4} textAnchor="end">
              {Math.round(bpm)}
            </text>
          </g>
        ))}
        <text className={styles.tick} x={LEFT} y={HEIGHT - 6}>
          {duration(first.at - startedAt)}
        </text>
        <text className={styles.tick} x={RIGHT} y={HEIGHT - 6} textAnchor="end">
          {duration(last.at - startedAt)}
        </text>
        <path
          className={styles.line}
          d={linePath(points.map(({ at, bpm }) => (bpm === undefined ? undefined : ([x(at), y(bpm)] as const))))}
        />
      </svg>
    </figure>
  );
}
