import t from "tap";
import { MAX_HEAD_MS, SlowHead } from "../../../src/agent/inbound/slow-head.ts";
import { until } from "../../fixtures/until.ts";
import { InboundStage } from "./inbound-stage.ts";

function watch() {
  let late = 0;
  let paused = false;
  const slow = new SlowHead({ isPaused: () => paused, onLate: () => late++ });
  return {
    slow,
    late: () => late,
    pause: (is: boolean) => {
      paused = is;
    },
  };
}

void t.test("is told once, not before its limit, and counts from where it began", async (t) => {
  const { slow, late } = watch();
  const beganMs = performance.now();
  slow.begin(60);
  slow.begin(1);
  await until(() => late() > 0, { what: "it to be late" });
  t.ok(performance.now() - beganMs >= 58);
  slow.end();
  slow.begin(10);
  await until(() => late() > 1, { what: "the next one to be late" });
  slow.stop();
  t.equal(late(), 2);
});

void t.test("what ends in time is never told, nor what we did not read ourselves", async (t) => {
  const { slow, late, pause } = watch();
  const clock = watch();
  slow.begin(20);
  slow.end();
  pause(true);
  slow.begin(20);
  clock.slow.begin(100);
  await until(() => clock.late() > 0, { what: "time to pass" });
  t.equal(late(), 0);
  pause(false);
  await until(() => late() > 0, { what: "it to be late" });
});

void t.test("a head that is not whole in time is the app's to judge, byte for byte", async (t) => {
  await using stage = await InboundStage.start({ steal: "header(x-user) == ann" });
  const trickle = "GET /a HTTP/1.1\r\nHost: pod\r\nX-User: a";
  const client = await stage.connect();
  const app = await stage.app();
  const beganMs = performance.now();
  for (const byte of Buffer.from(trickle)) client.send(Buffer.of(byte));
  await app.got(trickle);
  t.ok(performance.now() - beganMs >= MAX_HEAD_MS - 5);
  client.send("nn\r\n\r\n");
  await app.got("X-User: ann\r\n\r\n");
  app.send("HTTP/1.1 408 Request Timeout\r\n\r\n").socket.end();
  await client.over("fin");
  client.socket.end();
  await stage.closed(1);
  t.match(stage.records, [{ verdict: "opaque", reason: "slow-head" }]);
});

void t.test("where everything is stolen nobody but the session waits for it", async (t) => {
  await using stage = await InboundStage.start({ steal: "everything" });
  const client = await stage.connect();
  client.send("GET /a HTTP/1.1\r\nHost: pod\r\n");
  const clock = watch();
  clock.slow.begin(MAX_HEAD_MS + 300);
  await until(() => clock.late() > 0, { what: "time to pass" });
  client.send("\r\n");
  t.match((await stage.session.next()).head, /^GET \/a /);
  client.socket.destroy();
});

void t.test("a head of 16,000 lines in small pieces is not read from its start each time", async (t) => {
  await using stage = await InboundStage.start({ steal: "header(x-user) == ann" });
  const client = await stage.connect();
  const app = await stage.app();
  const head = `GET /a HTTP/1.1\r\nHost: pod\r\n${"a:\r\n".repeat(16_000)}\r\n`;
  const before = process.cpuUsage();
  for (let at = 0; at < head.length; at += 8) {
    const piece = head.slice(at, at + 8);
    await new Promise<void>((resolve) => client.socket.write(piece, () => setImmediate(resolve)));
  }
  await app.got(head);
  const { user, system } = process.cpuUsage(before);
  t.comment(`${Math.round((user + system) / 1_000)} ms of CPU`);
  t.ok(user + system < 1_500_000, "read again and again it takes twice as long");
  client.socket.destroy();
});
