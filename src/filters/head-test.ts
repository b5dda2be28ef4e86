import type { RequestHead } from "../http/index.ts";

/** Says yes or no to a request; a compiled clause. */
export interface HeadTest {
  matches(head: RequestHead): boolean;
}

/** Holds when every part holds; without parts always. */
export class AllTest implements HeadTest {
  readonly #parts: readonly HeadTest[];

  constructor(parts: readonly HeadTest[]) {
    this.#parts = parts;
  }

  matches(head: RequestHead): boolean {
    for (const part of this.#parts) if (!part.matches(head)) return false;
    return true;
  }
}

/** Holds when one part holds; without parts never. */
export class AnyTest implements HeadTest {
  readonly #parts: readonly HeadTest[];

  constructor(parts: readonly HeadTest[]) {
    this.#parts = parts;
  }

  matches(head: RequestHead): boolean {
    for (const part of this.#parts) if (part.matches(head)) return true;
    return false;
  }
}

/** Holds when its part does not. */
export class NotTest implements HeadTest {
  readonly #part: HeadTest;

  constructor(part: HeadTest) {
    this.#part = part;
  }

  matches(head: RequestHead): boolean {
    return !this.#part.matches(head);
  }
}

/** Holds for a method out of a list, with its case. */
export class MethodTest implements HeadTest {
  readonly #methods: ReadonlySet<string>;

  constructor(methods: readonly string[]) {
    this.#methods = new Set(methods);
  }

  matches(head: RequestHead): boolean {
    return this.#methods.has(head.method);
  }
}
