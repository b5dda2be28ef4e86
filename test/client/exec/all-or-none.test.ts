import t from "tap";
import { allOrNone } from "../../../src/client/exec/all-or-none.ts";

void t.test(
  "when one fails the others are stopped, and what they make all the same is disposed of",
  async (t) => {
    const stop = new AbortController();
    let disposed = 0;
    const late = new Promise<AsyncDisposable>((resolve) => {
      stop.signal.addEventListener("abort", () =>
        resolve({
          [Symbol.asyncDispose]: async () => {
            disposed++;
          },
        }),
      );
    });
    await t.rejects(
      allOrNone([late, Promise.reject(new Error("first"))], () => stop.abort()),
      /first/,
    );
    t.equal(disposed, 1);
    t.same(await allOrNone([Promise.resolve(1), Promise.resolve("a")]), [1, "a"]);
  },
);
