import { ProtocolError } from "./errors.ts";
import { MAX_NAME_LENGTH, MAX_SENTENCE_LENGTH } from "./limits.ts";

/** Any JSON value: what another room validates travels as this. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** A parsed JSON object whose fields are not checked yet. */
export type Untrusted = Readonly<Record<string, unknown>>;

/** Checks that a value is a JSON object. @throws ProtocolError `bad-message` naming `place`. */
export function objectOf(value: unknown, place: string): Untrusted {
  if (typeof value !== "object" || value === null || Array.isArray(value)) fail(place, "must be an object");
  return value as Untrusted; // Checked above: an object that is no array.
}

/** A string field of at most `maxLength` UTF-16 units. @throws ProtocolError `bad-message` */
export function textField(from: Untrusted, name: string, maxLength: number): string {
  const value = from[name];
  if (typeof value !== "string") fail(name, "must be a string");
  if (value.length > maxLength) fail(name, `must not be longer than ${maxLength}`);
  return value;
}

/** The name of somebody, of a session, a request or a capability. @throws ProtocolError `bad-message` */
export function nameField(from: Untrusted, name: string): string {
  return textField(from, name, MAX_NAME_LENGTH);
}

/** A text for people. @throws ProtocolError `bad-message` */
export function sentenceField(from: Untrusted, name: string): string {
  return textField(from, name, MAX_SENTENCE_LENGTH);
}

/** A whole number from `min` to `max`, both included. @throws ProtocolError `bad-message` */
export function wholeField(
  from: Untrusted,
  name: string,
  range: { readonly min: number; readonly max: number } = { min: 0, max: Number.MAX_SAFE_INTEGER },
): number {
  const value = from[name];
  if (typeof value !== "number" || !Number.isSafeInteger(value)) fail(name, "must be a whole number");
  if (value < range.min || value > range.max) fail(name, `must be from ${range.min} to ${range.max}`);
  return value;
}

/** A finite number from `min` to `max`, both included. @throws ProtocolError `bad-message` */
export function numberField(
  from: Untrusted,
  name: string,
  range: { readonly min: number; readonly max: number },
): number {
  const value = from[name];
  if (typeof value !== "number" || !(value >= range.min && value <= range.max))
    fail(name, `must be a number from ${range.min} to ${range.max}`);
  return value;
}

/** A finite number that is not negative: a time or a duration. @throws ProtocolError `bad-message` */
export function timeField(from: Untrusted, name: string): number {
  const value = from[name];
  if (typeof value !== "number" || !Number.isFinite(value) || value < 0) fail(name, "must be a time");
  return value;
}

/** @throws ProtocolError `bad-message` */
export function flagField(from: Untrusted, name: string): boolean {
  const value = from[name];
  if (typeof value !== "boolean") fail(name, "must be true or false");
  return value;
}

/** A string that is one of the given ones. @throws ProtocolError `bad-message` */
export function choiceField<Choice extends string>(
  from: Untrusted,
  name: string,
  choices: readonly Choice[],
): Choice {
  const value = choices.find((choice) => choice === from[name]);
  return value ?? fail(name, `must be one of ${choices.join(", ")}`);
}

/** A field that may be null, or what `read` makes of it. An absent field is not null. @throws ProtocolError `bad-message` */
export function orNull<Value>(
  from: Untrusted,
  name: string,
  read: (from: Untrusted, name: string) => Value,
): Value | null {
  return from[name] === null ? null : read(from, name);
}

/** Opaque JSON; it came out of JSON.parse, so only its absence can be wrong. @throws ProtocolError `bad-message` */
export function jsonField(from: Untrusted, name: string): Json {
  const value = from[name];
  if (value === undefined) fail(name, "is missing");
  return value as Json; // A value inside a parsed JSON text is JSON.
}

/** A list of short strings. @throws ProtocolError `bad-message` */
export function textsField(
  from: Untrusted,
  name: string,
  limits: { readonly maxCount: number; readonly maxLength: number },
): string[] {
  const value = from[name];
  if (!Array.isArray(value)) fail(name, "must be a list");
  if (value.length > limits.maxCount) fail(name, `must not have more than ${limits.maxCount} entries`);
  return value.map((entry: unknown) => {
    if (typeof entry !== "string" || entry.length > limits.maxLength)
      fail(name, `must hold strings of at most ${limits.maxLength}`);
    return entry;
  });
}

/** A list of name and value pairs, each of any length that a message has room for. @throws ProtocolError `bad-message` */
export function pairsField(from: Untrusted, name: string, maxCount: number): [name: string, value: string][] {
  const value = from[name];
  if (!Array.isArray(value)) fail(name, "must be a list");
  if (value.length > maxCount) fail(name, `must not have more than ${maxCount} entries`);
  return value.map((entry: unknown) => {
    const [first, second]: unknown[] = Array.isArray(entry) ? entry : [];
    if (typeof first !== "string" || typeof second !== "string") fail(name, "must hold pairs of strings");
    return [first, second];
  });
}

/** Bytes that are written in base64. @throws ProtocolError `bad-message` */
export function bytesField(from: Untrusted, name: string, maxBytes: number): Buffer {
  const text = textField(from, name, Math.ceil(maxBytes / 3) * 4);
  // `Buffer.from` would skip what is no base64.
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) fail(name, "must be base64");
  return Buffer.from(text, "base64");
}

/** What a port may be. */
export const PORT = { min: 1, max: 65_535 };
/** What a subscription's priority may be. */
export const PRIORITY = { min: -(2 ** 31), max: 2 ** 31 - 1 };
/** Ports in one list. */
const MAX_PORTS = 64;

/** A list of ports. @throws ProtocolError `bad-message` */
export function portsField(from: Untrusted, name: string): number[] {
  const value = from[name];
  if (!Array.isArray(value)) fail(name, "must be a list");
  if (value.length > MAX_PORTS) fail(name, `must not have more than ${MAX_PORTS} entries`);
  return value.map((port: unknown) => wholeField({ [name]: port }, name, PORT));
}

/** A list of objects, each read by `read`. @throws ProtocolError `bad-message` */
export function listOf<Value>(from: Untrusted, name: string, read: (from: Untrusted) => Value): Value[] {
  const value = from[name];
  if (!Array.isArray(value)) fail(name, "must be a list");
  return value.map((entry: unknown) => read(objectOf(entry, name)));
}

function fail(name: string, rule: string): never {
  throw new ProtocolError("bad-message", `${name} ${rule}`);
}
