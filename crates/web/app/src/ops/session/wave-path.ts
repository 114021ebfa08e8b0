/** Samples a full wave has: twelve seconds at 30 Hz. One that has just begun does not fill its place. */
const FULL = 360;

/** The line of a wave in a field of 1000 by 100, newest at the right, as high as it goes. */
export function wavePath(samples: Float32Array): string {
  if (samples.length < 2) return "";
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const sample of samples) {
    least = Math.min(least, sample);
    most = Math.max(most, sample);
  }
  const step = 1000 / Math.max(FULL, samples.length - 1);
  const scale = most > least ? 84 / (most - least) : 0;
  const first = 1000 - step * (samples.length - 1);
  const points = Array.from(samples, (sample, index) => {
    const x = first + index * step;
    const y = scale === 0 ? 50 : 92 - (sample - least) * scale;
    return `${x.toFixed(1)} ${y.toFixed(1)}`;
  });
  return `M${points.join("L")}`;
}
