import { z } from "zod";
import { configSchema } from "./config.ts";

/** A field of the config, or a section with fields of its own. */
export interface SchemaField {
  /** `incoming.tls.cert`. */
  readonly path: string;
  readonly description: string;
  readonly default: unknown;
  readonly examples: readonly unknown[];
  /** In words, what it takes. */
  readonly takes: string;
  /** Whether it has fields of its own, beside other forms or not. */
  readonly isSection: boolean;
}

/** All fields in the order of the definition, each section before what is in it. Profiles repeat them, and are not gone into. */
export function schemaFields(schema: z.ZodObject = configSchema): readonly SchemaField[] {
  return fieldsOf(schema, "");
}

function fieldsOf(object: z.ZodObject, prefix: string): SchemaField[] {
  return Object.entries(object.shape).flatMap(([name, schema]) => {
    const path = `${prefix}${name}`;
    const { description = "", default: usual, examples = [] } = notesOf(schema);
    const inner = objectIn(schema);
    const field = {
      path,
      description,
      default: usual,
      examples,
      takes: takesOf(schema),
      isSection: inner !== undefined,
    };
    return [field, ...(inner === undefined ? [] : fieldsOf(inner, `${path}.`))];
  });
}

function notesOf(schema: z.core.$ZodType): {
  description?: string | undefined;
  default?: unknown;
  examples?: unknown[];
} {
  return z.globalRegistry.get(schema) ?? {};
}

/** The names that the object at a path may have; empty where any will do, or none is known. */
export function namesAt(
  path: readonly (string | number)[],
  schema: z.ZodObject = configSchema,
): readonly string[] {
  let at: z.ZodObject | undefined = schema;
  let inProfiles = false;
  for (const step of path) {
    // A profile's name stands between.
    if (inProfiles) {
      inProfiles = false;
      continue;
    }
    const next: z.core.$ZodType | undefined = at?.shape[String(step)];
    if (next === undefined) return [];
    const record = recordIn(next);
    inProfiles = record !== undefined;
    at = objectIn(record ?? next);
  }
  return Object.keys(at?.shape ?? {});
}

function objectIn(schema: z.core.$ZodType): z.ZodObject | undefined {
  if (schema instanceof z.ZodObject) return schema;
  if (schema instanceof z.ZodOptional) return objectIn(schema.unwrap());
  if (!(schema instanceof z.ZodUnion)) return undefined;
  return schema.options.map(objectIn).find((found) => found !== undefined);
}

/** The value of a record of objects, as of profiles. */
function recordIn(schema: z.core.$ZodType): z.core.$ZodType | undefined {
  if (schema instanceof z.ZodOptional) return recordIn(schema.unwrap());
  return schema instanceof z.ZodRecord && schema.valueType instanceof z.ZodObject
    ? schema.valueType
    : undefined;
}

function takesOf(schema: z.core.$ZodType): string {
  const forms = [...new Set(formsOf(schema))];
  const isYesOrNo = forms.includes("`true`") && forms.includes("`false`");
  const plain = forms.filter((form) => !isYesOrNo || (form !== "`true`" && form !== "`false`"));
  const words = isYesOrNo ? ["true or false", ...plain] : plain;
  const single = words.filter((word) => !word.startsWith("list of "));
  // A list of the same, as nearly all lists are.
  if (single.length > 0 && words.includes(`list of ${single.join(", ")}`))
    return `${single.join(", ")}, or a list`;
  return words.join(", ");
}

function formsOf(schema: z.core.$ZodType): string[] {
  if (schema instanceof z.ZodOptional) return formsOf(schema.unwrap());
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(formsOf);
  if (schema instanceof z.ZodArray) return [`list of ${takesOf(schema.element)}`];
  if (schema instanceof z.ZodEnum) return schema.options.map((option) => `\`${option}\``);
  if (schema instanceof z.ZodLiteral) return [...schema.values].map((value) => `\`${String(value)}\``);
  if (schema instanceof z.ZodBoolean) return ["`true`", "`false`"];
  if (schema instanceof z.ZodNumber) return ["number"];
  if (schema instanceof z.ZodString) return ["text"];
  return ["object"];
}
