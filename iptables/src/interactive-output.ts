import type { Readable } from "node:stream";
import { NftError } from "./errors.ts";

/** A line that nft always answers on stdout, with one line, and without asking the kernel. */
const STDOUT_SENTINEL = "describe inet_service";
const STDOUT_SENTINEL_ANSWER = /(?:^|\n)[^\n]*datatype inet_service \([^\n]*\n$/;
/** An answer larger than this ends the session: nothing that we ask for is nearly as long. */
const MAX_ANSWER_CHARACTERS = 64 * 1024 * 1024;

interface Answer {
  readonly stdout: string;
  readonly stderr: string;
}

interface Question {
  readonly stderrSentinel: string;
  readonly settle: PromiseWithResolvers<Answer>;
}

/**
 * Knows where the answer of `nft -i` to one line ends.
 *
 * A transaction that succeeds prints nothing, so two more lines follow it: one that answers on stdout, and one that is a fault and
 * is answered on stderr, quoted, hence with a number of its own. Both pipes are read independently, therefore two.
 */
export class InteractiveOutput {
  #stdout = "";
  #stderr = "";
  #count = 0;
  #question: Question | undefined;
  #endedBy: NftError | undefined;

  constructor(stdout: Readable, stderr: Readable) {
    stdout.setEncoding("utf8").on("data", (text: string) => {
      this.#stdout += text;
      this.#look();
    });
    stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr += text;
      this.#look();
    });
  }

  /** What to write to nft for a line, and a promise of its answer. One line at a time. */
  answerTo(line: string): { input: string; settled: Promise<Answer> } {
    if (this.#question) throw new NftError("busy", "nft has not answered the last line yet");
    const stderrSentinel = `magpie-end-of-${++this.#count}`;
    const settle = Promise.withResolvers<Answer>();
    this.#stdout = "";
    this.#stderr = "";
    this.#question = { stderrSentinel, settle };
    if (this.#endedBy) this.end(this.#endedBy);
    return { input: `${line}\n${STDOUT_SENTINEL}\n${stderrSentinel}\n`, settled: settle.promise };
  }

  /** No more answers will come: the open one is refused with the error, and those to come as well. */
  end(error: NftError): void {
    this.#endedBy ??= error;
    this.#question?.settle.reject(this.#endedBy);
    this.#question = undefined;
  }

  /** The end of what nft said on stderr since the last answer: the reason when it ends by itself. */
  lastWords(): string {
    return this.#stderr.trim().slice(-500);
  }

  #look(): void {
    const question = this.#question;
    if (this.#stdout.length + this.#stderr.length > MAX_ANSWER_CHARACTERS)
      this.end(new NftError("command-failed", "nft's answer has no end"));
    if (question === undefined || !STDOUT_SENTINEL_ANSWER.test(this.#stdout.slice(-512))) return;
    // The fault's three lines: message, the quoted line, carets.
    const quoted = `\n${question.stderrSentinel}\n`;
    const quotedAt = this.#stderr.lastIndexOf(quoted);
    if (quotedAt < 0 || !this.#stderr.slice(quotedAt + quoted.length).includes("\n")) return;
    this.#question = undefined;
    question.settle.resolve({
      stdout: this.#stdout.replace(STDOUT_SENTINEL_ANSWER, "\n").trimStart(),
      stderr: this.#stderr.slice(0, this.#stderr.lastIndexOf("\n", quotedAt - 1) + 1),
    });
    // The sentinel is no word of nft's own.
    this.#stderr = "";
  }
}
