import { z } from "zod";
import { count, requestId } from "./fields.ts";

const hidden = z.strictObject({ rule: count, default: count, noise: count });
const kind = z.enum(["changed", "kind", "only-in-original", "only-in-local"]);
const incomparableCode = z.enum([
  "original-none",
  "local-none",
  "original-cut",
  "local-cut",
  "body-too-large",
]);
const value = z.string().nullable().describe("short and masked; null: there is nothing");
const pairs = z.strictObject({ total: count, same: count, differs: count, incomparable: count });

export const comparison = z
  .strictObject({
    event: z.literal("comparison"),
    requestId: requestId.nullable(),
    method: z.string(),
    target: z.string(),
    verdict: z.enum(["same", "differs", "incomparable"]),
    differences: z.array(z.strictObject({ kind, place: z.string(), original: value, local: value })),
    more: count.describe("differences that are not listed"),
    hidden,
    incomparable: z.array(z.strictObject({ code: incomparableCode, text: z.string() })),
  })
  .describe("Of mirror --compare: an exchange whose answers differ, or could not be compared.");

const example = z.strictObject({
  kind,
  place: z.string(),
  original: value,
  local: value,
  target: z.string(),
  requestId: requestId.nullable(),
});

const route = z.strictObject({
  route: z.string(),
  pairs,
  places: z.array(z.strictObject({ place: z.string(), answers: count, example })),
  morePlaces: count,
});

export const summary = z
  .strictObject({
    event: z.literal("summary"),
    report: z.strictObject({
      format: z.literal("magpie-compare"),
      version: z.literal(1),
      verdict: z.enum(["same", "differs", "nothing-compared"]),
      pairs,
      hidden,
      rules: z.array(
        z.strictObject({ rule: z.string(), by: z.enum(["rule", "default", "noise"]), answers: count }),
      ),
      medianMs: z.strictObject({ original: z.number().nullable(), local: z.number().nullable() }),
      routes: z.array(route),
      moreRoutes: pairs,
      incomparable: z.array(z.strictObject({ code: incomparableCode, answers: count, example: z.string() })),
    }),
  })
  .describe("Of mirror --compare: what came of it; the same as --report writes.");
