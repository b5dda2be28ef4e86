import { z } from "zod";

/** What is told of a field that has no counterpart; undefined where its value asks for nothing that is not so anyway. */
export type Telling = string | ((value: unknown) => string | undefined);

const tellings = z.registry<{ readonly told: Telling }>();

/** A field that nothing of ours stands for, and what to say of it. */
export function gone<Schema extends z.ZodType>(schema: Schema, told: Telling): Schema {
  // Its own, for one that is used in several places is told of in this one alone.
  const own = schema.clone();
  tellings.add(own, { told });
  return own;
}

/** A switch that is set as it is here anyway when it is `asItIs`. */
export function goneUnless(asItIs: boolean, told: string): z.ZodBoolean {
  return gone(z.boolean(), (value) => (value === asItIs ? undefined : told));
}

/** A field that stays without counterpart, and where it stands. */
export interface GoneField {
  readonly path: readonly (string | number)[];
  /** Why, and what to do instead; it follows the name of the field. */
  readonly told: string;
}

/** All fields of a value that nothing of ours stands for, in the order of the file. */
export function goneFields(
  schema: z.ZodType,
  value: unknown,
  path: readonly (string | number)[] = [],
): GoneField[] {
  if (schema instanceof z.ZodOptional) return goneFields(schema.unwrap() as z.ZodType, value, path);
  const told = tellings.get(schema)?.told;
  if (told !== undefined) {
    const text = typeof told === "string" ? told : told(value);
    return text === undefined ? [] : [{ path, told: text }];
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
  if (schema instanceof z.ZodUnion) {
    return schema.options.flatMap((option) => goneFields(option as z.ZodType, value, path));
  }
  if (!(schema instanceof z.ZodObject)) return [];
  const shape: Readonly<Record<string, z.ZodType>> = schema.shape;
  return Object.entries(value).flatMap(([key, inner]) => {
    const field = shape[key];
    return field === undefined ? [] : goneFields(field, inner, [...path, key]);
  });
}
