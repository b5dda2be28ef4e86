import { setTimeout as pause } from "node:timers/promises";
import t from "tap";
import {
  dataFrameHeader,
  encodePlain,
  type HeaderPair,
  headersFrames,
  settingsAckFrame,
  settingsFrame,
} from "../../../../src/http/index.ts";
import { InboundStage } from "../inbound-stage.ts";
import { StrictClient } from "./strict-client.ts";

const mine: HeaderPair = ["x-user", "ann"];
const ok: HeaderPair = [":status", "200"];
/** Far more than the kernel takes for sockets on loopback. */
const BODY_BYTES = 40_000_000;
const PIECE_BYTES = 16_000;
const MAX_WINDOW_BYTES = 2 ** 31 - 1;

/** A client whose windows never end, and an app whose frames a test writes itself. */
async function wideOpen() {
  const stage = await InboundStage.start({ steal: "header(x-user) == ann" });
  const connecting = stage.connect();
  const app = await stage.app();
  const client = new StrictClient(await connecting, { windowBytes: MAX_WINDOW_BYTES });
  client.isGenerous = false;
  client.grant(0, MAX_WINDOW_BYTES - 65_535);
  app.send(Buffer.concat([settingsFrame([]), settingsAckFrame()]));
  await client.until(() => client.hasSettings);
  return {
    stage,
    app,
    client,
    async [Symbol.asyncDispose]() {
      await stage[Symbol.asyncDispose]();
    },
  };
}

/** Gives what `count` says once it has not changed for 100 ms. */
async function settled(count: () => number): Promise<number> {
  let last = count();
  for (let still = 0; still < 20; still++) {
    await pause(5);
    if (count() !== last) still = 0;
    last = count();
  }
  return last;
}

for (const when of ["before a stolen stream", "behind a stolen stream"])
  void t.test(`a client that does not read stops its app, ${when}; every byte arrives`, async (t) => {
    await using all = await wideOpen();
    const { stage, app, client } = all;
    if (when === "behind a stolen stream") {
      const { id } = client.request([mine]);
      (await stage.session.next()).say("response", [ok]).finish();
      await client.over(id);
    }
    const { id, stream } = client.request([]);
    app.send(headersFrames({ streamId: id, block: encodePlain([ok]), endStream: false }));
    await client.until(() => stream.heads.length === 1);
    client.end.socket.pause();
    const piece = Buffer.alloc(PIECE_BYTES, "x");
    for (let left = BODY_BYTES; left > 0; left -= PIECE_BYTES)
      app.send(
        Buffer.concat([
          dataFrameHeader({ streamId: id, length: PIECE_BYTES, endStream: left <= PIECE_BYTES }),
          piece,
        ]),
      );
    const left = await settled(() => app.socket.writableLength);
    t.ok(left > BODY_BYTES / 2, `${left} bytes wait at the app`);
    client.end.socket.resume();
    t.equal((await client.over(id)).bodyBytes, BODY_BYTES);
  });

void t.test("a client that does not read gives its session no credit; every byte arrives", async (t) => {
  await using all = await wideOpen();
  const { stage, client } = all;
  const { id, stream } = client.request([mine]);
  const local = (await stage.session.next()).say("response", [ok]);
  await client.until(() => stream.heads.length === 1);
  client.end.socket.pause();
  const piece = Buffer.alloc(PIECE_BYTES, "x");
  for (let left = BODY_BYTES; left > 0; left -= PIECE_BYTES) local.data(piece);
  local.finish();
  const credit = await settled(() => local.creditBytes);
  t.ok(credit < BODY_BYTES / 2, `${credit} bytes were taken`);
  client.end.socket.resume();
  t.equal((await client.over(id)).bodyBytes, BODY_BYTES);
  t.equal(local.creditBytes, BODY_BYTES);
});
