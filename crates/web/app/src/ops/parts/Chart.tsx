import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

interface ChartProps {
  /** Stays the same as long as the chart is to stay; a new object draws a new chart. Width is the container's. */
  options: Omit<uPlot.Options, "width">;
  data: uPlot.AlignedData;
  /** What is seen, for those who do not see it. */
  label: string;
}

/** A chart as wide as its place. */
export function Chart({ options, data, label }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot>(null);
  const latest = useRef(data);
  latest.current = data;

  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const plot = new uPlot({ ...options, width: Math.max(1, element.clientWidth) }, latest.current, element);
    chart.current = plot;
    const resized = new ResizeObserver(() => {
      plot.setSize({ width: Math.max(1, element.clientWidth), height: options.height });
    });
    resized.observe(element);
    return () => {
      resized.disconnect();
      plot.destroy();
      chart.current = null;
    };
  }, [options]);

  useEffect(() => {
    chart.current?.setData(data);
  }, [data]);

  return <div ref={place} role="img" aria-label={label} />;
}
