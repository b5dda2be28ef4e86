import t from "tap";
import {
  dataFrameHeader,
  encodePlain,
  type HeaderPair,
  headersFrames,
  pingFrame,
  RfcErrorCode,
  rstStreamFrame,
  SettingId,
  settingsAckFrame,
  settingsFrame,
} from "../../../../src/http/index.ts";
import { InboundStage } from "../inbound-stage.ts";
import { StrictClient } from "./strict-client.ts";

const mine: HeaderPair = ["x-user", "ann"];
const ok: HeaderPair = [":status", "200"];
/** `x: y`, which goes into the table (RFC 7541 §6.2.1), and the entry that it becomes. */
const intoTable = Buffer.from("\x40\x01x\x01y", "latin1");
const fromTable = Buffer.of(0xbe);

void t.test(
  "what waits for the client's window lets no header block, and nothing that bears on one, overtake it",
  async (t) => {
    await using stage = await InboundStage.start({ steal: "header(x-user) == ann" });
    const connecting = stage.connect();
    const app = await stage.app();
    const client = new StrictClient(await connecting);
    client.isGenerous = false;
    app.send(Buffer.concat([settingsFrame([]), settingsAckFrame()]));
    await client.until(() => client.hasSettings);
    const [first, second, third] = [client.request([]), client.request([]), client.request([])];
    const stolen = client.request([mine]);
    (await stage.session.next()).say("response", [ok]).data(Buffer.alloc(100_000, "x")).finish();
    await client.until(() => stolen.stream.bodyBytes === 65_535);
    const head = headersFrames({ streamId: first.id, block: encodePlain([ok]), endStream: false });
    app.send(head);
    await client.until(() => first.stream.heads.length === 1);
    client.end.send(settingsFrame([{ id: SettingId.headerTableSize, value: 8_192 }]));

    const from = client.end.text.length;
    const waiting = Buffer.concat([
      dataFrameHeader({ streamId: first.id, length: 10, endStream: false }),
      Buffer.from("0123456789"),
      headersFrames({
        streamId: second.id,
        block: Buffer.concat([encodePlain([ok]), intoTable]),
        endStream: false,
      }),
      // From here on blocks may be made for a larger table.
      settingsAckFrame(),
      rstStreamFrame(second.id, RfcErrorCode.cancel),
      headersFrames({
        streamId: third.id,
        block: Buffer.concat([encodePlain([ok]), fromTable]),
        endStream: true,
      }),
    ]);
    const ping = pingFrame(Buffer.from("12345678"), { ack: true });
    app.send(Buffer.concat([waiting, ping]));
    await client.until(() => client.pings.length === 1);
    t.equal(client.end.text.slice(from), ping.toString("latin1"), "a ping waits for nothing");

    client.grant(0, 10);
    await client.until(() => third.stream.ended);
    t.equal(
      client.end.text.slice(from + ping.length),
      waiting.toString("latin1"),
      "all of it in the order in which it came",
    );
    t.same([first.stream.text, third.stream.field("x")], ["0123456789", "y"]);
    t.equal(second.stream.reset, RfcErrorCode.cancel);
  },
);

void t.test(
  "a stream that its app resets leaves its DATA behind, and what waited behind that goes",
  async (t) => {
    await using stage = await InboundStage.start({ steal: "header(x-user) == ann" });
    const connecting = stage.connect();
    const app = await stage.app();
    const client = new StrictClient(await connecting);
    client.isGenerous = false;
    app.send(Buffer.concat([settingsFrame([]), settingsAckFrame()]));
    await client.until(() => client.hasSettings);
    const [first, second] = [client.request([]), client.request([])];
    const stolen = client.request([mine]);
    (await stage.session.next()).say("response", [ok]).data(Buffer.alloc(65_535, "x")).finish();
    await client.over(stolen.id);
    app.send(headersFrames({ streamId: first.id, block: encodePlain([ok]), endStream: false }));
    app.send(dataFrameHeader({ streamId: first.id, length: 4, endStream: false })).send("gone");
    app.send(headersFrames({ streamId: second.id, block: encodePlain([ok]), endStream: true }));
    app.send(rstStreamFrame(first.id, RfcErrorCode.cancel));
    t.equal((await client.over(first.id)).reset, RfcErrorCode.cancel);
    t.equal((await client.over(second.id)).status, "200");
    t.equal(first.stream.text, "");
  },
);
