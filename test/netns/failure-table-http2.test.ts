import type { OutgoingHttpHeaders } from "node:http2";
import t, { type Test } from "tap";
import { type HeaderPair, RfcErrorCode } from "../../src/http/index.ts";
import type { StrictClient, StrictStream } from "../agent/inbound/http2/strict-client.ts";
import { http2Caller } from "../fixtures/http2-caller.ts";
import { Http2Program, type ProgramStream } from "../fixtures/http2-program.ts";
import { startHttp2Server } from "../fixtures/http2-server.ts";
import type { MagpieSteal } from "../fixtures/magpie-steal.ts";
import type { Proc } from "../fixtures/proc.ts";
import { RawApp } from "../fixtures/raw-app.ts";
import { Scene } from "../fixtures/scene.ts";

const port = 8080;
const mine: HeaderPair = ["x-tenant", "blue"];
const grpc: HeaderPair = ["content-type", "application/grpc+proto"];
const filter = ["--header", "^x-tenant: blue$", "--trace"];
const webSocket: HeaderPair[] = [
  [":method", "CONNECT"],
  [":protocol", "websocket"],
  [":path", "/chat"],
  mine,
];
/** Of a request whose content a Length announces, or not; and of a gRPC call. */
const kinds = [
  { name: "plain", fields: [mine], answer: { ":status": 200 } },
  { name: "plain, with its length", fields: [mine], answer: { ":status": 200, "content-length": "1000" } },
  { name: "gRPC", fields: [mine, grpc], answer: { ":status": 200, "content-type": "application/grpc" } },
] as const satisfies readonly { name: string; fields: HeaderPair[]; answer: OutgoingHttpHeaders }[];
const [plain, , call] = kinds;

/** A scene with an app and a program of HTTP/2, and a session between them. */
class Stage implements AsyncDisposable {
  readonly scene: Scene;
  readonly app: Proc;
  readonly local: Http2Program;
  readonly steal: MagpieSteal;
  readonly #stack: AsyncDisposableStack;

  private constructor(
    parts: { scene: Scene; app: Proc; local: Http2Program; steal: MagpieSteal },
    stack: AsyncDisposableStack,
  ) {
    this.scene = parts.scene;
    this.app = parts.app;
    this.local = parts.local;
    this.steal = parts.steal;
    this.#stack = stack;
  }

  static async create(label: string, options: { to?: number; args?: string[] } = {}): Promise<Stage> {
    await using stack = new AsyncDisposableStack();
    const scene = stack.use(await Scene.create({ label }));
    const app = stack.use(await startHttp2Server({ name: "app", namespace: scene.made.pod, port }));
    const local = stack.use(await Http2Program.start());
    const to = options.to ?? local.port;
    const steal = stack.use(await scene.steal("--port", `${port}:${to}`, ...filter, ...(options.args ?? [])));
    return new Stage({ scene, app, local, steal }, stack.move());
  }

  /** A connection of its own from the client's namespace, which has opened no stream. */
  async caller(): Promise<StrictClient> {
    const { made } = this.scene;
    const caller = await http2Caller(made.client, { host: made.pod.address4, port });
    this.#stack.defer(() => void caller.end.socket.destroy());
    await caller.until(() => caller.hasSettings);
    return caller;
  }

