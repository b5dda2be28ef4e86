/** What JSON can say, objects and lists within each other. */
export type PlainValue =
  | string
  | number
  | boolean
  | readonly PlainValue[]
  | { readonly [key: string]: PlainValue };

/** An object of such values, without what is undefined or null; what else JSON cannot say is refused. */
export function plainObject(value: object): { readonly [key: string]: PlainValue } {
  // JSON says nothing of undefined, and its reader gives nothing but such values; null is left out by the reviver.
  return JSON.parse(JSON.stringify(value), (_key, one: unknown) => (one === null ? undefined : one)) as {
    readonly [key: string]: PlainValue;
  };
}
