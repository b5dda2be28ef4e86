import { status } from "@grpc/grpc-js";
import t, { type Test } from "tap";
import { type GrpcAnswer, type GrpcAsk, GrpcCaller } from "../fixtures/grpc-client.ts";
import { GrpcApp } from "../fixtures/grpc-server.ts";
import type { MetadataPairs, ShopMethod } from "../fixtures/grpc-shop.ts";
import { Scene } from "../fixtures/scene.ts";

const port = 50_051;
const methods = ["Add", "Fill", "List", "Chat"] as const satisfies readonly ShopMethod[];
type Who = "app" | "local";
const mine = (who: Who): MetadataPairs => (who === "local" ? [["x-tenant", "blue"]] : []);
/** How soon the other end must know of an end. */
const atOnceMs = 100;
let lastId = 0;
const newId = (): string => `call-${++lastId}`;

/** A call of each kind with the answer it must get. */
function usual(method: ShopMethod, who: Who): { ask: GrpcAsk; answers: Buffer[]; messages: number } {
  const three = ["one", "", "three"].map((text) => Buffer.from(text));
  const messages = { Add: [three[2] ?? Buffer.of()], Fill: three, List: [Buffer.from("3 2")], Chat: three }[
    method
  ];
  const answers = {
    Add: messages,
    Fill: [Buffer.from("3 8")],
    List: [0, 1, 2].map((byte) => Buffer.alloc(2, byte)),
    Chat: three,
  }[method];
  return { ask: { id: newId(), method, metadata: mine(who), messages }, answers, messages: messages.length };
}

/** All values of a name. */
const valuesOf = (pairs: MetadataPairs, name: string): (string | Uint8Array)[] =>
  pairs.filter(([key]) => key === name).map(([, value]) => value);

const servedBy = (answer: GrpcAnswer): (string | Uint8Array)[] => [
  ...valuesOf(answer.initial, "x-served-by"),
  ...valuesOf(answer.trailing, "t-served-by"),
];

