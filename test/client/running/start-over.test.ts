import t from "tap";
import { ClientError, type ClientErrorCode } from "../../../src/client/errors.ts";
import { jsonReporter } from "../../../src/client/running/index.ts";
import { startOver } from "../../../src/client/running/start-over.ts";

/** Opens after these failures. */
function failing(...codes: readonly ClientErrorCode[]) {
  const told: string[] = [];
  let attempts = 0;
  return {
    told,
    attempts: () => attempts,
    open: () => {
      const code = codes[attempts++];
      return code === undefined
        ? Promise.resolve("a session")
        : Promise.reject(new ClientError(code, "a failure"));
    },
    reporter: jsonReporter((line) => told.push(line)),
  };
}

void t.test("what may pass is tried again, also a port that the lost session may still hold", async (t) => {
  const { open, reporter, told } = failing("agent-unreachable", "subscribe-refused");
  t.equal(await startOver({ open, reporter, signal: AbortSignal.timeout(20_000) }), "a session");
  t.match(told, [/"state":"rejoined"/]);
});

void t.test("what another attempt does not change ends it", async (t) => {
  for (const code of ["target-unknown", "usage", "not-permitted"] as const) {
    const { open, reporter, attempts } = failing(code);
    await t.rejects(startOver({ open, reporter, signal: AbortSignal.timeout(20_000) }), { code });
    t.equal(attempts(), 1);
  }
});

void t.test("its signal ends the waiting at once", async (t) => {
  const { open, reporter, attempts } = failing();
  const enough = new AbortController();
  const starting = startOver({ open, reporter, signal: enough.signal });
  enough.abort();
  await t.rejects(starting, { name: "AbortError" });
  t.equal(attempts(), 0);
});
