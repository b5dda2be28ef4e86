import t from "tap";
import { readKeys } from "../../../src/client/watch/keys.ts";
import { RowStore } from "../../../src/client/watch/row-store.ts";
import { screenLines } from "../../../src/client/watch/screen-lines.ts";
import { widthOf } from "../../../src/client/watch/cell-width.ts";
import { WatchModel } from "../../../src/client/watch/watch-model.ts";
import { paintFor } from "../../../src/client/text/paint.ts";
import { decision } from "../../fixtures/decision.ts";
import { DrawnScreen } from "../../../src/client/watch/drawn-screen.ts";

const plain = { paint: (_style: unknown, text: string) => text, inverts: false };
const coloured = { paint: paintFor({ isTTY: true }, { TERM: "xterm" }), inverts: true };
const passed = { verdict: "original", session: null, sessionName: null } as const;
const at = new Date(2026, 10, 30, 12, 0, 0, 123).getTime();

let seq = 0;
const row = (target: string, change: Parameters<typeof decision>[0] = {}) => ({
  ...decision({ seq: ++seq, requestId: seq.toString(36), at, target, ...change }),
  member: undefined,
});

function modelOf(count: number, options: { rows?: RowStore } = {}): WatchModel {
  const model = new WatchModel({ label: "netns:shop", ...options });
  model.connection = { there: 1, all: 1, why: undefined, missing: 0 };
  model.add(Array.from({ length: count }, (_, index) => row(`/${index}`, index % 2 === 0 ? {} : passed)));
  return model;
}

const press = (model: WatchModel, typed: string) =>
  readKeys(typed)
    .keys.map((key) => model.press(key))
    .at(-1);
const lines = (model: WatchModel, columns = 80, rows = 8) =>
  screenLines(model, { columns, rows }, plain).lines;
const paths = (model: WatchModel, rows = 8) =>
  lines(model, 80, rows)
    .slice(2, -1)
    .map((line) => line.replace(/.* /, line.startsWith(">") ? ">" : ""));
const settle = (model: WatchModel) => {
  while (model.work());
};

void t.test("the newest is at the bottom and followed, until somebody moves", async (t) => {
  const model = modelOf(10);
  t.same(paths(model), ["/5", "/6", "/7", "/8", ">/9"]);
  model.add([row("/10")]);
  t.same(paths(model).at(-1), ">/10");
  press(model, "k");
  t.notOk(model.isFollowing);
  model.add([row("/11")]);
  t.ok(paths(model).includes(">/9"));
  press(model, "\x1b[H");
  t.same(paths(model), [">/0", "/1", "/2", "/3", "/4"]);
  press(model, "\x1b[6~\x1b[5~jj");
  t.ok(paths(model).includes(">/2"));
  press(model, "G");
  t.same(paths(model).at(-1), ">/11");
  t.ok(model.isFollowing);
});

void t.test("rows look as wide as there is room", async (t) => {
  const model = modelOf(0);
  model.add([
    row("/api/cart", {
      status: 503,
      durationMs: 1_234,
      bytesIn: 1_500,
      failure: "the local program refused",
    }),
    row("/home", { ...passed, mirrors: [{ session: "s2", name: "eve", outcome: "sent" }] }),
  ]);
  t.same(
    lines(model, 40, 6).map((line) => line.trimEnd()),
    [
      "magpie watch netns:shop  live  2 of 2",
      " AT       METHOD  ST   PATH",
      " 12:00:00 GET    503 S /api/cart",
      ">12:00:00 GET    200 M /home",
      "",
      "? help  / filter  Enter details  s stol…",
    ],
  );
  t.same(
    lines(model, 80, 6)
      .slice(1, 4)
      .map((line) => line.trimEnd()),
    [
      " AT       METHOD   ST ANSWERED BY    TIME PATH",
      " 12:00:00 GET     503 ann            1.2s /api/cart",
      ">12:00:00 GET     200 app +eve       12ms /home",
    ].map((line) => line.trimEnd()),
  );
  const wide = lines(model, 200, 6)[2] ?? "";
  t.match(wide, /^ 12:00:00\.123 GET +503 ann +1\.2s +1\.5k +400 \/api\/cart +the local program refused$/);
});

