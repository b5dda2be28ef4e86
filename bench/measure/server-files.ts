import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onAbruptEnd } from "../../test/fixtures/abrupt-end.ts";

/** A folder in memory for configurations and bodies. `using` removes it, and so does an abrupt end. */
export class ServerFiles implements Disposable {
  readonly folder: string;
  readonly #withdraw: () => void;

  constructor() {
    this.folder = makeFolder();
    this.#withdraw = onAbruptEnd(() => this.#remove());
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** Writes a file, with the folders it lies in, and gives its path. */
  write(name: string, content: string | Uint8Array): string {
    const path = this.path(name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    return path;
  }

  [Symbol.dispose](): void {
    this.#withdraw();
    this.#remove();
  }

  #remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function makeFolder(): string {
  try {
    return mkdtempSync("/dev/shm/magpie-bench-");
  } catch {
    return mkdtempSync(join(tmpdir(), "magpie-bench-")); // Small containers have no memory file system.
  }
}
