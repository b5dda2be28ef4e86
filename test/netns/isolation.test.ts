import t from "tap";
import { BulkApp } from "../fixtures/bulk-app.ts";
import { HttpApp } from "../fixtures/http-app.ts";
import { Load } from "../fixtures/load.ts";
import { MemoryWatch } from "../fixtures/memory-watch.ts";
import { RawApp } from "../fixtures/raw-app.ts";
import { RawClient } from "../fixtures/raw-client.ts";
import { Scene } from "../fixtures/scene.ts";
import { message } from "../fixtures/wire-messages.ts";

const match = "x-tenant: blue";
const filter = ["--header", `^${match}$`];
const megabyte = 1 << 20;

void t.test("a stalled local process and a stalled session delay no bystander", async (t) => {
  await using scene = await Scene.create({ label: "stall" });
  const { made, client } = scene;
  await using app = await HttpApp.start({ name: "app", namespace: made.pod, port: 8080 });
  await using deaf = await RawApp.start({ host: "127.0.0.1", script: { deaf: true } });
  await using steal = await scene.steal("--port", `8080:${deaf.port}`, ...filter);
  const to = { host: made.pod.address4, port: app.port };

  /** A thousand requests of bystanders: the time that 99 % of them took at most. */
  const bystanders = async (during: string): Promise<number> => {
    await using load = await Load.start({
      ...{ namespace: made.client, ...to, connections: 8, ratePerSecond: 400, count: 1_000 },
    });
    await load.ended(1_000);
    const { outcomes } = await load.stop();
    t.ok(
      outcomes.every(({ status, who, errorCode }) => status === 200 && who === "app" && !errorCode),
      `${during}: all were served`,
    );
    const times = outcomes.map(({ sentAtMs, endedAtMs }) => endedAtMs - sentAtMs).toSorted((a, b) => a - b);
    return times[989] ?? Number.POSITIVE_INFINITY;
  };
  await bystanders("to warm up");
  const undisturbed = [await bystanders("undisturbed")];

  using memory = new MemoryWatch(steal.agentPid);
  const sending: Promise<void>[] = [];
  const offer = async (): Promise<void> => {
    for (let count = 0; count < 10; count++) {
      const connection = await client.open(to);
      sending.push(connection.send({ chunks: [request, Buffer.alloc(16 * megabyte)] }));
    }
  };
  // Each fills every buffer on its way: the kernel's, the session's window and the replay of the agent.
  const request = message(["POST / HTTP/1.1", match, `Content-Length: ${64 * megabyte}`]);
  await offer();
  await deaf.record(9, { until: "accepted" });
  const stalled = [await bystanders("the local process is stalled")];

  steal.proc.pause();
  await offer();
  stalled.push(await bystanders("the session is stalled, too"));
  steal.proc.resume();
  undisturbed.push(await bystanders("it goes on"));

  const [without, during] = [Math.max(...undisturbed), Math.max(...stalled)];
  t.comment(`p99 ${without.toFixed(1)} ms without a stall, ${during.toFixed(1)} ms with it`);
  t.ok(
    during <= 4 * without + 50,
    `p99 is ${during.toFixed(1)} ms, ${without.toFixed(1)} ms without a stall`,
  );
  const grown = memory.growthBytes / megabyte;
  t.ok(grown < 64, `the agent grew by ${grown.toFixed(1)} MB while 320 MB were on offer`);
  const sent = Promise.allSettled(sending);
  await client.proc.kill();
  await sent;
});

void t.test("64 MB for a caller that does not read stay where they are", async (t) => {
  await using scene = await Scene.create({ label: "slow" });
  const { made } = scene;
  await using app = await BulkApp.start({ namespace: made.pod, port: 8080 });
  await using local = await BulkApp.start({ host: "127.0.0.1" });
  await using steal = await scene.steal("--port", `8080:${local.port}`, ...filter);
  await using client = await RawClient.start({ namespace: made.client });
  const bytes = 64 * megabyte;
  const ways = { "the app": ["Host: pod"], "the local process": ["Host: pod", match] };
  for (const [who, lines] of Object.entries(ways)) {
    using agent = new MemoryWatch(steal.agentPid);
    using command = new MemoryWatch(steal.proc.pid);
    const slow = await Promise.all(
      [1, 2, 3, 4].map(async () => {
        const connection = await client.open({ host: made.pod.address4, port: app.port });
        await connection.setReading(false);
        await connection.send({
          chunks: [message([`GET /${bytes} HTTP/1.1`, "Connection: close", ...lines])],
        });
        return connection;
      }),
    );
    // Somebody who does read gets all of it meanwhile, so the others had their time.
    const [reader, ...rest] = slow;
    await reader?.setReading(true);
    const { bytes: all, why } = (await reader?.read({ timeoutMs: 30_000 })) ?? {
      bytes: Buffer.alloc(0),
      why: "",
    };
    t.ok(all.length > bytes && why === "fin", `${who}: one reads on and gets all of it`);
    for (const [name, watch] of Object.entries({ agent, command })) {
      const grown = watch.growthBytes / megabyte;
      t.ok(grown < 48, `${who}: the ${name} grew by ${grown.toFixed(1)} MB`);
    }
    for (const connection of rest) await connection.close();
  }
});
