import uPlot from "uplot";
import type { Format } from "../format";
import type { CHART_COLOURS, Line } from "./charts";

type Colours = Record<(typeof CHART_COLOURS)[number], string>;
type Options = Omit<uPlot.Options, "width">;

const HEIGHT = 160;
const HOUR_S = 3600;
const FONT = "12px system-ui, sans-serif";
const BARS = uPlot.paths.bars?.({ size: [1, Number.POSITIVE_INFINITY, 2], align: -1 });

/** A chart over the last hour, its cursor that of all charts. `onCursor` is told the point it stands on. */
export function plotOptions(
  lines: readonly Line[],
  colours: Colours,
  format: Format,
  onCursor: (index: number | null) => void,
): Options {
  const sides = lines.some(({ axis }) => axis === "right") ? (["left", "right"] as const) : (["left"] as const);
  return {
    height: HEIGHT,
    legend: { show: false },
    padding: [8, sides.length === 2 ? 0 : 12, 0, 0],
    cursor: { y: false, drag: { x: false, y: false }, sync: { key: "ops" } },
    hooks: { setCursor: [(plot) => onCursor(plot.cursor.idx ?? null)] },
    scales: {
      x: { time: true, range: (_, __, last) => [last - HOUR_S, last] },
      ...Object.fromEntries(sides.map((side) => [side, { range: fromZero(side, lines) }])),
    },
    series: [{}, ...lines.map((line) => seriesOf(line, colours))],
    axes: [
      {
        stroke: colours["text-quiet"],
        font: FONT,
        size: 22,
        gap: 4,
        space: 80,
        grid: { show: false },
        ticks: { show: false },
        values: (_, splits) => splits.map((split) => format.minute(split * 1000)),
      },
      ...sides.map((side) => axisOf(side, lines, colours)),
    ],
  };
}

function fromZero(side: Line["axis"], lines: readonly Line[]): uPlot.Scale.Range {
  const atLeast = Math.max(...lines.filter(({ axis }) => axis === side).map((line) => line.atLeast));
  return (_, __, most) => [0, Math.max(atLeast, (most ?? 0) * 1.1)];
}

function seriesOf(line: Line, colours: Colours): uPlot.Series {
  const stroke = colours[line.colour];
  const series: uPlot.Series = { scale: line.axis, stroke, width: 1.5, points: { show: false } };
  switch (line.shape) {
    case "area":
      return { ...series, fill: colours["series-fill"] };
    case "bars":
      return { ...series, fill: stroke, width: 0, ...(BARS && { paths: BARS }) };
    case "dots":
      return { ...series, points: { show: true, size: 4, width: 0, fill: stroke, stroke } };
    case "line":
      return series;
  }
}

function axisOf(side: Line["axis"], lines: readonly Line[], colours: Colours): uPlot.Axis {
  const tell = lines.find(({ axis }) => axis === side)?.tell ?? String;
  return {
    scale: side,
    side: side === "left" ? 3 : 1,
    stroke: colours["text-quiet"],
    font: FONT,
    size: side === "left" ? 62 : 58,
    space: 40,
    gap: 6,
    grid: { show: side === "left", stroke: colours.grid, width: 1 },
    ticks: { show: false },
    incrs: NICE,
    values: (_, splits) => splits.map((split) => tell(split)),
  };
}

/** Steps of an axis; none below one, for nothing here comes in halves. */
const NICE = Array.from({ length: 12 }, (_, power) => [1, 2, 5].map((step) => step * 10 ** power)).flat();
