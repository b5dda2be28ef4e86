import t from "tap";
import { splitEvery } from "../fixtures/byte-splits.ts";
import { Scene } from "../fixtures/scene.ts";
import { answer, message } from "../fixtures/wire-messages.ts";

const match = "x-tenant: blue";
const mine = message(["GET / HTTP/1.1", match]);
const fromApp = answer(200, "from the app");
const fromLocal = answer(200, "from local");
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");

/** Answers each request on a connection. */
function always(bytes: Buffer) {
  const counts = Array.from({ length: 20 }, (_, index) => index + 1);
  return { answers: counts.map((count) => ({ afterBytes: count * mine.length, chunks: [bytes] })) };
}

void t.test("connections that exist already are left alone", async (t) => {
  await using scene = await Scene.create({ label: "alone" });
  const { app, local, client, to } = scene;
  await app.setScript(always(fromApp));
  await local.setScript(always(fromLocal));
  const old = await client.open(to);
  const ask = async (connection: typeof old, wanted: Buffer) => {
    await connection.send({ chunks: [mine] });
    return text((await connection.read({ bytes: wanted.length })).bytes);
  };
  t.equal(await ask(old, fromApp), text(fromApp));
  await using steal = await scene.steal("--header", `^${match}$`);
  for (let round = 0; round < 3; round++)
    t.equal(await ask(old, fromApp), text(fromApp), "the old one stays with the app");
  const young = await client.open(to);
  t.equal(await ask(young, fromLocal), text(fromLocal), "a new one is stolen from");
  await steal.end();
  t.equal(await ask(old, fromApp), text(fromApp), "and the old one lives on");
});

void t.test("with --take-over idle ones are reset, and busy ones after their exchange", async (t) => {
  await using scene = await Scene.create({ label: "over" });
  const { app, local, client, to } = scene;
  await app.setScript(always(fromApp));
  await local.setScript(always(fromLocal));
  const idle = await client.open(to);
  await idle.send({ chunks: [mine] });
  await idle.read({ bytes: fromApp.length });
  // Under way when the port is stolen, and for a good while after it; pieces further apart than half a second would look
  // like an answer that is over.
  const pieces = splitEvery(fromApp, 4);
  await app.setScript({ answers: [{ afterBytes: mine.length, chunks: pieces, gapMs: 350 }] });
  const busy = await client.open(to);
  await using stealing = await scene.steal("--header", `^${match}$`, "--priority", "1");
  await busy.send({ chunks: [mine] });
  const begun = text((await busy.read({ bytes: 1 })).bytes);
  const young = await client.open(to);
  await young.send({ chunks: [mine] });
  t.equal(text((await young.read({ bytes: fromLocal.length })).bytes), text(fromLocal));
  await using steal = await scene.steal("--header", "^x-tenant: green$", "--take-over");

  t.equal((await idle.read({})).why, "reset", "the idle one");
  t.match(await steal.event("notice", { fits: ({ code }) => code === "take-over" }), { message: /port 80/ });
  const { bytes, why } = await busy.read({ timeoutMs: 10_000 });
  t.equal(begun + text(bytes), text(fromApp), "the busy one has the whole of its answer");
  t.equal(why, "reset", "and is reset then");
  await young.send({ chunks: [mine] });
  t.equal(
    text((await young.read({ bytes: fromLocal.length })).bytes),
    text(fromLocal),
    "the agent's own are not touched",
  );
  t.ok(stealing.proc.running);
});
