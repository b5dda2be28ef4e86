import {
  type handleBidiStreamingCall,
  type handleUnaryCall,
  Server,
  ServerCredentials,
  status,
} from "@grpc/grpc-js";
import t from "tap";
import { until } from "../../../fixtures/until.ts";
import { FakeAgent, http2Head } from "../fake-agent.ts";

/** A message as gRPC frames it, uncompressed. */
function framed(text: string | Buffer): Buffer {
  const bytes = Buffer.from(text);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

const asIs = (bytes: Buffer): Buffer => bytes;
const method = {
  requestSerialize: asIs,
  requestDeserialize: asIs,
  responseSerialize: asIs,
  responseDeserialize: asIs,
};

/** A server of grpc-js that echoes, and what it saw end. */
async function startEcho(t: { teardown(act: () => void): void }) {
  const cancelled: string[] = [];
  const unary: handleUnaryCall<Buffer, Buffer> = (call, respond) => {
    if (call.request.toString() === "fail") respond({ code: status.NOT_FOUND, details: "no such thing" });
    else respond(null, call.request);
  };
  const stream: handleBidiStreamingCall<Buffer, Buffer> = (call) => {
    call.on("data", (message: Buffer) => call.write(message));
    call.on("end", () => call.end());
    const name = String(call.metadata.get("x-name")[0]);
    call.on("cancelled", () => cancelled.push(name));
  };
  const server = new Server({ "grpc.max_receive_message_length": -1 });
  server.addService(
    {
      unary: { ...method, path: "/shop.Shop/Unary", requestStream: false, responseStream: false },
      stream: { ...method, path: "/shop.Shop/Stream", requestStream: true, responseStream: true },
    },
    { unary, stream },
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  t.teardown(() => server.forceShutdown());
  return { port, cancelled };
}

const fields = [
  ["te", "trailers"],
  ["content-type", "application/grpc"],
] as const;

void t.test("a unary call comes back with its trailers", async (t) => {
  const { port } = await startEcho(t);
  await using agent = new FakeAgent({ port });
  const call = agent.request2({ method: "POST", path: "/shop.Shop/Unary", fields, content: [framed("hi")] });
  await call.over();
  t.equal(call.text, framed("hi").toString("latin1"));
  t.match(call.events.at(-2), /^trailers grpc-status: 0/);
  const failed = agent.request2({
    method: "POST",
    path: "/shop.Shop/Unary",
    fields,
    content: [framed("fail")],
  });
  await failed.over();
  t.match(failed.events.join("\n"), /grpc-status: 5\|grpc-message: no%20such%20thing/);
  t.equal(failed.events.at(-1), "end");
});

void t.test("messages of a bidirectional call go at once, and its cancellation too", async (t) => {
  const { port, cancelled } = await startEcho(t);
  await using agent = new FakeAgent({ port });
  const headOf = (name: string): Buffer =>
    http2Head({ method: "POST", path: "/shop.Shop/Stream", fields: [...fields, ["x-name", name]] });
  const call = agent.steal(headOf("whole"), { kind: "http2" });
  for (const text of ["one", "two"]) {
    call.stream?.write(framed(text));
    await call.until((exchange) => exchange.text.endsWith(text));
  }
  const other = agent.steal(headOf("cut"), { kind: "http2" });
  other.stream?.write(framed("x"));
  await other.until(({ dataBytes }) => dataBytes > 0);
  other.stream?.reset("http2-cancel");
  call.stream?.end();
  await call.over();
  t.equal(call.events.at(-1), "end");
  await until(() => cancelled.includes("cut"), { what: "the cancellation" });
});

void t.test("a hundred calls at once carry 4 MB each way, on connections of ten callers", async (t) => {
  const { port } = await startEcho(t);
  await using agent = new FakeAgent({ port });
  const message = framed(Buffer.alloc(4 * 1024 * 1024, "m"));
  const before = process.memoryUsage.rss();
  for (let round = 0; round < 4; round++) {
    const calls = Array.from({ length: 25 }, (_, index) => {
      const call = agent.steal(http2Head({ method: "POST", path: "/shop.Shop/Stream", fields }), {
        kind: "http2",
        connection: index % 10,
      });
      call.keeps = false;
      return call;
    });
    await Promise.all(
      calls.map(async (call) => {
        for (let at = 0; at < message.length; at += 65_536) {
          if (call.stream?.write(message.subarray(at, at + 65_536)) === false) {
            const { stream } = call;
            await call.until(() => stream === undefined || stream.writableBytes > 0);
          }
        }
        call.stream?.end();
        await call.over();
      }),
    );
    t.ok(calls.every(({ dataBytes }) => dataBytes === message.length));
    t.ok(calls.every(({ events }) => events.at(-1) === "end"));
  }
  t.comment(`grew by ${Math.round((process.memoryUsage.rss() - before) / 1e6)} MB, server included`);
});