void t.test("gRPC with grpc-js at both ends", async (t) => {
  await using scene = await Scene.create({ label: "grpc" });
  const { made } = scene;
  await using app = await GrpcApp.start({ name: "app", namespace: made.pod, port });
  await using local = await GrpcApp.start({ name: "local", host: "127.0.0.1" });
  const ports = ["--port", `${port}:${local.port}`];
  await using steal = await scene.steal(...ports, "--header", "^x-tenant: blue$");
  await using caller = await GrpcCaller.start({ namespace: made.client });
  await caller.connect(`${made.pod.address4}:${port}`);
  const servers = { app, local };
  t.ok(steal.agentPid > 0);

  await t.test("every kind of call works, stolen and not, on one connection, all at once", async (t) => {
    const plan = (["app", "local", "app"] as const).flatMap((who) =>
      methods.map((method) => ({ who, ...usual(method, who) })),
    );
    const answers = await caller.call(...plan.map(({ ask }) => ask));
    for (const [at, { who, ask, answers: wanted, messages }] of plan.entries()) {
      const answer = answers[at];
      if (answer === undefined) throw new Error("an answer for each");
      t.same([answer.code, answer.details], [status.OK, "OK"], `${ask.method} by ${who}`);
      t.same(answer.messages.map(text), wanted.map(text));
      t.same(servedBy(answer), [who, who]);
      const seen = await servers[who].ended(ask.id);
      t.same([seen.method, seen.messages, seen.cancelled], [ask.method, messages, false]);
    }
  });

  for (const who of ["app", "local"] as const) void t.test(`a call of the ${who}`, async (t) => each(t, who));

  async function each(t: Test, who: Who): Promise<void> {
    const server = servers[who];

    await t.test("sees the client's own address", async (t) => {
      const { ask } = usual("Add", who);
      await caller.call(ask);
      const { peer } = await server.ended(ask.id);
      t.equal(peer, who === "app" ? made.client.address4 : "127.0.0.1");
    });

    await t.test("metadata, binary too, and trailers arrive as they were sent, in order", async (t) => {
      const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
      const more: MetadataPairs = [
        ["z-last-is-first", "1"],
        ["a-first-is-last", "2"],
        ["x-twice", "one"],
        ["x-twice", "two, three"],
        ["x-bytes-bin", bytes],
        ["i-text", "initial ~ metadata"],
        ["i-raw-bin", bytes],
        ["i-raw-bin", Buffer.of(0)],
        ["t-text", "trailing %41 metadata"],
        ["t-raw-bin", Buffer.of()],
        ["t-raw-bin", bytes],
      ];
      for (const method of methods) {
        const { ask } = usual(method, who);
        const [answer] = await caller.call({ ...ask, metadata: [...mine(who), ...more] });
        const seen = await server.ended(ask.id);
        const ours = (pairs: MetadataPairs) =>
          pairs.filter(([name]) => /^[aitzx]-(?!served-by|tenant|id)/.test(name));
        t.same(ours(seen.metadata).map(shown), asGrpcJsReads(more).map(shown), method);
        t.same(
          answer.initial.filter(([name]) => name.startsWith("i-")).map(shown),
          more.slice(5, 8).map(shown),
        );
        t.same(answer.trailing.filter(([name]) => name.startsWith("t-")).map(shown), [
          ["t-served-by", who],
          ...more.slice(8).map(shown),
        ]);
      }
    });

    await t.test("messages of 4 MB pass both ways", async (t) => {
      const large = Buffer.alloc(4 << 20, "0123456789abcdef");
      const { ask } = usual("Add", who);
      const [unary, chat, list] = await caller.call(
        { ...ask, messages: [large] },
        { ...ask, id: newId(), method: "Chat", messages: [large, Buffer.of(), large] },
        { ...ask, id: newId(), method: "List", messages: [Buffer.from(`3 ${4 << 20}`)] },
      );
      t.same(
        [unary.code, chat.code, list.code],
        [0, 0, 0],
        `${unary.details} ${chat.details} ${list.details}`,
      );
      t.ok(large.equals(unary.messages[0] ?? Buffer.of()));
      t.same(
        chat.messages.map((message) => large.equals(message)),
        [true, false, true],
      );
      t.same(
        list.messages.map((message) => Buffer.alloc(4 << 20, message[0]).equals(message)),
        [true, true, true],
      );
    });

    await t.test("a message is answered before the next one is sent", async (t) => {
      const { ask } = usual("Chat", who);
      const messages = Array.from({ length: 200 }, (_, at) => Buffer.from(`message ${at}`));
      const [answer] = await caller.call({ ...ask, messages, lockStep: true });
      t.same([answer.code, answer.messages.map(text)], [status.OK, messages.map(text)]);
    });

    await t.test(
      "a failure keeps its code, text and trailers, with and without messages before",
      async (t) => {
        for (const [method, turn] of [
          ["Add", "fail"],
          ["Fill", "fail"],
          ["List", "fail"],
          ["Chat", "fail"],
          ["List", "fail-late"],
          ["Chat", "fail-late"],
        ] as const) {
          const { ask } = usual(method, who);
          const metadata: MetadataPairs = [
            ...mine(who),
            ["x-do", turn],
            ["x-code", String(status.FAILED_PRECONDITION)],
            ["x-details", 'no stock: 3 "left" % of it'],
            ["t-why-bin", Buffer.of(0, 255)],
          ];
          const [answer] = await caller.call({ ...ask, metadata });
          const { code, details, trailing, messages } = answer;
          t.same(
            [code, details],
            [status.FAILED_PRECONDITION, 'no stock: 3 "left" % of it'],
            `${method} ${turn}`,
          );
          t.same(
            valuesOf(trailing, "t-why-bin").map((value) => Buffer.from(value)),
            [Buffer.of(0, 255)],
          );
          if (turn === "fail") t.same(messages, []);
          else t.ok(messages.length >= 1);
        }
      },
    );

    await t.test("a deadline is known there, and its end at once", async (t) => {
      for (const method of methods) {
        const { ask } = usual(method, who);
        const timeoutMs = 300;
        const beganAtMs = Date.now();
        const [answer] = await caller.call({ ...ask, timeoutMs, metadata: [...mine(who), ["x-do", "hang"]] });
        t.equal(answer.code, status.DEADLINE_EXCEEDED, method);
        const seen = await server.ended(ask.id);
        t.equal(seen.cancelled, true);
        t.ok(seen.deadlineAtMs - beganAtMs > 0 && seen.deadlineAtMs - beganAtMs < timeoutMs + 1_000);
        t.ok(seen.endedAtMs - answer.endedAtMs < atOnceMs, `${seen.endedAtMs - answer.endedAtMs} ms`);
      }
    });

    await t.test("a cancelled call is cancelled there at once", async (t) => {
      for (const method of methods) {
        const { ask } = usual(method, who);
        const metadata: MetadataPairs = [...mine(who), ["x-do", "hang"]];
        const answer = caller.call({ ...ask, metadata, keepOpen: true });
        await server.began(ask.id);
        const cancelledAtMs = await caller.cancel(ask.id);
        const seen = await server.ended(ask.id);
        t.equal((await answer)[0].code, status.CANCELLED, method);
        t.equal(seen.cancelled, true);
        t.ok(seen.endedAtMs - cancelledAtMs < atOnceMs, `${seen.endedAtMs - cancelledAtMs} ms`);
      }
    });
  }

  await t.test("1,000 calls at once, half of them stolen, are all right", async (t) => {
    const plan = Array.from({ length: 1_000 }, (_, at) => {
      const who = at % 2 === 0 ? "app" : "local";
      return { who, ...usual(methods[(at >> 1) % 4] ?? "Add", who) };
    });
    const answers = await caller.call(...plan.map(({ ask }) => ask));
    const wrong = plan.filter(({ who, answers: wanted }, at) => {
      const answer = answers[at];
      const got = answer && [answer.code, servedBy(answer), answer.messages.map(text)];
      return JSON.stringify(got) !== JSON.stringify([status.OK, [who, who], wanted.map(text)]);
    });
    t.equal(wrong.length, 0, JSON.stringify(wrong[0] && answers[plan.indexOf(wrong[0])]));
  });
});

