import type { FieldPair } from "./answer.ts";
import type { ComparingTools, Pair } from "./comparing-tools.ts";
import { neverCompared } from "./default-ignores.ts";
import { presenceKind } from "./difference-list.ts";
import { fieldValues } from "./media-type.ts";

const never = new Set(neverCompared);

/**
 * Compares headers or trailers: names in any case, the order of different names means nothing (RFC 9110 §5.3), the
 * values of one name are a list in order. Fields of the connection are left out, those it names (§7.6.1) too.
 *
 * @param options.leftOut further names, in lower case.
 */
export function compareFields(
  fields: Pair<readonly FieldPair[]>,
  options: { of: "header" | "trailer"; leftOut: ReadonlySet<string> },
  tools: ComparingTools,
): void {
  const originals = byName(fields.original);
  const locals = byName(fields.local);
  for (const name of new Set([...originals.keys(), ...locals.keys()])) {
    if (never.has(name) || options.leftOut.has(name)) continue;
    const [original, local] = [originals.get(name), locals.get(name)];
    if (original && local && isSameList(original, local)) continue;
    tools.list.add({
      kind: presenceKind(original, local),
      place: { at: options.of, name },
      original: original && (() => tools.secrets.field(name, original)),
      local: local && (() => tools.secrets.field(name, local)),
      rule: tools.rules.field(options.of, name),
    });
  }
}

/** Values of each name in order; without fields that the connection has named as its own. */
function byName(fields: readonly FieldPair[]): Map<string, string[]> {
  const own = new Set(
    fieldValues(fields, "connection").flatMap((value) =>
      value.split(",").map((name) => name.trim().toLowerCase()),
    ),
  );
  const values = new Map<string, string[]>();
  for (const [rawName, value] of fields) {
    const name = rawName.toLowerCase();
    if (own.has(name)) continue;
    const list = values.get(name);
    if (list) list.push(value);
    else values.set(name, [value]);
  }
  return values;
}

function isSameList(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((value, index) => value === other[index]);
}
