import { align } from "./alignment.ts";
import type { ComparingTools, Pair } from "./comparing-tools.ts";
import { presenceKind } from "./difference-list.ts";
import { JsonIds } from "./json-ids.ts";
import type { JsonArray, JsonObject, JsonValue } from "./json-value.ts";
import type { PathStep, Place } from "./place.ts";
import type { PointerState } from "./pointer-rules.ts";

/**
 * Compares two JSON bodies by what they say. Numbers by exact value, objects whatever the order of their keys, arrays
 * aligned so that an inserted element is one difference. The cost is bounded by what `parseJsonText` lets through.
 *
 * @param texts decide only which tree is numbered first, so that both directions find the same alignment.
 */
export function compareJson(values: Pair<JsonValue>, texts: Pair<string>, tools: ComparingTools): void {
  const ids = new JsonIds(tools.rules.pointers);
  const { original, local } = values;
  for (const value of texts.original <= texts.local ? [original, local] : [local, original]) ids.fill(value);
  const root = tools.rules.pointers.root;
  new JsonWalk(ids, tools).values({
    ...values,
    path: [],
    localPath: undefined,
    state: root,
    isMember: false,
  });
}

/** What stands at one place. `localPath` only where an alignment has moved it. */
interface Spot<T> {
  readonly original: T;
  readonly local: T;
  readonly path: readonly PathStep[];
  readonly localPath: readonly PathStep[] | undefined;
  readonly state: PointerState;
  readonly isMember: boolean;
}

class JsonWalk {
  readonly #ids: JsonIds;
  readonly #tools: ComparingTools;

  constructor(ids: JsonIds, tools: ComparingTools) {
    this.#ids = ids;
    this.#tools = tools;
  }

  values(spot: Spot<JsonValue | undefined>): void {
    const { original, local } = spot;
    if (this.#tools.list.isFull || original?.exact === local?.exact) return;
    if (original?.type === "array" && local?.type === "array") this.#arrays({ ...spot, original, local });
    else if (original?.type === "object" && local?.type === "object")
      this.#objects({ ...spot, original, local });
    else this.#add(spot);
  }

  #objects(spot: Spot<JsonObject>): void {
    const { original, local, path, localPath, state } = spot;
    const keys = [...original.members.keys()];
    for (const key of local.members.keys()) if (!original.members.has(key)) keys.push(key);
    for (const key of keys) {
      const [one, other] = [original.members.get(key), local.members.get(key)];
      if (one?.exact === other?.exact) continue;
      this.values({
        original: one,
        local: other,
        path: [...path, key],
        localPath: localPath && [...localPath, key],
        state: this.#tools.rules.pointers.step(state, key),
        isMember: false,
      });
    }
  }

  #arrays(spot: Spot<JsonArray>): void {
    const { path, localPath, state } = spot;
    const [originals, locals] = [spot.original.items, spot.local.items];
    const sequence = (items: readonly JsonValue[]) => ({
      ids: items.map((item) => item.visible),
      likeness: items.map((item) => this.#ids.likeness(item)),
    });
    for (const step of align(sequence(originals), sequence(locals))) {
      const at = "original" in step ? step.original : undefined;
      const localAt = "local" in step ? step.local : undefined;
      const [one, other] = [originals[at ?? -1], locals[localAt ?? -1]];
      if (one?.exact === other?.exact) continue;
      const shown = (at ?? localAt) as number; // a step has at least one of them
      const hasMoved = localPath !== undefined || (localAt !== undefined && localAt !== shown);
      this.values({
        original: one,
        local: other,
        path: [...path, shown],
        localPath: hasMoved ? [...(localPath ?? path), localAt ?? shown] : undefined,
        state: this.#tools.rules.pointers.step(state, shown),
        isMember: one === undefined || other === undefined,
      });
    }
  }

  #add(spot: Spot<JsonValue | undefined>): void {
    const { original, local, path, localPath } = spot;
    const { rules, secrets, list } = this.#tools;
    const kind = original && local && original.type !== local.type ? "kind" : presenceKind(original, local);
    list.add({
      kind,
      place: place(path),
      ...(localPath ? { localPlace: place(localPath) } : {}),
      original: original && (() => secrets.json(path, original)),
      local: local && (() => secrets.json(path, local)),
      rule: rules.pointers.hides(spot.state, spot.isMember),
    });
  }
}

/** The root of a JSON body is the body. */
function place(path: readonly PathStep[]): Place {
  return path.length === 0 ? { at: "body" } : { at: "json", path };
}
