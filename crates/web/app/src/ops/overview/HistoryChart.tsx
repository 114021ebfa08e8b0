import { useMemo } from "react";
import type { HistoryView } from "../api/types";
import { useFormat } from "../format";
import { Chart } from "../parts/Chart";
import { useColours } from "../parts/colours";
import { Panel } from "../parts/Panel";
import { useTexts } from "../texts";
import { CHART_COLOURS, type ChartPlan, shownValue, summary } from "./charts";
import styles from "./HistoryChart.module.css";
import { plotOptions } from "./plot-options";

interface HistoryChartProps {
  plan: ChartPlan;
  /** Seconds of the points, and the values of every series at them. */
  times: number[];
  series: HistoryView["series"];
  /** The point under the cursor of all charts. */
  at: number | null;
  onCursor: (index: number | null) => void;
}

export function HistoryChart({ plan, times, series, at, onCursor }: HistoryChartProps) {
  const texts = useTexts().charts;
  const format = useFormat();
  const colours = useColours(CHART_COLOURS);
  const { lines } = plan;
  const options = useMemo(() => plotOptions(lines, colours, format, onCursor), [lines, colours, format, onCursor]);
  const data = useMemo(
    (): [number[], ...(number | null)[][]] => [times, ...lines.map((line) => series[line.series])],
    [lines, times, series],
  );
  const label = lines.map((line) => summary(texts, line, series[line.series])).join(" ");
  return (
    <Panel
      title={plan.title}
      aside={
        <ul className={styles.legend}>
          {lines.map((line) => (
            <li key={line.series}>
              <span
                className={styles.swatch}
                data-shape={line.shape}
                style={{ backgroundColor: colours[line.colour] }}
              />
              {line.label} <b>{line.tell(shownValue(line, series[line.series], at))}</b>
            </li>
          ))}
        </ul>
      }
    >
      <Chart options={options} data={data} label={`${plan.title}. ${label}`} />
    </Panel>
  );
}
