/** A linear map of `from` onto `to`. */
export function linear([from0, from1]: readonly [number, number], [to0, to1]: readonly [number, number]) {
  const factor = from1 === from0 ? 0 : (to1 - to0) / (from1 - from0);
  return (value: number) => to0 + (value - from0) * factor;
}

/** Round numbers that hold all of `values`, at least `span` apart, on multiples of `step`. */
export function roundRange(values: readonly number[], step: number, span: number): [low: number, high: number] {
  let low = Math.floor(Math.min(...values) / step) * step;
  let high = Math.ceil(Math.max(...values) / step) * step;
  while (high - low < span) {
    high += step;
    if (high - low < span) low -= step;
  }
  return [low, high];
}

/** The path of a line through points, broken where one is missing. */
export function linePath(points: readonly (readonly [x: number, y: number] | undefined)[]): string {
  let path = "";
  let drawing = false;
  for (const point of points) {
    if (point !== undefined) path += `${drawing ? "L" : "M"}${point[0].toFixed(1)} ${point[1].toFixed(1)}`;
    drawing = point !== undefined;
  }
  return path;
}