void t.test("gRPC when the local process is not there", async (t) => {
  await using scene = await Scene.create({ label: "grpcgone" });
  const { made } = scene;
  await using app = await GrpcApp.start({ name: "app", namespace: made.pod, port });
  const flags = ["--header", "^x-tenant: blue$"];
  await using caller = await GrpcCaller.start({ namespace: made.client });
  await caller.connect(`${made.pod.address4}:${port}`);
  t.ok(app.port === port);

  await t.test("a process that ends during a call: UNAVAILABLE, with the reason", async (t) => {
    await using first = await GrpcApp.start({ name: "local", host: "127.0.0.1" });
    await using steal = await scene.steal("--port", `${port}:${first.port}`, ...flags);
    t.ok(steal.agentPid > 0);
    for (const [at, method] of methods.entries()) {
      const again = { name: "local", host: "127.0.0.1", port: first.port };
      await using local = at === 0 ? first : await GrpcApp.start(again);
      const { ask } = usual(method, "local");
      const [answer] = await caller.call({ ...ask, metadata: [...mine("local"), ["x-do", "exit"]] });
      t.equal(answer.code, status.UNAVAILABLE, `${method}: ${answer.details}`);
      t.match(answer.details, /\w/);
      const { ask: other } = usual(method, "app");
      t.equal((await caller.call(other))[0].code, status.OK, "bystanders go on");
      await local.proc.exited;
    }
  });

  await t.test(
    "a process that is gone: the app answers, or UNAVAILABLE where that was asked for",
    async (t) => {
      const gone = await GrpcApp.start({ name: "local", host: "127.0.0.1" });
      await gone.proc.kill();
      for (const onFailure of ["original", "error"] as const) {
        const more = ["--on-local-failure", onFailure];
        await using steal = await scene.steal("--port", `${port}:${gone.port}`, ...flags, ...more);
        t.ok(steal.agentPid > 0);
        for (const method of methods) {
          const { ask, answers } = usual(method, "local");
          const [answer] = await caller.call(ask);
          if (onFailure === "error") t.equal(answer.code, status.UNAVAILABLE, `${method}: ${answer.details}`);
          else
            t.same([answer.code, answer.messages.map(text)], [status.OK, answers.map(text)], answer.details);
        }
      }
    },
  );
});

void t.test("gRPC by service, method and metadata: the flags take what they name", async (t) => {
  await using scene = await Scene.create({ label: "grpcflags" });
  const { made } = scene;
  await using app = await GrpcApp.start({ name: "app", namespace: made.pod, port });
  await using local = await GrpcApp.start({ name: "local", host: "127.0.0.1" });
  await using caller = await GrpcCaller.start({ namespace: made.client });
  await caller.connect(`${made.pod.address4}:${port}`);
  const everything: readonly ShopMethod[] = methods;
  const flags: [readonly string[], { withTenant: readonly ShopMethod[]; without: readonly ShopMethod[] }][] =
    [
      [["--grpc", "shop.Cart"], { withTenant: everything, without: everything }],
      [
        ["--grpc", "shop.Cart/Add", "--grpc", "shop.Cart/Chat"],
        { withTenant: ["Add", "Chat"], without: ["Add", "Chat"] },
      ],
      [["--grpc", "shop.Order"], { withTenant: [], without: [] }],
      [
        ["--filter", 'grpc.method != Fill && grpc.metadata("x-tenant") == blue'],
        { withTenant: ["Add", "List", "Chat"], without: [] },
      ],
    ];
  t.ok(app.port === port);
  for (const [args, wanted] of flags) {
    await using steal = await scene.steal("--port", `${port}:${local.port}`, ...args);
    t.ok(steal.agentPid > 0);
    for (const who of ["local", "app"] as const) {
      const answers = await caller.call(...methods.map((method) => usual(method, who).ask));
      const stolen = methods.filter((_, at) => answers[at]?.trailing.some(([, value]) => value === "local"));
      t.same(stolen, who === "local" ? wanted.withTenant : wanted.without, `${args.join(" ")} as ${who}`);
    }
  }
});

/** Values of one text field come in one line, with commas between, as RFC 9110 §5.2 has it. */
function asGrpcJsReads(pairs: MetadataPairs): MetadataPairs {
  const read: [string, string | Uint8Array][] = [];
  for (const [name, value] of pairs) {
    const known = read.find(([other]) => other === name);
    if (known !== undefined && typeof known[1] === "string")
      known[1] += `, ${value as string}`; // No binary name.
    else read.push([name, value]);
  }
  return read;
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}

function shown([name, value]: readonly [string, string | Uint8Array]): [string, string] {
  return [name, typeof value === "string" ? value : Buffer.from(value).toString("hex")];
}
