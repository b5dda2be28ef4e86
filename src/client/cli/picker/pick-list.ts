/** Something that can be chosen. */
export interface PickItem {
  /** What is taken: `deployment/web`. */
  readonly value: string;
  /** In whose order groups come: a smaller one first. */
  readonly rank: number;
  /** What else there is to say, in columns. */
  readonly about: readonly string[];
  /** It is not ready, but may be chosen nevertheless. */
  readonly isDim: boolean;
  /** What follows from choosing it. */
  readonly containers: readonly { readonly name: string; readonly sidecar: string | undefined }[];
  readonly namespace: string | undefined;
}

/**
 * What there is to choose from, as it is found. Those of a smaller rank come first, else the order is that in which they were
 * found; a value that comes again takes the place of the former.
 */
export class PickList {
  readonly #items = new Map<string, PickItem>();
  readonly #busy = new Set<string>();
  readonly #notes: string[] = [];
  #onChange: () => void = () => undefined;

  /** Is called at each change. */
  set onChange(listener: () => void) {
    this.#onChange = listener;
  }

  /** Who is being asked. */
  get busy(): readonly string[] {
    return [...this.#busy];
  }

  /** What could not be found out. */
  get notes(): readonly string[] {
    return this.#notes;
  }

  add(items: readonly PickItem[]): void {
    for (const item of items) this.#items.set(keyOf(item), item);
    this.#onChange();
  }

  /** Adds what comes of asking somebody; a failure is a note. */
  async ask(whom: string, find: () => readonly PickItem[] | Promise<readonly PickItem[]>): Promise<void> {
    this.#busy.add(whom);
    this.#onChange();
    try {
      this.add(await find());
    } catch (error) {
      this.#notes.push(`${whom}: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      this.#busy.delete(whom);
      this.#onChange();
    }
  }

  /** Those in which each word of a text stands somewhere, whatever its case. */
  matching(text: string): readonly PickItem[] {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    const all = [...this.#items.values()].toSorted((a, b) => a.rank - b.rank);
    return all.filter((item) => {
      const whole = [item.value, ...item.about, ...item.containers.map(({ name }) => name)];
      const line = whole.join(" ").toLowerCase();
      return words.every((word) => line.includes(word));
    });
  }
}

function keyOf({ namespace = "", value }: PickItem): string {
  return `${namespace} ${value}`;
}
