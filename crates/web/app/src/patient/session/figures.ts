import type { Texts } from "../texts";

export type Quality = "good" | "fair" | "weak";

/** A quality of 0 to 1 in a word's worth. Figures below the server's own gate do not get here. */
export function qualityOf(quality: number | undefined): Quality {
  if (quality === undefined || quality < 0.45) return "weak";
  return quality < 0.7 ? "fair" : "good";
}

/** Why a figure is absent, in words. */
export function reasonIn({ vitals: { absent } }: Texts, reason: string | undefined): string {
  const known = absent as Record<string, string | undefined>;
  return (reason !== undefined && known[reason]) || absent.other;
}
