import { createClient } from "redis";

/** What is used of the client: its full type has more parameters than this example has lines. */
interface Counter {
  incr(key: string): Promise<number>;
  close(): Promise<unknown>;
}

/** Counts visits in Redis, where every copy of the service counts. */
export class Visits implements AsyncDisposable {
  readonly #client: Counter;

  private constructor(client: Counter) {
    this.#client = client;
  }

  static async connect(url: string): Promise<Visits> {
    const client = createClient({ url });
    client.on("error", (error) => console.error(`redis: ${String(error)}`));
    await client.connect();
    return new Visits(client);
  }

  async count(): Promise<number> {
    return await this.#client.incr("visits");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.close();
  }
}
