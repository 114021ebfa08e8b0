import type { Size } from "./view.js";

/**
 * The pixels of a canvas (four bytes each) as a smaller picture in `rgb24`. Each pixel is the mean of a box of whole
 * ones: what browsers do when they draw smaller leaves pixels out, and the pulse drowns in the noise of the rest. Where
 * the picture is not smaller, its pixels are repeated.
 */
export function shrinkToRgb24(rgba: Uint8ClampedArray, from: Size, to: Size): Uint8Array<ArrayBuffer> {
  const rgb = new Uint8Array(to.width * to.height * 3);
  const columns = edges(from.width, to.width);
  const rows = edges(from.height, to.height);
  const sums = new Uint32Array(to.width * 3);
  for (let row = 0; row < to.height; row++) {
    const [top, bottom] = span(rows, row);
    sums.fill(0);
    for (let y = top; y < bottom; y++) addRow(rgba, y * from.width, columns, sums);
    for (let column = 0; column < to.width; column++) {
      const [left, right] = span(columns, column);
      const pixels = (right - left) * (bottom - top);
      const at = (row * to.width + column) * 3;
      for (let channel = 0; channel < 3; channel++) {
        rgb[at + channel] = Math.round((sums[column * 3 + channel] ?? 0) / pixels);
      }
    }
  }
  return rgb;
}

/** Adds the boxes of a row of pixels, whose first is `start`, to `sums`. */
function addRow(rgba: Uint8ClampedArray, start: number, columns: Uint32Array, sums: Uint32Array): void {
  for (let column = 0, to = 0; to < sums.length; column++, to += 3) {
    const [left, right] = span(columns, column);
    let [red, green, blue] = [0, 0, 0];
    for (let at = (start + left) * 4, end = (start + right) * 4; at < end; at += 4) {
      red += rgba[at] ?? 0;
      green += rgba[at + 1] ?? 0;
      blue += rgba[at + 2] ?? 0;
    }
    sums[to] = (sums[to] ?? 0) + red;
    sums[to + 1] = (sums[to + 1] ?? 0) + green;
    sums[to + 2] = (sums[to + 2] ?? 0) + blue;
  }
}

/** Where boxes begin, and where the last one ends. */
function edges(from: number, to: number): Uint32Array {
  return Uint32Array.from({ length: to + 1 }, (_, index) => Math.floor((index * from) / to));
}

/** The first pixel of a box and the one after its last; at least one. */
function span(edges: Uint32Array, index: number): [number, number] {
  const first = edges[index] ?? 0;
  return [first, Math.max(edges[index + 1] ?? 0, first + 1)];
}
