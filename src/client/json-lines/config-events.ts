import { z } from "zod";
import { count } from "./fields.ts";

const source = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("flag"), name: z.string() }),
  z.strictObject({ kind: z.literal("variable"), name: z.string() }),
  z.strictObject({ kind: z.literal("file"), file: z.string(), line: count, column: count }),
  z.strictObject({ kind: z.literal("default") }),
]);

export const config = z
  .strictObject({
    event: z.literal("config"),
    file: z.string().nullable(),
    profile: z.string().nullable(),
    fields: z.array(z.strictObject({ field: z.string(), value: z.unknown(), source })),
  })
  .describe("Of config show.");

export const problem = z
  .strictObject({
    event: z.literal("problem"),
    file: z.string(),
    line: count.nullable().describe("from 1"),
    column: count.nullable().describe("from 1, in characters"),
    field: z.string().describe("incoming.ports[0]; empty where it is about the file"),
    message: z.string(),
    hint: z.string().nullable(),
  })
  .describe("Of config check.");

export const untranslated = z
  .strictObject({ ...problem.shape, event: z.literal("untranslated") })
  .describe(
    "A field of another tool's config that has no counterpart: of config check, and of a session behind its hello.",
  );

export const checked = z
  .strictObject({ event: z.literal("checked"), file: z.string(), problems: count })
  .describe("Of config check: the last line.");

export const configWritten = z
  .strictObject({ event: z.literal("config-written"), file: z.string() })
  .describe("Of config init.");
