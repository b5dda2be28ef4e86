import { closeDescriptor, sealedFile } from "../../../../kernel/index.ts";

/** Contents change once a second at most, and opening one takes no time. */
const MAX_FORMER = 8;

/** Contents that stand for files of the pod, by path; each is one file in memory, so that it looks the same to all who open it. */
export class MadeFiles implements Disposable {
  readonly #descriptors = new Map<string, number>();
  /** The oldest first. Somebody may be about to open one by its number. */
  readonly #former: number[] = [];

  /** What is open already keeps its content. */
  set(path: string, content: Uint8Array): void {
    const fresh = sealedFile(path.slice(path.lastIndexOf("/") + 1), content);
    const former = this.#descriptors.get(path);
    this.#descriptors.set(path, fresh);
    if (former !== undefined) this.#former.push(former);
    if (this.#former.length > MAX_FORMER) closeDescriptor(this.#former.shift() ?? -1);
  }

  get paths(): string[] {
    return [...this.#descriptors.keys()];
  }

  /** A descriptor that stays ours. */
  get(path: string): number | undefined {
    return this.#descriptors.get(path);
  }

  [Symbol.dispose](): void {
    for (const descriptor of [...this.#descriptors.values(), ...this.#former]) closeDescriptor(descriptor);
    this.#descriptors.clear();
    this.#former.length = 0;
  }
}
