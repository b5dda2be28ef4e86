/** Tells people of what could not be done, each thing once: a program may try a million times. */
export class Notices {
  readonly #onNotice: (message: string) => void;
  readonly #told = new Set<string>();

  constructor(onNotice: (message: string) => void) {
    this.#onNotice = onNotice;
  }

  tell(key: string, message: string): void {
    if (this.#told.has(key) || this.#told.size >= MOST) return;
    this.#told.add(key);
    this.#onNotice(message);
  }
}

const MOST = 200;
