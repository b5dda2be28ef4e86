/** Numbers that are the same in every run for one seed: mulberry32. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** From 0 up to `below`. */
  number(below: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.number(from.length)] as T; // callers give at least one
  }
}

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const keys = ["a", "b", "price", "at", "na/me", "ti~lde", "*", "", "0", "ünïcode", "**"];

/** A value in which no two scalars are the same, so that an edit can be recognised; `serial` counts them. */
export function randomJson(random: Random, depth: number, serial: { next: number }): Json {
  const kind = depth === 0 ? 0 : random.number(4);
  if (kind === 1)
    return Array.from({ length: random.number(5) }, () => randomJson(random, depth - 1, serial));
  if (kind >= 2) {
    const object: { [key: string]: Json } = {};
    for (let count = random.number(5); count > 0; count--)
      object[random.pick(keys)] = randomJson(random, depth - 1, serial);
    return object;
  }
  const number = serial.next++;
  return random.number(2) === 0 ? number : `text ${number}`;
}

/** All places of a value, containers included, the root first. */
export function placesOf(
  value: Json,
  path: readonly (string | number)[] = [],
): (readonly (string | number)[])[] {
  if (Array.isArray(value))
    return [path, ...value.flatMap((item, index) => placesOf(item, [...path, index]))];
  if (typeof value !== "object" || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, member]) => placesOf(member, [...path, key]))];
}

export function valueAt(value: Json, path: readonly (string | number)[]): Json | undefined {
  let at: Json | undefined = value;
  for (const step of path) at = (at as Record<string | number, Json> | undefined)?.[step]; // the path is one of its own
  return at;
}

/** The same value with its keys in another order. */
export function reordered(value: Json, random: Random): Json {
  if (Array.isArray(value)) return value.map((item) => reordered(item, random));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, member]) => ({
    key,
    member,
    order: random.number(1_000),
  }));
  entries.sort((one, other) => one.order - other.order);
  return Object.fromEntries(entries.map(({ key, member }) => [key, reordered(member, random)]));
}
