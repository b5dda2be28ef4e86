import { once, EventEmitter } from "node:events";
import { type AskableSession, type Asker, Control } from "../../../src/agent/control/index.ts";
import { namedFields, readFilter } from "../../../src/filters/index.ts";
import { Routes } from "../../../src/agent/routing/index.ts";
import { Trace } from "../../../src/agent/trace/index.ts";
import type { Json, ListedSession, Question } from "../../../src/protocol/index.ts";
import { stealEverything } from "../../fixtures/subscribe.ts";

/** Somebody who asks, in a test's hands. */
export class TestAsker implements Asker {
  readonly session = "asker";
  readonly bodies: Json[] = [];
  refused: string | undefined;
  isFinished = false;
  /** What `tell` gives: false is a tunnel that is full. */
  takesMore = true;
  readonly #withdrawn = new AbortController();
  readonly #changes = new EventEmitter();

  get signal(): AbortSignal {
    return this.#withdrawn.signal;
  }

  tell(body: object): boolean {
    this.#note(body);
    return this.takesMore;
  }

  finish(body: object): void {
    this.isFinished = true;
    this.#note(body);
  }

  refuse(code: string): void {
    this.refused = code;
    this.#changes.emit("change");
  }

  withdraw(): void {
    this.#withdrawn.abort();
  }

  async until(holds: (asker: this) => boolean): Promise<this> {
    while (!holds(this)) await once(this.#changes, "change");
    return this;
  }

  async over(): Promise<this> {
    return await this.until(({ isFinished, refused }) => isFinished || refused !== undefined);
  }

  #note(body: object): void {
    // As it comes out of the wire.
    this.bodies.push(JSON.parse(JSON.stringify(body)) as Json);
    this.#changes.emit("change");
  }
}

/** An agent that remembers, with sessions whose key is their name. */
export class AskedAgent {
  readonly trace = new Trace();
  readonly routes = new Routes({ onPortsChanged: () => undefined });
  readonly #sessions: AskableSession[] = [];
  readonly #control = new Control({
    sessions: () => this.#sessions,
    trace: this.trace,
    routes: this.routes,
    metrics: { families: () => [] },
  });

  /** A session as `subscriptionOf` names it, with the wire form of its filter. */
  join(holder: string, filter: Json): void {
    const { mode, priority } = stealEverything;
    const held = { id: 1, port: 80, mode, filter, priority, revision: 1, since: 0, requests: 0 };
    const listed: ListedSession = {
      id: `s-${holder}`,
      name: holder,
      since: 0,
      awaySince: null,
      subscriptions: [{ ...held, copies: null, until: null, requestsLeft: null }],
    };
    this.#sessions.push({
      id: listed.id,
      name: holder,
      isObserver: false,
      holdsKey: (key) => key === holder,
      names: filter === null ? new Set() : namedFields(readFilter(filter)),
      listed: () => listed,
      release: () => Promise.reject(new Error("not in this test")),
      setFilter: () => {
        throw new Error("not in this test");
      },
    });
  }

  ask(question: Question): TestAsker {
    const asker = new TestAsker();
    void this.#control.answer(question, asker);
    return asker;
  }
}

/** The proof of a session of such an agent. */
export function proof(holder: string): { session: string; key: string } {
  return { session: `s-${holder}`, key: holder };
}
