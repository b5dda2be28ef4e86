import { ProcessMemory, SeccompListener } from "../../../kernel/index.ts";
import { answerCall, describeOutcome, discardVerdict } from "./answer-call.ts";
import { CallerOfCall } from "./caller-of-call.ts";
import type { HeldCall, SlowCaller, SlowHandler, SlowVerdict, Verdict } from "./held-call.ts";
import { hasHandledSignalPending } from "./pending-signals.ts";
import { subjectOfCall } from "./subject-of-call.ts";
import type { SupervisorOptions } from "./supervisor.ts";

/** What the fast side has passed on. */
export interface PassedOn {
  readonly moduleIndex: number;
  readonly call: HeldCall;
  readonly kind: string;
  readonly about: unknown;
}

/** How often it is looked whether the callers of calls under way still wait, and undisturbed. */
const LOOK_MS = 100;

interface UnderWay {
  readonly call: HeldCall;
  readonly interrupted: AbortController;
}

/**
 * Answers on the main thread what takes time. How many are under way is bounded by the program's threads, each of which
 * waits for one call at most.
 */
export class SlowCalls {
  readonly #options: Pick<SupervisorOptions, "modules" | "onAnswered" | "onNotice">;
  readonly #memory = new ProcessMemory();
  readonly #underWay = new Set<UnderWay>();
  readonly #faultsTold = new Set<string>();
  #listener: SeccompListener | undefined;
  #looking: NodeJS.Timeout | undefined;

  constructor(options: Pick<SupervisorOptions, "modules" | "onAnswered" | "onNotice">) {
    this.#options = options;
  }

  /** To be called before the first call is taken. */
  serve(listenerDescriptor: number): void {
    this.#listener = new SeccompListener(listenerDescriptor);
  }

  take(passed: PassedOn): void {
    // After the end: its caller is gone, or gets ENOSYS when the listener closes.
    if (this.#listener !== undefined) void this.#answer(this.#listener, passed);
  }

  /** The listener is about to be closed, and its number may become another file's: nothing is answered from here on. */
  end(): void {
    this.#listener = undefined;
    for (const { interrupted } of this.#underWay) interrupted.abort();
    clearInterval(this.#looking);
    this.#looking = undefined;
  }

  async #answer(listener: SeccompListener, passed: PassedOn): Promise<void> {
    const { call } = passed;
    const interrupted = new AbortController();
    const underWay = { call, interrupted };
    const caller = new CallerOfSlowCall({
      listener,
      memory: this.#memory,
      interrupted: interrupted.signal,
      call,
    });
    this.#underWay.add(underWay);
    this.#looking ??= setInterval(() => this.#look(), LOOK_MS).unref();
    let verdict: SlowVerdict;
    try {
      // Its module and its handler agree on what `about` is.
      const handler = this.#options.modules[passed.moduleIndex]?.slow[passed.kind] as SlowHandler | undefined;
      if (handler === undefined) throw new Error(`no slow handler ${passed.kind}`);
      verdict = await handler(call, passed.about, caller);
      if (caller.wasRefused) {
        if (verdict.as !== "answered") discardVerdict(verdict);
        verdict = { as: "errno", errno: "EACCES" };
      }
    } catch (error) {
      this.#fault(call, error);
      verdict = { as: "errno", errno: "EIO" };
    } finally {
      this.#underWay.delete(underWay);
      if (this.#underWay.size === 0) {
        clearInterval(this.#looking);
        this.#looking = undefined;
      }
    }
    if (verdict.as === "answered") this.#trace(call, verdict, verdict.outcome);
    else this.#give(call, verdict);
  }

  #give(call: HeldCall, verdict: Verdict): void {
    const listener = this.#listener;
    if (listener === undefined) {
      discardVerdict(verdict);
      return;
    }
    try {
      answerCall(listener, call, verdict);
    } catch (error) {
      this.#fault(call, error);
      listener.giveError(call.id, 5); // EIO
    }
    this.#trace(call, verdict, describeOutcome(verdict));
  }

  #trace(call: HeldCall, { note }: { readonly note?: string }, outcome: string): void {
    const { tid, name } = call;
    this.#options.onAnswered?.({ tid, name, about: subjectOfCall(call, note), outcome });
  }

  #look(): void {
    for (const { call, interrupted } of this.#underWay) {
      if (interrupted.signal.aborted) continue;
      const isGone = this.#listener?.isWaiting(call.id) !== true;
      if (isGone || hasHandledSignalPending(call.tid)) interrupted.abort();
    }
  }

  /** Once for each place and message. */
  #fault(call: HeldCall, error: unknown): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const key = `${call.name} ${text}`;
    if (this.#faultsTold.has(key) || this.#faultsTold.size >= 256) return;
    this.#faultsTold.add(key);
    this.#options.onNotice(`a call failed by a fault of magpie (${call.name}): ${text}`);
  }
}

class CallerOfSlowCall extends CallerOfCall implements SlowCaller {
  readonly interrupted: AbortSignal;
  readonly #listener: SeccompListener;
  readonly #call: HeldCall;

  constructor(parts: {
    listener: SeccompListener;
    memory: ProcessMemory;
    interrupted: AbortSignal;
    call: HeldCall;
  }) {
    super(parts);
    this.interrupted = parts.interrupted;
    this.#listener = parts.listener;
    this.#call = parts.call;
    this.turnTo(parts.call);
  }

  addDescriptor(descriptor: number, { closeOnExec }: { closeOnExec: boolean }): number | null {
    const added = this.#listener.addDescriptor(this.#call.id, { fd: descriptor, closeOnExec });
    return added < 0 ? null : added;
  }

  answer(verdict: Verdict): boolean {
    return answerCall(this.#listener, this.#call, verdict);
  }
}
