/**
 * A JSON value that has lost nothing: numbers are text, keys keep their order. `exact` and `visible` are filled by
 * `JsonIds`: two values of one comparison are the same when `exact` is; `visible` leaves out what rules hide.
 */
export type JsonValue = JsonScalar | JsonArray | JsonObject;

interface Identified {
  exact: number;
  visible: number;
}

export interface JsonScalar extends Identified {
  readonly type: "null" | "boolean" | "number" | "string";
  /** A string's own text; otherwise as it was written. */
  readonly text: string;
}

export interface JsonArray extends Identified {
  readonly type: "array";
  readonly items: readonly JsonValue[];
}

export interface JsonObject extends Identified {
  readonly type: "object";
  /** Of a repeated key the last value, as nearly every parser has it. */
  readonly members: ReadonlyMap<string, JsonValue>;
}

/** What reading a JSON text gives. */
export type JsonText =
  | { readonly value: JsonValue; readonly repeatedKeys: readonly string[] }
  | { readonly fault: "syntax" | "too-deep" | "too-large"; readonly position: number };
