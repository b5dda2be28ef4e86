import { ClientError } from "../../errors.ts";
import { printable } from "../../text/paint.ts";

/** Longer than any name, path or address with all that may stand beside it. */
const MAX_TEXT_LENGTH = 1024;

/** What a user has written, and where in it a mistake is. */
export class Written {
  readonly text: string;
  readonly #flag: string;

  /** @param flag what the text was given for. @throws ClientError `usage` when it is too long to be meant */
  constructor(text: string, flag: string) {
    this.text = text;
    this.#flag = flag;
    if (text.length > MAX_TEXT_LENGTH)
      throw new ClientError("usage", `${flag}: a text of ${text.length} characters`, {
        hint: `At most ${MAX_TEXT_LENGTH} are read.`,
      });
  }

  /** An error with the text and a caret under the place. */
  wrong(at: number, what: string, hint: string): ClientError {
    const place = `  ${printable(this.text)}\n  ${" ".repeat(at)}^`;
    return new ClientError("usage", `${this.#flag}: ${what}\n${place}`, { hint });
  }
}
