import { ProcessMemory, SeccompListener } from "../../../kernel/index.ts";
import { answerCall, describeOutcome } from "./answer-call.ts";
import { CallerOfCall } from "./caller-of-call.ts";
import type { HeldCall, SlowCaller, SlowHandler, SlowVerdict, Verdict } from "./held-call.ts";
import type { SupervisorOptions } from "./supervisor.ts";

/** What the fast side has passed on. */
export interface PassedOn {
  readonly moduleIndex: number;
  readonly call: HeldCall;
  readonly kind: string;
  readonly about: unknown;
}

/** Answers on the main thread what takes time. */
export class SlowCalls {
  readonly #options: SupervisorOptions;
  readonly #memory = new ProcessMemory();
  #listener: SeccompListener | undefined;

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  serve(listenerDescriptor: number): void {
    this.#listener = new SeccompListener(listenerDescriptor);
  }

  take(passed: PassedOn): void {
    const listener = this.#listener;
    if (listener === undefined) throw new Error("a call before the listener is known");
    void this.#answer(listener, passed);
  }

  async #answer(listener: SeccompListener, passed: PassedOn): Promise<void> {
    const { call } = passed;
    const caller = new CallerOfCall({ listener, memory: this.#memory }).turnTo(call);
    const slowCaller: SlowCaller = Object.assign(caller, {
      interrupted: new AbortController().signal,
      addDescriptor(fd: number, { closeOnExec }: { closeOnExec: boolean }) {
        const added = listener.addDescriptor(call.id, { fd, closeOnExec });
        return added < 0 ? null : added;
      },
      answer: (verdict: Verdict) => answerCall(listener, call, verdict),
    });
    try {
      // Its module and its handler agree on what `about` is.
      const handler = this.#options.modules[passed.moduleIndex]?.slow[passed.kind] as SlowHandler | undefined;
      if (handler === undefined) throw new Error(`no slow handler ${passed.kind}`);
      const verdict = await handler(call, passed.about, slowCaller);
      if (verdict.as !== "answered") answerCall(listener, call, verdict);
      this.#trace(call, verdict);
    } catch (error) {
      listener.giveError(call.id, 5); // EIO
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.#options.onNotice(`a call of the program failed by a fault of magpie, in ${call.name}: ${text}`);
    }
  }

  #trace(call: HeldCall, verdict: SlowVerdict): void {
    this.#options.onAnswered?.({
      tid: call.tid,
      name: call.name,
      about: verdict.note ?? "",
      outcome: verdict.as === "answered" ? verdict.outcome : describeOutcome(verdict),
    });
  }
}
