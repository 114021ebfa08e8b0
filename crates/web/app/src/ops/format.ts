import { type Language, useLanguage } from "../shared/language";

const BYTE_UNITS = ["B", "kB", "MB", "GB", "TB"] as const;

/** Figures as people read them, in one language. What there is none of is a dash. */
export class Format {
  readonly #language: Language;
  readonly #whole: Intl.NumberFormat;
  readonly #tenth: Intl.NumberFormat;
  readonly #hundredth: Intl.NumberFormat;
  readonly #clock: Intl.DateTimeFormat;
  readonly #minute: Intl.DateTimeFormat;
  readonly #moment: Intl.DateTimeFormat;

  constructor(language: Language) {
    this.#language = language;
    this.#whole = new Intl.NumberFormat(language, { maximumFractionDigits: 0, useGrouping: "always" });
    this.#tenth = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
    this.#hundredth = new Intl.NumberFormat(language, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
    this.#clock = new Intl.DateTimeFormat(language, { timeStyle: "medium", hourCycle: "h23" });
    this.#minute = new Intl.DateTimeFormat(language, { timeStyle: "short", hourCycle: "h23" });
    this.#moment = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "medium", hourCycle: "h23" });
  }

  count(value: number | null | undefined): string {
    return value == null ? "–" : this.#whole.format(value);
  }

  /** Percent as given: 37.4 is 37 %. */
  percent(value: number | null | undefined): string {
    return value == null ? "–" : `${this.#whole.format(value)} %`;
  }

  /** Money, to the hundredth of a cent where it is less than one of the currency's. */
  money(value: number | null | undefined, currency: string): string {
    if (value == null) return "–";
    const digits = value !== 0 && Math.abs(value) < 1 ? 4 : 2;
    const figures = { minimumFractionDigits: digits, maximumFractionDigits: digits };
    const style = /^[A-Z]{3}$/.test(currency) ? { ...figures, style: "currency" as const, currency } : figures;
    return new Intl.NumberFormat(this.#language, style).format(value);
  }

  /** Milliseconds below ten seconds as such, for that is what latencies are compared in. */
  ms(value: number | null | undefined): string {
    if (value == null) return "–";
    if (value < 10) return `${this.#tenth.format(value)} ms`;
    return value < 10_000 ? `${this.#whole.format(value)} ms` : `${this.#hundredth.format(value / 1000)} s`;
  }

  bytes(value: number | null | undefined): string {
    if (value == null) return "–";
    let scaled = Math.max(0, value);
    let unit = 0;
    // What would be rounded to a thousand is one of the next unit.
    while (scaled >= 999.5 && unit < BYTE_UNITS.length - 1) {
      scaled /= 1000;
      unit++;
    }
    const figure = scaled < 10 && unit > 0 ? this.#tenth.format(scaled) : this.#whole.format(scaled);
    return `${figure} ${BYTE_UNITS[unit]}`;
  }

  /** A span in its two largest units; seconds only as long as they matter. */
  span(ms: number): string {
    const s = Math.max(0, Math.floor(ms / 1000));
    const [d, h, min] = [Math.floor(s / 86_400), Math.floor(s / 3600) % 24, Math.floor(s / 60) % 60];
    if (d > 0) return `${d} d ${h} h`;
    if (h > 0) return `${h} h ${min} min`;
    if (min >= 10) return `${min} min`;
    return min > 0 ? `${min} min ${s % 60} s` : `${s} s`;
  }

  /** Time of day to the second. */
  clock(atMs: number): string {
    return this.#clock.format(atMs);
  }

  /** Time of day to the minute. */
  minute(atMs: number): string {
    return this.#minute.format(atMs);
  }

  /** Day and time to the second. */
  moment(atMs: number): string {
    return this.#moment.format(atMs);
  }

  /** How long ago, in the largest unit. */
  ago(ms: number): string {
    const relative = new Intl.RelativeTimeFormat(this.#language, { numeric: "always", style: "short" });
    const s = Math.max(0, Math.floor(ms / 1000));
    if (s < 60) return relative.format(-s, "second");
    if (s < 3600) return relative.format(-Math.floor(s / 60), "minute");
    return s < 86_400
      ? relative.format(-Math.floor(s / 3600), "hour")
      : relative.format(-Math.floor(s / 86_400), "day");
  }
}

const FORMATS: Record<Language, Format> = { en: new Format("en"), es: new Format("es") };

/** The format of the page around. */
export function useFormat(): Format {
  return FORMATS[useLanguage()];
}
