import t, { type Test } from "tap";
import { RawApp } from "../fixtures/raw-app.ts";
import type { RawConnection } from "../fixtures/raw-client.ts";
import { Scene } from "../fixtures/scene.ts";
import { answer, message } from "../fixtures/wire-messages.ts";

const match = "x-tenant: blue";
const filter = ["--header", `^${match}$`];
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");
const fromApp = answer(200, "from the app");

/** More than is kept for the app, and than a socket takes of somebody who does not read. */
const longBody = "0123456789abcdef".repeat(256 * 1024);
const requests: Record<string, { whole: Buffer; sent?: number }> = {
  GET: { whole: message(["GET /get HTTP/1.1", match]) },
  POST: { whole: message(["POST /post HTTP/1.1", match, "Content-Length: 4"], "body") },
  "PUT, half of it": { whole: message(["PUT /put HTTP/1.1", match, "Content-Length: 4"], "body"), sent: -2 },
  "POST of 4 MB": {
    whole: message(["POST /long HTTP/1.1", match, `Content-Length: ${longBody.length}`], longBody),
  },
  "POST that waits for 100": {
    whole: message(["POST /expect HTTP/1.1", match, "Expect: 100-continue", "Content-Length: 4"]),
  },
};

/** One caller for each request. */
async function ask({ client, to }: Scene): Promise<Map<string, RawConnection>> {
  const asking = new Map<string, RawConnection>();
  for (const [name, { whole, sent }] of Object.entries(requests)) {
    const connection = await client.open(to);
    // What is stuck on its way is not waited for.
    void connection.send({ chunks: [whole.subarray(0, sent)] });
    asking.set(name, connection);
  }
  return asking;
}

async function assertWaiting(t: Test, asking: Map<string, RawConnection>): Promise<void> {
  const reads = Array.from(asking, async ([name, connection]) => {
    t.equal((await connection.read({ timeoutMs: 400 })).why, "timeout", `${name}: waits`);
  });
  await Promise.all(reads);
}

/** Nobody but the local process may have had any of it. */
async function assertUnseen(t: Test, { app }: Scene): Promise<void> {
  const seen = (await app.records()).map(({ received }) => text(received));
  t.notOk(
    seen.some((bytes) => bytes.includes(match)),
    "the app saw none of it",
  );
}

void t.test("a local process that dies with requests that it has taken, read or not", async (t) => {
  await using scene = await Scene.create({ label: "killed" });
  await scene.app.setScript({ answers: [{ afterBytes: 1, chunks: [fromApp] }] });
  const local = await RawApp.start({ host: "127.0.0.1" });
  await using steal = await scene.steal("--port", `80:${local.port}`, ...filter);

  await t.test("while it is stopped, its kernel takes what it has not accepted: callers wait", async (t) => {
    local.proc.pause();
    const asking = await ask(scene);
    await assertWaiting(t, asking);
    await assertUnseen(t, scene);
    await local.proc.kill();
    for (const [name, connection] of asking) {
      const { bytes, why } = await connection.read({ timeoutMs: 10_000 });
      t.match(
        text(bytes),
        /^HTTP\/1\.1 502 [^]*\r\nMagpie-Error: local-closed\r\n/,
        `${name}: 502 with the reason`,
      );
      t.equal(why, "fin", name);
      await connection.close();
    }
    await assertUnseen(t, scene);
  });

  await t.test("behind it nothing listens: the app answers, and gets all of it", async (t) => {
    for (const [name, { whole, sent }] of Object.entries(requests)) {
      if (sent !== undefined) continue;
      await scene.app.forget();
      const { bytes } = await scene.client.exchange({
        ...{ ...scene.to, chunks: [whole] },
        until: { bytes: fromApp.length },
      });
      t.equal(text(bytes), text(fromApp), name);
      const { received } = await scene.app.record(0, { until: "accepted", bytes: whole.length });
      t.ok(whole.equals(received), `${name}: byte for byte`);
    }
  });
  t.ok(steal.proc.running);
});

void t.test("a session that is ended at once with requests that nobody has", async (t) => {
  await using scene = await Scene.create({ label: "atonce" });
  await scene.app.setScript({ answers: [{ afterBytes: 1, chunks: [fromApp] }] });
  // It takes connections and says nothing, so that a request of HTTP/2 waits for its SETTINGS.
  await using local = await RawApp.start({ host: "127.0.0.1" });
  const speech = ["--local-protocol", "http2"];
  await using steal = await scene.steal("--port", `80:${local.port}`, ...filter, ...speech);
  const post = requests["POST"]?.whole ?? Buffer.alloc(0);
  const connection = await scene.client.open(scene.to);
  await connection.send({ chunks: [post] });
  await local.record(0, { until: "accepted", bytes: 24 });
  steal.proc.signal("SIGINT");
  await steal.event("leaving");
  await new Promise((resolve) => setTimeout(resolve, 300)); // sooner, it would count as the same key
  steal.proc.signal("SIGINT");
  t.equal(text((await connection.read({ bytes: fromApp.length, timeoutMs: 10_000 })).bytes), text(fromApp));
  t.ok(post.equals((await scene.app.record(0, { until: "accepted" })).received), "the app has it, once");
  t.equal((await scene.app.records()).length, 1);
  const said = text((await local.record(0, { until: "ended" })).received);
  t.notMatch(said, /post/, "the local process never did");
});