void t.test(
  "no line is wider than the screen, and nothing that a request says reaches the terminal",
  async (t) => {
    const model = modelOf(3);
    const evil = "/\x1b]0;owned\x07\x1b[2J\r\n\u009b1mé日本語😀\u202e".repeat(20);
    model.add([
      row(evil, {
        method: "\x1b[31m",
        sessionName: evil,
        reason: evil,
        failure: evil,
        peer: evil,
        head: [[evil, evil]],
      }),
    ]);
    for (const mode of ["", "\r", "C", "\x1b\x1b?", "\x1b/"]) {
      press(model, mode);
      for (const columns of [20, 40, 61, 80, 120, 200])
        for (const line of screenLines(model, { columns, rows: 12 }, coloured).lines) {
          // oxlint-disable-next-line no-control-regex -- our own colours, and nothing else
          const text = line.replace(/\x1b\[[0-9;]*m/g, "");
          t.notMatch(text, /[\p{Cc}\u202e]/u);
          if (widthOf(text) > columns) t.fail(`${columns}: ${JSON.stringify(text)}`);
        }
    }
    t.same(lines(model, 10, 3), ["too small", "", ""]);
  },
);

void t.test("a filter is taken as soon as it is right; while it is wrong the rows stay", async (t) => {
  const model = modelOf(10);
  press(model, '/path == "/3"');
  settle(model);
  t.same(paths(model), [">/3", "", "", "", ""]);
  press(model, " and");
  t.match(lines(model).at(-1), /^\/path == "\/3" and +at \d+: /);
  settle(model);
  t.same(paths(model)[0], ">/3");
  press(model, "\r");
  t.ok(model.filterLine !== undefined, "a wrong filter is not taken");
  press(model, "\x17\r");
  t.match(lines(model).at(-1), /^filter: path == "\/3"/);
  model.add([row("/x"), row("/3")]);
  t.same(paths(model).slice(0, 2), ["/3", ">/3"]);
  press(model, "/\x15method == POST");
  settle(model);
  t.equal(model.visibleCount, 0);
  t.match(lines(model)[2], /no request fits/);
  press(model, "\x1b");
  model.press({ name: "escape" });
  settle(model);
  t.equal(model.visibleCount, 2, "the filter of before");
});

void t.test("requests whose fields are not shown are counted apart", async (t) => {
  const model = modelOf(0);
  model.add([row("/a", { headerNames: ["x-user"] }), row("/b", { headerNames: [] }), row("/c")]);
  press(model, "/header(x-user) == ann\r");
  settle(model);
  t.match(lines(model, 120)[0], /0 of 3, 1 more may fit: their fields are not shown to you/);
});

void t.test("only stolen ones, and all again", async (t) => {
  const model = modelOf(6);
  press(model, "s");
  settle(model);
  t.same(paths(model).filter(Boolean), ["/0", "/2", ">/4"]);
  press(model, "s");
  settle(model);
  t.equal(model.visibleCount, 6);
});

void t.test("paused, the list stands still and nothing is lost", async (t) => {
  const model = modelOf(5);
  press(model, "p");
  model.add([row("/new"), row("/newer")]);
  t.same(paths(model).at(-1), ">/4");
  t.match(lines(model)[0], /paused, 2 newer/);
  press(model, "p");
  t.match(lines(model)[0], /live/);
  t.same(paths(model).at(-1), ">/newer");
});

void t.test("a request is shown with why, and its neighbours", async (t) => {
  const model = modelOf(5);
  press(model, "k\r");
  t.match(lines(model).join("\n"), /GET \/3 → original 200[^]*passed to the original: a clause holds/);
  press(model, "\x1b[D");
  t.match(lines(model).join("\n"), /GET \/2 → session s1 \(ann\)/);
  press(model, "C");
  t.match(lines(model).join("\n"), /curl http:\/\/localhost\/2/);
  t.same(press(model, "c"), { do: "copy", text: "curl http://localhost/2" });
  model.press({ name: "escape" });
  model.press({ name: "escape" });
  t.equal(model.mode.at, "list");
  t.match(lines(model)[0], /not following/);
  t.same(model.press({ name: "escape" }), { do: "quit" });
  t.same(press(model, "\x03"), { do: "quit" });
});

void t.test("100,000 rows are kept and filtered in steps, while others come", async (t) => {
  const model = modelOf(0, { rows: new RowStore({ rows: 100_000 }) });
  model.add(Array.from({ length: 120_000 }, (_, index) => row(`/${index % 1_000}`)));
  t.equal(model.visibleCount, 100_000);
  t.match(lines(model, 120)[0], /100000 of 100000, 20000 dropped/);
  press(model, '/path == "/7"');
  let steps = 0;
  let longestMs = 0;
  for (let goesOn = true; goesOn; steps++) {
    const fromMs = performance.now();
    goesOn = model.work();
    longestMs = Math.max(longestMs, performance.now() - fromMs);
    model.add([row("/7"), row("/8")]);
  }
  t.ok(steps > 10, `${steps} steps, the longest ${longestMs.toFixed(1)} ms`);
  t.ok(longestMs < 1_000);
  t.equal(model.visibleCount, 100 + steps - 1, "one of the first has been dropped meanwhile");
});

void t.test("only what has changed is drawn", async (t) => {
  const model = modelOf(3);
  const drawn = new DrawnScreen();
  const size = { columns: 80, rows: 8 };
  const draw = () => drawn.draw(screenLines(model, size, plain), size);
  t.match(draw(), /\/0[^]*\/1[^]*\/2/);
  t.equal(draw(), "");
  model.add([row("/late")]);
  const text = draw();
  t.match(text, /\/late/);
  t.notMatch(text, /\/0/);
  drawn.forget();
  t.match(draw(), /\/0[^]*\/late/);
});

void t.test("lost connections are told", async (t) => {
  const model = modelOf(1);
  model.connection = { there: 0, all: 1, why: "the agent is gone", missing: 3 };
  t.match(lines(model, 120)[0], /not connected, trying again: the agent is gone  1 of 1, 3 not told/);
  model.connection = { there: 1, all: 2, why: "no agent", missing: 0 };
  t.match(lines(model, 120)[0], /1 of 2 connected/);
});
