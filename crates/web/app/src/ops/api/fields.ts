/** The last moment JavaScript has a date for, Unix ms. */
const LAST_MOMENT = 8.64e15;

/** Reads the fields of JSON nobody vouches for: what is missing or of another kind becomes empty, never a throw. */
export class Fields {
  readonly #values: Record<string, unknown>;

  constructor(value: unknown) {
    this.#values = isObject(value) ? value : {};
  }

  has(name: string): boolean {
    return isObject(this.#values[name]);
  }

  of(name: string): Fields {
    return new Fields(this.#values[name]);
  }

  text(name: string): string {
    const value = this.#values[name];
    return typeof value === "string" ? value : "";
  }

  textOrNull(name: string): string | null {
    return this.text(name) || null;
  }

  number(name: string): number {
    return this.numberOrNull(name) ?? 0;
  }

  numberOrNull(name: string): number | null {
    return finite(this.#values[name]);
  }

  /** Unix milliseconds that are a date. */
  moment(name: string): number {
    return Math.min(LAST_MOMENT, Math.max(0, this.number(name)));
  }

  flag(name: string): boolean {
    return this.#values[name] === true;
  }

  word<List extends readonly string[]>(name: string, list: List): List[number] | "unknown" {
    const value = this.#values[name];
    return list.find((word) => word === value) ?? "unknown";
  }

  list<T>(name: string, read: (fields: Fields) => T): T[] {
    const value = this.#values[name];
    return Array.isArray(value) ? value.map((entry) => read(new Fields(entry))) : [];
  }

  /** The sum of an object's numbers. */
  sum(name: string): number {
    const value = this.#values[name];
    const given = isObject(value) ? Object.values(value) : [];
    return given.reduce<number>((sum, entry) => sum + (finite(entry) ?? 0), 0);
  }

  /** Exactly `length` numbers; `null` where there is none. */
  numbers(name: string, length: number): (number | null)[] {
    const value = this.#values[name];
    const given: unknown[] = Array.isArray(value) ? value : [];
    return Array.from({ length }, (_, index) => finite(given[index]));
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function finite(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}
