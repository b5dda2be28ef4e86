import t from "tap";
import type { Answer } from "../../../src/client/compare/index.ts";
import { type AskOriginal, NoiseQueue } from "../../../src/client/mirror/noise-queue.ts";
import type { AnsweredPair } from "../../../src/client/mirror/pairs.ts";
import { answer } from "../compare/answers.ts";

function pair(
  target: string,
  change: Partial<AnsweredPair["request"]> & { original?: Answer } = {},
): AnsweredPair {
  const { original = answer("a"), ...request } = change;
  return {
    request: { method: "GET", target, isHeadOnly: true, mayUpgrade: false, ...request },
    // Not looked at by the queue.
    opening: { meta: {} as AnsweredPair["opening"]["meta"], head: Buffer.alloc(0) },
    original,
    local: answer("b"),
  };
}

/** A queue whose pairs go on to differ until `learnsAt` answers have come. */
function queue({ ask, learnsAt = Number.POSITIVE_INFINITY }: { ask: AskOriginal; learnsAt?: number }) {
  const settled: string[] = [];
  let learned = 0;
  const noise = new NoiseQueue({
    ask,
    learn: () => void learned++,
    differs: () => learned < learnsAt,
    onSettled: ({ request }) => settled.push(request.target),
  });
  return { noise, settled, learned: () => learned };
}

const whenever = () => ({ signal: AbortSignal.timeout(10_000) });

void t.test("one question at a time, and what was learned settles all that wait for it", async (t) => {
  let atOnce = 0;
  let most = 0;
  let asked = 0;
  const { noise, settled } = queue({
    ask: async () => {
      asked++;
      most = Math.max(most, ++atOnce);
      await new Promise((resolve) => setTimeout(resolve, 5));
      atOnce--;
      return answer("c");
    },
    learnsAt: 2,
  });
  for (const target of ["/a", "/b", "/c/1", "/c/2"]) t.ok(noise.take(pair(target)));
  await noise.settled(whenever());
  t.same([most, asked], [1, 2]);
  t.same(settled.toSorted(), ["/a", "/b", "/c/1", "/c/2"]);
});

void t.test("only what is safe, whole and all in its head is asked again", async (t) => {
  const { noise } = queue({ ask: () => Promise.resolve(undefined) });
  const cut = answer("a", { end: { how: "cut", reason: "reset" } });
  t.same(
    [
      pair("/", { method: "POST" }),
      pair("/", { method: "get" }),
      pair("/", { isHeadOnly: false }),
      pair("/", { original: cut }),
    ].map((one) => noise.take(one)),
    [false, false, false, false],
  );
  t.ok(noise.take(pair("/", { method: "OPTIONS" })));
  noise.flush();
});

void t.test("a route that was asked for three times is asked for no more", async (t) => {
  let asked = 0;
  const { noise, settled } = queue({ ask: () => Promise.resolve(void asked++) });
  t.ok(noise.take(pair("/items/1")));
  await noise.settled(whenever());
  t.equal(asked, 3);
  t.same(settled, ["/items/1"]);
  t.notOk(noise.take(pair("/items/2")));
  t.ok(noise.take(pair("/other")));
  noise.flush();
});

void t.test("its bound is kept: what does not fit is not held", async (t) => {
  const { noise, settled } = queue({ ask: () => new Promise(() => undefined) });
  for (let index = 0; index < 256; index++) t.ok(noise.take(pair(`/r${index}`)));
  t.notOk(noise.take(pair("/more")));
  noise.flush();
  t.equal(settled.length, 256);
  const { noise: large } = queue({ ask: () => new Promise(() => undefined) });
  const original = answer(Buffer.alloc(40 * 1024 * 1024));
  t.same([large.take(pair("/a", { original })), large.take(pair("/b", { original }))], [true, false]);
  large.flush();
});

void t.test("a flush settles all at once and cancels the question; later pairs are held again", async (t) => {
  let signal: AbortSignal | undefined;
  const { noise, settled } = queue({
    ask: (_pair, options) => {
      signal = options.signal;
      return new Promise(() => undefined);
    },
  });
  noise.take(pair("/a"));
  noise.take(pair("/b"));
  noise.flush();
  t.same(settled, ["/a", "/b"]);
  t.ok(signal?.aborted);
  await noise.settled(whenever());
  t.ok(noise.take(pair("/c")));
  noise.flush();
});
