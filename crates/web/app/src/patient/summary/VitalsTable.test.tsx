import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { VitalsTable } from "./VitalsTable";

afterEach(cleanup);

test("a figure that is not given says why, and none is made up", () => {
  const figures = { heart_rate_bpm: 71.6, quality: 0.83, absent: { respiratory_rate: "too_short", hrv: "brand_new" } };
  render(<VitalsTable vitals={{ figures, seconds: 30, method: "chrom", reason: undefined }} />);
  const rows = screen.getAllByRole("row").map((row) => row.textContent);
  expect(rows.slice(1)).toEqual([
    "Heart rate72 beats per minuteGood signal",
    "Breathing rateNot given: not enough was seen yet",
    "Heart rate variability (RMSSD)Not given: it could not be measured",
  ]);
});

test("a scan that failed gives its reason for every sign", () => {
  render(<VitalsTable vitals={{ figures: {}, seconds: undefined, method: undefined, reason: "too_dark" }} />);
  expect(screen.getAllByText("Not given: there was too little light")).toHaveLength(3);
});