  /** What the app was asked, but for `/seen` itself. */
  async seen(): Promise<string[]> {
    const caller = await this.caller();
    const { text } = await caller.over(caller.request([[":path", "/seen"]]).id);
    return text.split("\n").filter((line) => line !== "");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

async function deadPort(): Promise<number> {
  await using app = await RawApp.start({ host: "127.0.0.1" });
  return app.port;
}

/** Of a gRPC call: the status that its caller sees, wherever it stands, and why. */
function statusOf(stream: StrictStream): { status: string | undefined; message: string; ended: boolean } {
  const last = stream.heads.length - 1;
  const message = decodeURIComponent(stream.field("grpc-message", last) ?? "");
  return { status: stream.field("grpc-status", last), message, ended: stream.ended };
}

/** Nobody may take what came for a whole answer. */
function assertCut(t: Test, name: string, stream: StrictStream): void {
  if (name === "gRPC") {
    const { status, message, ended } = statusOf(stream);
    t.same([status, ended], ["14", true], name);
    t.match(message, /^magpie: the (?:local process|session)/, name);
  } else t.same([stream.reset, stream.ended], [RfcErrorCode.internalError, false], name);
}

/** A caller's request, begun and answered in part. */
async function begin(stage: Stage, caller: StrictClient, kind: (typeof kinds)[number]) {
  const { id, stream } = caller.request([...kind.fields, [":method", "POST"]]);
  const request = await stage.local.next();
  request.stream.respond({ ...kind.answer });
  request.stream.write("only this");
  await caller.until(() => stream.text === "only this");
  return { id, stream, request };
}

/** A caller's request with half of its content at the program. */
async function upload(stage: Stage, caller: StrictClient, fields: readonly HeaderPair[]) {
  const { id, stream } = caller.request([...fields], "open");
  caller.send(id, Buffer.from("half of it"), false);
  const request = await stage.local.next();
  await stage.local.got(request, "half of it");
  return { id, stream, request };
}

/** A WebSocket over HTTP/2 (RFC 8441), open both ways. */
async function openTunnel(stage: Stage, caller: StrictClient) {
  const { id, stream } = caller.request(webSocket, "open");
  const request: ProgramStream = await stage.local.next();
  request.stream.respond({ ":status": 200 });
  await caller.until(() => stream.heads.length === 1);
  caller.send(id, Buffer.from("ping"), false);
  await stage.local.got(request, "ping");
  request.stream.write("pong");
  await caller.until(() => stream.text === "pong");
  return { id, stream, request };
}

async function assertBystander(t: Test, caller: StrictClient, during: string): Promise<void> {
  const stream = await caller.over(caller.request([[":path", "/bytes/3"]]).id);
  t.same([stream.status, stream.text], ["200", "app"], `a bystander on the same connection, ${during}`);
}

void t.test("before any byte went to the local process: refused", async (t) => {
  await using stage = await Stage.create("h2refused", { to: await deadPort() });
  const caller = await stage.caller();
  for (const { name, fields } of [plain, call])
    for (const content of [undefined, Buffer.from("some content")]) {
      const { id } = caller.request([...fields, [":path", "/bytes/3"]], content);
      const stream = await caller.over(id);
      t.same([stream.status, stream.text], ["200", "app"], `${name}: the original answers`);
    }
  const open = caller.request([mine, [":path", "/bytes/3"]], "open");
  caller.send(open.id, Buffer.from("content"), false);
  caller.trailers(open.id, [["x-sum", "1"]]);
  t.equal((await caller.over(open.id)).text, "app", "with trailers");
  const fallen = await stage.steal.decided(({ failure }) => failure !== null, { count: 5 });
  for (const { verdict, failure, status } of fallen)
    t.match([verdict, failure, status], ["original", /^local-refused/, 200], "the trace says so");
});

void t.test(
  "before any byte went to the local process: refused, with --on-local-failure error",
  async (t) => {
    const args = ["--on-local-failure", "error"];
    await using stage = await Stage.create("h2errors", { to: await deadPort(), args });
    const caller = await stage.caller();
    const get = await caller.over(caller.request([mine]).id);
    t.same([get.status, get.field("magpie-error"), get.ended], ["502", "local-refused", true]);
    const open = await caller.over(caller.request([mine], "open").id);
    t.same([open.reset, open.ended], [RfcErrorCode.internalError, false], "its content was not all there");
    for (const content of [Buffer.from("x"), "open"] as const) {
      const stream = await caller.over(caller.request([mine, grpc], content).id);
      const { status, message, ended } = statusOf(stream);
      t.same([status, ended, stream.heads.length, stream.status], ["14", true, 1, "200"], "trailers only");
      t.match(message, /^magpie: nothing listens/);
    }
    t.same(await stage.seen(), [], "the app saw none of it");
  },
);

void t.test("a local process that fails", async (t) => {
  await using stage = await Stage.create("h2fails");
  const { local } = stage;
  const caller = await stage.caller();

  await t.test("the request's content is on its way: told at once, and nobody gets it twice", async (t) => {
    for (const { name, fields } of [plain, call])
      for (const how of ["reset", "end"] as const) {
        const { stream, id } = await upload(stage, caller, fields);
        local.hangUp(how);
        await caller.over(id);
        assertCut(t, name, stream);
      }
    const whole = caller.request([mine], Buffer.from("all of it"));
    await local.got(await local.next(), "all of it");
    local.hangUp("reset");
    const stream = await caller.over(whole.id);
    t.same([stream.status, stream.field("magpie-error")], ["502", "local-closed"]);
  });

  await t.test("the answer has begun: it is cut, and never looks whole", async (t) => {
    for (const kind of kinds)
      for (const how of ["reset", "end"] as const) {
        const { stream, id } = await begin(stage, caller, kind);
        local.hangUp(how);
        await caller.over(id);
        assertCut(t, kind.name, stream);
      }
  });

  await t.test("it resets the stream itself: its caller gets that code", async (t) => {
    for (const { fields, name } of [plain, call])
      for (const phase of ["before", "within"] as const) {
        const { id, stream } = caller.request(fields);
        const request = await local.next();
        if (phase === "within") {
          request.stream.respond({ ":status": 200 });
          request.stream.write("x");
          await caller.until(() => stream.text === "x");
        }
        const code = phase === "before" ? RfcErrorCode.enhanceYourCalm : RfcErrorCode.internalError;
        // Node ends an answer that it has begun before it closes the stream, but where the stream is destroyed.
        if (phase === "before") request.stream.close(code);
        else request.stream.destroy(new Error("a fault of the program"));
        await caller.over(id);
        t.same(
          [stream.reset, stream.ended, stream.heads.length],
          [code, false, phase === "before" ? 0 : 1],
          name,
        );
      }
  });

  await t.test("upgraded: the caller's side is reset", async (t) => {
    const { id, stream } = await openTunnel(stage, caller);
    local.hangUp("reset");
    await caller.over(id);
    t.same([stream.reset, stream.ended], [RfcErrorCode.cancel, false]);
  });

  await t.test("upgraded: each side ends by itself", async (t) => {
    const { id, stream, request } = await openTunnel(stage, caller);
    request.stream.end("last words");
    await caller.until(() => stream.ended);
    caller.send(id, Buffer.from("more"), true);
    await local.got(request, "pingmore");
    t.equal(await request.closed, RfcErrorCode.noError);
    t.same([stream.text, stream.reset], ["ponglast words", undefined]);
  });

  await assertBystander(t, caller, "after all that");
  t.same(await stage.seen(), ["GET /bytes/3"], "no stolen request reached the app");
});

void t.test(
  "a local process that hangs: its caller waits, nobody else does, and a cancel is told at once",
  async (t) => {
    await using stage = await Stage.create("h2hangs");
    const caller = await stage.caller();
    const cancelled = async (name: string, { id, request }: { id: number; request: ProgramStream }) => {
      for (let round = 0; round < 3; round++) await assertBystander(t, caller, name);
      t.notOk(caller.stream(id).isOver, `${name}: its caller waits`);
      caller.cancel(id, RfcErrorCode.cancel);
      t.equal(await request.closed, RfcErrorCode.cancel, name);
    };
    for (const kind of [plain, call]) {
      const { id } = caller.request([...kind.fields]);
      await cancelled(`${kind.name}: before its answer`, { id, request: await stage.local.next() });
      await cancelled(`${kind.name}: within the request`, await upload(stage, caller, kind.fields));
      await cancelled(`${kind.name}: within its answer`, await begin(stage, caller, kind));
    }
    await cancelled("upgraded", await openTunnel(stage, caller));
    const { id } = caller.request([mine]);
    const late = await stage.local.next();
    await assertBystander(t, caller, "while it hangs");
    late.stream.respond({ ":status": 200 });
    late.stream.end("late");
    t.equal((await caller.over(id)).text, "late");

    const gone = await upload(stage, caller, [mine]);
    caller.end.socket.resetAndDestroy();
    t.equal(await gone.request.closed, RfcErrorCode.cancel, "the caller is gone altogether");
  },
);

void t.test("the session is gone in the midst of it", async (t) => {
  await using stage = await Stage.create("h2gone");
  const { steal } = stage;
  // Somebody else's session holds the agent, and the trace goes on.
  await using witness = await stage.scene.steal(
    "--port",
    `${port}:1`,
    "--header",
    "^x-tenant: green$",
    "--trace",
  );
  const caller = await stage.caller();
  const answering: ({ name: string } & Awaited<ReturnType<typeof begin>>)[] = [];
  for (const kind of kinds) answering.push({ name: kind.name, ...(await begin(stage, caller, kind)) });
  const uploading: ({ name: string } & Awaited<ReturnType<typeof upload>>)[] = [];
  for (const kind of [plain, call])
    uploading.push({ name: kind.name, ...(await upload(stage, caller, kind.fields)) });
  const chatting = await openTunnel(stage, caller);
  const waiting = caller.request([mine, [":method", "PUT"]], Buffer.from("all of it"));
  await stage.local.got(await stage.local.next(), "all of it");
  const other = await stage.caller();

  // From here on its client takes nothing more: what comes now is offered and never accepted.
  steal.proc.pause();
  const kept = [1, 2].map((index) => caller.request([mine, [":path", `/bytes/3?${index}`]]));
  const post = caller.request([mine, [":path", "/once"]], Buffer.from("x"));
  const grpcPost = caller.request([mine, grpc, [":path", "/once"]], Buffer.from("x"));
  const early = other.request([mine, [":path", "/early"]]);
  for (let round = 0; round < 3; round++) await assertBystander(t, other, "while the session hangs");
  caller.ping("12345678");
  await caller.until(() => caller.pings.length === 1);
  await steal.proc.kill();

  await t.test("nothing was delivered: the original answers what may be sent twice, in order", async (t) => {
    for (const { id } of kept) t.equal((await caller.over(id)).text, "app");
    const decided = await witness.decided(
      ({ failure, verdict }) => failure !== null && verdict === "original",
    );
    t.match(decided[0], { failure: /^session-closed/, method: "GET" });
  });
  await t.test(
    "nothing was delivered, but the original has later streams: asked again it gets this one",
    async (t) => {
      t.equal((await other.over(early.id)).reset, RfcErrorCode.refusedStream);
      const again = other.request([mine, [":path", "/bytes/3"]]);
      t.equal((await other.over(again.id)).text, "app");
    },
  );
  await t.test("nothing is known of it, and it may not be sent twice", async (t) => {
    const stream = await caller.over(post.id);
    t.same([stream.status, stream.field("magpie-error"), stream.ended], ["502", "session-closed", true]);
    const { status, message, ended } = statusOf(await caller.over(grpcPost.id));
    t.same([status, ended], ["14", true]);
    t.match(message, /^magpie: the session ended/);
  });
  await t.test("it was delivered and not answered", async (t) => {
    const stream = await caller.over(waiting.id);
    t.same([stream.status, stream.field("magpie-error"), stream.ended], ["502", "session-closed", true]);
  });
  await t.test("the request's content was on its way", async (t) => {
    for (const { name, id } of uploading) assertCut(t, name, await caller.over(id));
  });
  await t.test("the answer had begun: it is cut, and never looks whole", async (t) => {
    for (const { name, id } of answering) assertCut(t, name, await caller.over(id));
  });
  await t.test("upgraded: the caller's side is reset", async (t) => {
    const stream = await caller.over(chatting.id);
    t.same([stream.reset, stream.ended], [RfcErrorCode.cancel, false]);
  });
  await t.test("no stolen request reached the app but those that it answered", async (t) => {
    const seen = (await stage.seen()).filter((line) => line !== "GET /bytes/3");
    t.same(seen, ["GET /bytes/3?1", "GET /bytes/3?2"]);
  });
});

void t.test(
  "the original dies in the midst of an answer: stolen streams are answered all the same",
  async (t) => {
    await using stage = await Stage.create("h2dies");
    const caller = await stage.caller();
    const { id } = caller.request([mine]);
    const request = await stage.local.next();
    const dripping = caller.request([[":path", "/drip/40000"]]);
    const uploading = caller.request([[":path", "/bytes/1"]], "open");
    await caller.until(() => dripping.stream.bodyBytes === 40_000);
    await stage.app.kill();
    for (const forwarded of [dripping, uploading]) {
      const stream = await caller.over(forwarded.id);
      t.same([stream.reset, stream.ended], [RfcErrorCode.internalError, false]);
    }
    request.stream.respond({ ":status": 200 });
    request.stream.end("answered");
    t.equal((await caller.over(id)).text, "answered");
    await caller.end.over("fin");
  },
);

void t.test(
  "magpie ends while connections are busy: they are told to go, and what is under way ends",
  async (t) => {
    await using stage = await Stage.create("h2drain");
    const caller = await stage.caller();
    const forwarded = caller.request([[":path", "/bytes/3"]], "open");
    const stolen = caller.request([mine]);
    const request = await stage.local.next();
    stage.steal.proc.signal("SIGINT");
    request.stream.respond({ ":status": 200 });
    request.stream.end("answered");
    await caller.over(stolen.id);
    await caller.until(() => caller.goaways.length === 2);
    t.same(
      caller.goaways.map(({ lastStreamId, code }) => [lastStreamId, code]),
      [
        [2 ** 31 - 1, 0],
        [stolen.id, 0],
      ],
    );
    // Behind the last GOAWAY nothing is looked at any more, and nothing is lost either.
    caller.send(forwarded.id, Buffer.from("the rest"), true);
    t.equal((await caller.over(forwarded.id)).text, "app");
    await caller.end.over("fin");
    await stage.steal.agentGone();
  },
);
