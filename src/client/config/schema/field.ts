import { z } from "zod";
import { ClientError } from "../../errors.ts";
import { parseDuration } from "../../text/duration.ts";
import { readBy } from "./problem-of-value.ts";

/** What is said of a field beside what it takes. */
export interface FieldNotes {
  /** One or two sentences; the first says what it is. */
  readonly description: string;
  /** What holds when nobody says anything. It is told, not filled in. */
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
}

/** A field that may be left out, with what is said of it. */
export function field<Schema extends z.ZodType>(schema: Schema, notes: FieldNotes): z.ZodOptional<Schema> {
  const { examples, ...others } = notes;
  return schema
    .optional()
    .meta({ ...others, ...(examples === undefined ? {} : { examples: [...examples] }) });
}

/** One thing or a list of them. */
export function several<Item extends z.ZodType>(item: Item): z.ZodUnion<[Item, z.ZodArray<Item>]> {
  return z.union([item, z.array(item)]);
}

/** A text that is not empty. */
export const text = z.string().min(1);

/** A text that is read by what reads the flag. */
export function textReadBy(read: (text: string) => unknown): z.ZodString {
  return z.string().check(readBy(read));
}

/** A whole number, or one in a text, as templates give it. */
export function whole(read: (text: string) => unknown): z.ZodUnion<[z.ZodNumber, z.ZodString]> {
  return z.union([z.number().check(readBy((value) => read(String(value)))), textReadBy(read)]);
}

/** Yes or no, or one of them in a text, as templates give it. */
export const yesOrNo = z.union([z.boolean(), z.enum(["true", "false"])]);

/** A time: a number and its unit, or `0`. */
export const duration = z.union([z.literal(0), textReadBy(readDuration)]);

function readDuration(text: string): void {
  if (parseDuration(text) !== undefined) return;
  throw new ClientError("usage", `${JSON.stringify(text)} is no duration`, {
    hint: "Write a number and its unit, like 30s, 500ms, 10m or 2h.",
  });
}
