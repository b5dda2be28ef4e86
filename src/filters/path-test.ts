import type { RequestHead } from "../http/index.ts";
import type { PathTest as PathTestForm } from "./filter.ts";
import type { HeadTest } from "./head-test.ts";
import { originForm, pathEnd } from "./origin-form.ts";
import { textTest } from "./text-test.ts";
import type { TextTest } from "./text-test.ts";

/** Which of the two a path test looks at: the path alone, the path with its query, or one after the other. */
export function pathScope(test: PathTestForm): "with" | "without" | "either" {
  return test.query ?? ("matches" in test ? "either" : "without");
}

/** Holds when the path of the request passes a comparison; never for a request that has no path. */
export class PathTest implements HeadTest {
  readonly #comparison: TextTest;
  readonly #scope: "with" | "without" | "either";

  constructor(test: PathTestForm) {
    this.#comparison = textTest(test);
    this.#scope = pathScope(test);
  }

  matches(head: RequestHead): boolean {
    const target = originForm(head);
    if (target === undefined) return false;
    const end = pathEnd(target);
    if (this.#scope !== "with" && this.#comparison.test(target, 0, end)) return true;
    if (this.#scope === "without" || (this.#scope === "either" && end === target.length)) return false;
    return this.#comparison.test(target, 0, target.length);
  }
}
