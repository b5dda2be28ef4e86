import { once } from "node:events";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { NetworkError } from "../../../src/client/outgoing/index.ts";
import { Proc } from "../../fixtures/proc.ts";
import { until } from "../../fixtures/until.ts";
import { OutgoingStage } from "./outgoing-stage.ts";

const never = new AbortController().signal;

function numbered(bytes: number, seed: number): Buffer {
  const content = Buffer.alloc(bytes);
  for (let at = 0; at + 4 <= bytes; at += 4) content.writeUInt32LE((at ^ seed) >>> 0, at);
  return content;
}

/** All that comes until FIN; the other direction goes on. */
async function all(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk)).resume();
  await once(socket, "end");
  return Buffer.concat(chunks);
}

/** The errno of what a promise rejects with. */
async function errnoOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "none",
    (error: unknown) => (error instanceof NetworkError ? error.errno : String(error)),
  );
}

/** The code of the error that ends a socket; "FIN" when the other side said that it has no more. */
async function endOf(socket: Socket): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? ""));
  socket.on("end", () => resolve("FIN"));
  socket.resume();
  return promise;
}

for (const way of ["remote", "local"] as const) {
  void t.test(`by way of ${way}`, async (t) => {
    await t.test("bytes and FIN go both ways, each direction for itself", async (t) => {
      await using stage = await OutgoingStage.start({ way });
      const { program, far } = await stage.joined();
      const there = numbered(3_000_000, 1);
      const back = numbered(3_000_000, 9);
      program.end(there);
      t.ok((await all(far)).equals(there));
      // The far end had FIN, and goes on.
      far.end(back);
      t.ok((await all(program)).equals(back));
    });

    await t.test("what the far end says first is there when the near end comes", async (t) => {
      await using stage = await OutgoingStage.start({ way });
      const connection = await stage.outgoing.connect(stage.there, { signal: never });
      const far = await stage.arrived();
      far.end("220 hello");
      await once(far, "finish");
      const { program, fd } = await stage.near();
      connection.join(fd);
      t.equal((await all(program)).toString(), "220 hello");
    });

    await t.test("a socket of Node may be the near end", async (t) => {
      await using stage = await OutgoingStage.start({ way });
      const relay = createServer({ allowHalfOpen: true, pauseOnConnect: true }).listen(0, "127.0.0.1");
      t.teardown(() => relay.close());
      await once(relay, "listening");
      const program = connect({ ...(relay.address() as { port: number }), allowHalfOpen: true });
      const [near] = (await once(relay, "connection")) as [Socket]; // What a server emits.
      (await stage.outgoing.connect(stage.there, { signal: never })).join(near);
      const far = await stage.arrived();
      program.end("ping");
      t.equal((await all(far)).toString(), "ping");
      far.end(numbered(1_000_000, 4));
      t.ok((await all(program)).equals(numbered(1_000_000, 4)));
    });

    await t.test("connect fails with the errno of the real one", async (t) => {
      await using stage = await OutgoingStage.start({ way });
      const to = { protocol: "tcp", endpoint: { family: 4, address: "127.0.0.1", port: 1 } } as const;
      t.equal(await errnoOf(stage.outgoing.connect(to, { signal: never })), "ECONNREFUSED");
      // tcp_v4_connect of Linux: nobody is asked.
      const everybody = {
        protocol: "tcp",
        endpoint: { ...to.endpoint, address: "255.255.255.255" },
      } as const;
      t.equal(await errnoOf(stage.outgoing.connect(everybody, { signal: never })), "ENETUNREACH");
    });

    await t.test("RFC 9293 §3.10.7: a reset of one side is one for the other, without FIN", async (t) => {
      await using stage = await OutgoingStage.start({ way });
      const one = await stage.joined();
      const end = endOf(one.program);
      one.far.resetAndDestroy();
      t.equal(await end, "ECONNRESET");
      const other = await stage.joined();
      const farEnd = endOf(other.far);
      other.program.resetAndDestroy();
      t.equal(await farEnd, "ECONNRESET");
    });

    await t.test("what nobody came for is reset", async (t) => {
      await using stage = await OutgoingStage.start({ way });
      const connection = await stage.outgoing.connect(stage.there, { signal: never });
      const far = await stage.arrived();
      connection.abandon();
      t.equal(await endOf(far), "ECONNRESET");
    });

    await t.test("who has given up is not connected", async (t) => {
      await using stage = await OutgoingStage.start({ way });
      const late = stage.outgoing.connect(stage.there, { signal: AbortSignal.abort(new Error("over")) });
      await t.rejects(late, { message: "over" });
      const given = new AbortController();
      const connecting = stage.outgoing.connect(stage.there, { signal: given.signal });
      given.abort(new Error("over"));
      await t.rejects(connecting, { message: "over" });
      await until(() => stage.agentOutgoing.openFlows === 0, { what: "the agent to give it up" });
    });

    await t.test(
      "unix sockets are reached by file, by link, by a long path and by abstract name",
      async (t) => {
        await using stage = await OutgoingStage.start({ way });
        const folder = await mkdtemp(join(tmpdir(), "outgoing-"));
        t.teardown(async () => rm(folder, { recursive: true }));
        const long = join(folder, "long".repeat(40));
        await mkdir(long);
        const abstract = `\0outgoing-${process.pid}-${way}`;
        await symlink(join(folder, "a.sock"), join(long, "link.sock"));
        for (const [listens, path] of [
          [join(folder, "a.sock"), join(folder, "a.sock")],
          [join(folder, "a.sock"), join(long, "link.sock")],
          [abstract, abstract],
        ] as const) {
          const server = createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket)).listen(
            listens,
          );
          await once(server, "listening");
          const connection = await stage.outgoing.connect(
            { protocol: "unix", path, type: "stream" },
            { signal: never },
          );
          const { program, fd } = await stage.near();
          connection.join(fd);
          const sent = numbered(1_000_000, 3);
          program.end(sent);
          t.ok((await all(program)).equals(sent));
          server.close();
          await once(server, "close");
        }
      },
    );

    await t.test("a unix socket that cannot be had fails as connect(2) does", async (t) => {
      await using stage = await OutgoingStage.start({ way });
      const folder = await mkdtemp(join(tmpdir(), "outgoing-"));
      t.teardown(async () => rm(folder, { recursive: true }));
      const file = join(folder, "file");
      await writeFile(file, "");
      const loop = join(folder, "loop");
      await symlink(loop, loop);
      for (const [path, errno, type = "stream"] of [
        [join(folder, "nothing"), "ENOENT"],
        [file, "ECONNREFUSED"],
        [join(file, "below"), "ENOTDIR"],
        [loop, "ELOOP"],
        [`\0outgoing-${process.pid}-nobody`, "ECONNREFUSED"],
        [join(folder, "any"), "EPROTONOSUPPORT", "seqpacket"],
      ] as const) {
        const connecting = stage.outgoing.connect({ protocol: "unix", path, type }, { signal: never });
        t.equal(await errnoOf(connecting), errno, JSON.stringify(path));
      }
      await until(() => stage.agentOutgoing.openFlows === 0, { what: "their places to be free" });
    });

    await t.test("a listener without room is waited for, until nobody waits any more", async (t) => {
      await using stage = await OutgoingStage.start({ way });
      const path = `\0outgoing-${process.pid}-${way}-full`;
      // Its loop does not turn while it holds the accepting back, so that its queue of one fills.
      await using server = await Proc.start({
        command: [
          process.execPath,
          "-e",
          `const server = require("net").createServer((socket) => socket.end("x"));
           server.listen({ path: ${JSON.stringify(path)}, backlog: 1 }, () => console.log("up"));`,
        ],
      });
      await server.line(/^up$/);
      server.pause();
      const to = { protocol: "unix", path, type: "stream" } as const;
      const given = new AbortController();
      const waiting = Array.from({ length: 6 }, () => stage.outgoing.connect(to, { signal: given.signal }));
      const settled = Promise.allSettled(waiting);
      await until(() => (way === "local" ? true : stage.agentOutgoing.openFlows === 6), {
        what: "all to ask",
      });
      server.resume();
      for (const result of await settled) {
        t.equal(result.status, "fulfilled");
        if (result.status === "fulfilled") result.value.abandon();
      }
      server.pause();
      const late = Array.from({ length: 6 }, () => stage.outgoing.connect(to, { signal: given.signal }));
      const lateSettled = Promise.allSettled(late);
      setTimeout(() => given.abort(new Error("over")), 50);
      const rejected = (await lateSettled).filter(({ status }) => status === "rejected");
      t.ok(rejected.length > 0);
      for (const result of await lateSettled) if (result.status === "fulfilled") result.value.abandon();
      await until(() => stage.agentOutgoing.openFlows === 0, { what: "their places to be free" });
    });

    await t.test("a program that does not read holds up the far end, and the other way round", async (t) => {
      await using stage = await OutgoingStage.start({ way });
      const { program, far } = await stage.joined();
      for (const [writer, reader] of [
        [far, program],
        [program, far],
      ] as const) {
        reader.pause();
        const chunk = Buffer.alloc(65_536);
        let written = 0;
        // Until nothing more has been taken for a while: kernels, relays and the tunnel are full.
        for (;;) {
          while (writer.write(chunk)) written += chunk.length;
          const signal = AbortSignal.timeout(200);
          const isOver = await once(writer, "drain", { signal }).then(
            () => false,
            () => true,
          );
          if (isOver) break;
        }
        t.ok(written < 40_000_000, `${written} bytes were taken`);
      }
    });
  });
}

void t.test("a session has so many connections at once, and again when one is over", async (t) => {
  await using stage = await OutgoingStage.start({ way: "remote" });
  t.equal(stage.agentOutgoing.openFlows, 0);
  const { program, far } = await stage.joined();
  t.equal(stage.agentOutgoing.openFlows, 1);
  program.end();
  far.end();
  await until(() => stage.agentOutgoing.openFlows === 0, { what: "its place to be free" });
});

void t.test("when the session ends, both sides of its connections are reset", async (t) => {
  await using stage = await OutgoingStage.start({ way: "remote" });
  const { program, far } = await stage.joined();
  const ends = [endOf(program), endOf(far)];
  stage.endSession();
  t.same(await Promise.all(ends), ["ECONNRESET", "ECONNRESET"]);
  t.equal(await errnoOf(stage.outgoing.connect(stage.there, { signal: never })), "ENETDOWN");
  await until(() => stage.agentOutgoing.openFlows === 0, { what: "the agent to close them" });
});
