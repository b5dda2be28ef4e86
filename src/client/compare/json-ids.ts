import { Interner } from "./interner.ts";
import { numberValue } from "./json-number.ts";
import type { JsonValue } from "./json-value.ts";
import type { PointerRules, PointerState } from "./pointer-rules.ts";

/** The id of what rules hide: one for all of it, so that it never tells two values apart. */
const hidden = 0;

/**
 * Numbers every value of two trees, so that equal ones have equal ids. Keys' order does not matter, numbers compare by
 * value. `visible` is the id of what is left when rules have hidden their places.
 */
export class JsonIds {
  readonly #ids = new Interner();
  readonly #rules: PointerRules;

  constructor(rules: PointerRules) {
    this.#rules = rules;
  }

  /** Fills the ids of a whole tree. */
  fill(value: JsonValue): void {
    this.#fill(value, this.#rules.root);
  }

  /**
   * Coarser ids for the elements of an array: what has the same name is meant to be the same thing, whatever else
   * has changed in it. Without a name only the kind and the keys count.
   */
  likeness(value: JsonValue): number {
    if (value.type !== "object") return this.#ids.id(`like ${value.type}`);
    for (const key of ["id", "_id", "uuid", "key", "name"]) {
      const name = value.members.get(key);
      if (name !== undefined && name.visible !== hidden) return this.#ids.id(`like ${key} ${name.visible}`);
    }
    return this.#ids.id(`like ${JSON.stringify([...value.members.keys()].sort())}`);
  }

  #fill(value: JsonValue, state: PointerState): void {
    const isHidden = this.#rules.hides(state, false) !== undefined;
    if (value.type === "array") {
      value.items.forEach((item, index) => this.#fill(item, this.#rules.step(state, index, true)));
      value.exact = this.#ids.id(`a${value.items.map((item) => item.exact).join()}`);
      value.visible = this.#ids.id(`a${value.items.map((item) => item.visible).join()}`);
    } else if (value.type === "object") {
      for (const [key, member] of value.members) this.#fill(member, this.#rules.step(state, key, true));
      this.#fillObject(value.members, value);
    } else {
      value.exact = this.#ids.id(scalar(value.type, value.text));
      value.visible = value.exact;
    }
    if (isHidden && (!this.#rules.takesBack || !("items" in value || "members" in value)))
      value.visible = hidden;
  }

  #fillObject(members: ReadonlyMap<string, JsonValue>, value: { exact: number; visible: number }): void {
    let exact = "o";
    let visible = "o";
    for (const key of [...members.keys()].sort()) {
      const member = members.get(key) as JsonValue; // the key is one of its own
      const name = this.#ids.id(`k${key}`);
      exact += `${name}:${member.exact},`;
      // Whether a hidden place is there at all is hidden too.
      if (member.visible !== hidden) visible += `${name}:${member.visible},`;
    }
    value.exact = this.#ids.id(exact);
    value.visible = this.#ids.id(visible);
  }
}

function scalar(type: "null" | "boolean" | "number" | "string", text: string): string {
  if (type === "string") return `s${text}`;
  return type === "number" ? `n${numberValue(text)}` : text;
}
