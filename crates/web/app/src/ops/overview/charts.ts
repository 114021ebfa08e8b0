import type { HistoryView } from "../api/types";
import type { Format } from "../format";
import type { Texts } from "../texts";

/** Colours of the charts, as tokens. */
export const CHART_COLOURS = ["series-1", "series-2", "series-fill", "bad", "warn", "grid", "text-quiet"] as const;

export interface Line {
  series: keyof HistoryView["series"];
  label: string;
  colour: (typeof CHART_COLOURS)[number];
  /** `area` is for what fills up, `bars` for what happens, `dots` for what is only measured now and then. */
  shape: "line" | "area" | "bars" | "dots";
  /** Lines of different units have an axis each, the second one at the right. */
  axis: "left" | "right";
  /** An axis is never shorter than this. */
  atLeast: number;
  tell: (value: number | null | undefined) => string;
}

export interface ChartPlan {
  title: string;
  lines: readonly Line[];
}

/** What the last hour is shown in. */
export function chartPlans(texts: Texts["charts"], format: Format): ChartPlan[] {
  const count = (value: number | null | undefined) => format.count(value);
  const ms = (value: number | null | undefined) => format.ms(value);
  const percent = (value: number | null | undefined) => format.percent(value);
  const bytes = (value: number | null | undefined) => format.bytes(value);
  const counted = { axis: "left", atLeast: 4, tell: count } as const;
  const timed = { shape: "dots", axis: "left", atLeast: 500, tell: ms } as const;
  return [
    {
      title: texts.sessions,
      lines: [
        { series: "live", label: texts.live, colour: "series-1", shape: "area", ...counted },
        { series: "refused", label: texts.refused, colour: "bad", shape: "bars", ...counted },
      ],
    },
    {
      title: texts.latency,
      lines: [
        { series: "voice_to_voice_p50", label: texts.p50, colour: "series-1", ...timed },
        { series: "voice_to_voice_p95", label: texts.p95, colour: "series-2", ...timed },
      ],
    },
    {
      title: texts.faults,
      lines: [
        { series: "faults", label: texts.providerFaults, colour: "bad", shape: "bars", ...counted },
        { series: "client_mistakes", label: texts.mistakes, colour: "warn", shape: "bars", ...counted },
      ],
    },
    {
      title: texts.process,
      lines: [
        {
          series: "cpu_percent",
          label: texts.cpu,
          colour: "series-1",
          shape: "area",
          axis: "left",
          atLeast: 100,
          tell: percent,
        },
        {
          series: "rss_bytes",
          label: texts.memory,
          colour: "series-2",
          shape: "line",
          axis: "right",
          atLeast: 1e8,
          tell: bytes,
        },
      ],
    },
  ];
}

/** What stands beside a line's name: its value at the cursor, or the newest. Few turns leave most steps without one. */
export function shownValue(line: Line, values: readonly (number | null)[], at: number | null): number | null {
  if (at !== null) return values[at] ?? null;
  return (line.shape === "dots" ? values.findLast((value) => value !== null) : values.at(-1)) ?? null;
}

/** A line in words, for those who do not see it. */
export function summary(texts: Texts["charts"], line: Line, values: readonly (number | null)[]): string {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return `${line.label}: ${texts.empty}`;
  const least = known.reduce((a, b) => Math.min(a, b));
  const most = known.reduce((a, b) => Math.max(a, b));
  return texts.summary(line.label, line.tell(shownValue(line, values, null)), line.tell(least), line.tell(most));
}
