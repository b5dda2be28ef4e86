import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import t, { type Test } from "tap";
import { KubernetesApi } from "../../../src/kubernetes/index.ts";
import { controlType, dataHead } from "../../../src/kubernetes/spdy/frame.ts";

/** An API server that answers GET and POST to a subresource as it is told; SPDY's answers are written by the test. */
async function createServerOf(
  t: Test,
  answers: {
    readonly webSocket: readonly [status: number, message: string];
    readonly spdy:
      | readonly [status: number, message: string]
      | ((socket: Duplex, request: IncomingMessage) => void);
    /** The kubeconfig's token is in a file, and has expired; it is renewed when it is refused, or never. */
    readonly token?: "renewed" | "expired";
  },
) {
  const asked: string[] = [];
  const folder = t.testdir({ token: "old" });
  const tokenFile = join(folder, "token");
  const server = createServer();
  const sockets = new Set<Duplex>();
  server.on("upgrade", (request, socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    asked.push(`${request.method} ${request.headers.upgrade}`);
    const { token } = answers;
    const isKnown = token === undefined || request.headers.authorization === "Bearer new";
    if (token === "renewed" && !isKnown && request.method === "POST") writeFileSync(tokenFile, "new");
    const answer =
      request.method === "GET"
        ? answers.webSocket
        : isKnown
          ? answers.spdy
          : ([401, "Unauthorized"] as const);
    if (typeof answer === "function") {
      socket.write(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n" +
          `X-Stream-Protocol-Version: ${String(request.headers["x-stream-protocol-version"])}\r\n\r\n`,
      );
      return answer(socket, request);
    }
    const [code, message] = answer;
    const body = JSON.stringify({ kind: "Status", status: "Failure", code, message });
    socket.end(`HTTP/1.1 ${code} Refused\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // It listens on TCP.
  const kubeconfig = join(folder, "config");
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      "current-context": "c",
      contexts: [{ name: "c", context: { cluster: "k", user: "u" } }],
      clusters: [{ name: "k", cluster: { server: `http://127.0.0.1:${port}` } }],
      users: [{ name: "u", user: answers.token === undefined ? { token: "t" } : { tokenFile } }],
    }),
  );
  const api = await KubernetesApi.open({ kubeconfig });
  t.teardown(() => {
    api[Symbol.dispose]();
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { api, asked };
}

const lacks = (verb: string): readonly [number, string] => [
  403,
  `pods "web" is forbidden: User "ann" cannot ${verb} resource "pods/exec" in API group "" in the namespace "shop"`,
];

function data(stream: number, text: string): Buffer {
  return Buffer.concat([dataHead(stream, text.length, false), Buffer.from(text)]);
}

/** Calls back when a client has opened so many streams. */
function onStreams(socket: Duplex, count: number, act: () => void): void {
  let opened = 0;
  socket.on("data", (chunk: Buffer) => {
    // The frames of streams that are opened come one in a write.
    for (let at = 0; at + 8 <= chunk.length && chunk[at] === 0x80; at += 8 + chunk.readUIntBE(at + 5, 3))
      if (chunk.readUInt16BE(at + 2) === controlType.synStream && ++opened === count) act();
  });
}

const program = { namespace: "shop", pod: "web", container: "app", command: ["true"] };

void t.test(
  "where WebSockets are refused, programs run over SPDY, and WebSockets are not tried again",
  async (t) => {
    const { api, asked } = await createServerOf(t, {
      webSocket: lacks("get"),
      spdy: (socket) => {
        onStreams(socket, 3, () => {
          // Streams are opened as error, stdout, stderr.
          socket.write(Buffer.concat([data(3, "out"), data(5, "err")]));
          const failed = { status: "Failure", details: { causes: [{ reason: "ExitCode", message: "7" }] } };
          socket.write(data(1, JSON.stringify(failed)));
          socket.end(dataHead(1, 0, true));
        });
      },
    });
    t.same(await api.execToEnd(program), { exitCode: 7, stdout: "out", stderr: "err" });
    await api.execToEnd(program);
    t.same(asked, ["GET websocket", "POST SPDY/3.1", "POST SPDY/3.1"]);
  },
);

void t.test("a port is forwarded over SPDY, both ways, with no port repeated before the data", async (t) => {
  const { api } = await createServerOf(t, {
    webSocket: [400, "no WebSockets here"],
    spdy: (socket) => {
      onStreams(socket, 2, () => socket.write(data(3, "hello")));
      socket.on("data", (chunk: Buffer) => {
        if (chunk.includes("bye")) socket.end(dataHead(3, 0, true));
      });
    },
  });
  const stream = await api.portForward({ namespace: "shop", pod: "web", port: 80 });
  const [first] = (await once(stream, "data")) as [Buffer];
  t.equal(first.toString(), "hello");
  stream.write("bye");
  await once(stream, "end");
});

void t.test("a port at which nobody listens is an error of the stream", async (t) => {
  const { api } = await createServerOf(t, {
    webSocket: [400, "no WebSockets here"],
    spdy: (socket) => {
      onStreams(socket, 2, () => {
        socket.write(data(1, "connection refused"));
        socket.end(Buffer.concat([dataHead(1, 0, true), dataHead(3, 0, true)]));
      });
    },
  });
  const stream = await api.portForward({ namespace: "shop", pod: "web", port: 80 });
  const [error] = (await once(stream, "error")) as [Error];
  t.match(error, { code: "failed", message: /port 80 of pod web cannot be reached: connection refused/ });
});

void t.test("without either right, the one is named that every version asks for", async (t) => {
  const { api } = await createServerOf(t, { webSocket: lacks("get"), spdy: lacks("create") });
  await t.rejects(api.execToEnd(program), {
    code: "forbidden",
    missing: { verb: "create", resource: "pods", subresource: "exec" },
  });
});

void t.test("a server that knows only WebSockets says what it has to say of those", async (t) => {
  const { api } = await createServerOf(t, {
    webSocket: [500, "container not found"],
    spdy: [400, "you must use a WebSocket"],
  });
  await t.rejects(api.execToEnd(program), { message: /container not found/ });
});

void t.test("a token that has expired is read again for SPDY, once", async (t) => {
  const { api, asked } = await createServerOf(t, {
    webSocket: [400, "no WebSockets here"],
    spdy: (socket) => {
      onStreams(socket, 3, () => {
        socket.write(data(1, JSON.stringify({ status: "Success" })));
        socket.end(dataHead(1, 0, true));
      });
    },
    token: "renewed",
  });
  t.match(await api.execToEnd(program), { exitCode: 0 });
  t.same(asked, ["GET websocket", "POST SPDY/3.1", "POST SPDY/3.1"]);
});

void t.test("credentials that nobody knows are asked for once more, and told", async (t) => {
  const { api, asked } = await createServerOf(t, {
    webSocket: [400, "no WebSockets here"],
    spdy: [500, "not reached"],
    token: "expired",
  });
  await t.rejects(api.execToEnd(program), { message: /no WebSockets here/ });
  t.same(asked, ["GET websocket", "POST SPDY/3.1", "POST SPDY/3.1"]);
});
