import t from "tap";
import { OriginalWay } from "../../../src/agent/inbound/original-way.ts";
import type { Endpoint } from "../../../src/kernel/index.ts";
import { InboundStage } from "./inbound-stage.ts";

const bystander = "GET /other HTTP/1.1\r\nHost: a\r\n\r\n";

/** A way to the stage's app whose dial is held back, and what its owner is told. */
function heldWay(stage: InboundStage) {
  stage.dialer.mode = "hold";
  const told: string[] = [];
  const to: Endpoint = { family: 4, address: "127.0.0.1", port: stage.port };
  const way = new OriginalWay({
    dialer: stage.dialer,
    from: { family: 4, address: "127.0.0.1", port: 1 },
    to,
    owner: {
      onBytes: () => told.push("bytes"),
      onEnd: () => told.push("end"),
      onDrain: () => told.push("drain"),
      onConnected: () => told.push("connected"),
      onClosed: () => told.push("closed"),
      onDialFailed: () => told.push("failed"),
      onOriginalRoom: () => told.push("room"),
    },
  });
  way.dial();
  return { way, told };
}

void t.test("a dial whose client was reset is closed without a byte", async (t) => {
  await using stage = await InboundStage.start({ steal: "header(x-user) == ann" });
  stage.dialer.mode = "hold";
  const client = await stage.connect();
  client.send(bystander);
  client.socket.resetAndDestroy();
  await stage.closed(1);
  stage.dialer.release("dial");
  const app = await stage.app();
  await app.over("fin");
  t.equal(app.bytes, 0);
});

void t.test(
  "what a client sent before it left in good order reaches an app that was being dialled",
  async (t) => {
    await using stage = await InboundStage.start();
    const { way, told } = heldWay(stage);
    way.send(Buffer.from(bystander), 0, bystander.length);
    way.leave();
    stage.dialer.release("dial");
    const app = await stage.app();
    await app.over("fin");
    t.equal(app.text, bystander);
    t.same(
      told.filter((what) => what !== "closed"),
      [],
    );
  },
);

void t.test("a client that left in good order without a word leaves no connection to the app", async (t) => {
  await using stage = await InboundStage.start();
  const { way, told } = heldWay(stage);
  way.leave();
  t.equal(way.at, "failed");
  stage.dialer.release("dial");
  const app = await stage.app();
  await app.over("fin");
  t.equal(app.bytes, 0);
  t.notOk(told.some((what) => what !== "closed"));
});

void t.test("an app that refuses is nobody's matter once its client has left", async (t) => {
  await using stage = await InboundStage.start();
  const { way, told } = heldWay(stage);
  way.send(Buffer.from(bystander), 0, bystander.length);
  way.leave();
  stage.dialer.release("refuse");
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  t.same([way.at, told], ["failed", []]);
});
