import t from "tap";
import type { ClientError } from "../../../src/client/errors.ts";
import { boundsOfFlags } from "../../../src/client/subscription-flags/bounds-flags.ts";

void t.test("a session without bounds ends when it is told to", async (t) => {
  t.same(boundsOfFlags({}, []), { maxRequests: null, forMs: null });
  t.same(boundsOfFlags({ maxRequests: "3", for: "10m" }, []), { maxRequests: 3, forMs: 600_000 });
});

void t.test("every mistake in a bound is told", async (t) => {
  const problems: ClientError[] = [];
  boundsOfFlags({ maxRequests: "0", for: "soon" }, problems);
  t.match(problems, [{ message: /--max-requests "0"/ }, { message: /--for "soon"/ }]);
  for (const text of ["-1", "1.5", "many", "9".repeat(16)]) {
    const problems: ClientError[] = [];
    boundsOfFlags({ maxRequests: text }, problems);
    t.equal(problems.length, 1, text);
  }
});
