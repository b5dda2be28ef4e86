import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t, { type Test } from "tap";
import { type SummaryReport } from "../../../src/client/compare/index.ts";
import type { MirrorPlan } from "../../../src/client/mirror/index.ts";
import { mirrorWork } from "../../../src/client/mirror/mirror-work.ts";
import type { Reporter } from "../../../src/client/running/index.ts";
import { jsonReporter } from "../../../src/client/running/index.ts";
import { FakeAgent } from "../incoming/fake-agent.ts";
import { freePort } from "../incoming/local-app.ts";
import { serve } from "./mirrored.ts";

type Line = Readonly<Record<string, unknown>>;

/** A mirror that compares, with what it has told. */
function mirror(t: Test, port: number, compare: Partial<NonNullable<MirrorPlan["compare"]>> = {}) {
  const lines: Line[] = [];
  const reporter: Reporter = jsonReporter((line) => lines.push(JSON.parse(line) as Line)); // An object a line.
  const plan = {
    ...{ sample: 1, maxPerSecond: null, answerTimeoutMs: 5_000 },
    compare: { ignore: [], learns: false, maxDifferences: 20, report: undefined, ...compare },
  } as unknown as MirrorPlan; // The rest is not for this part.
  const work = mirrorWork(plan, reporter);
  const agent = new FakeAgent({
    port,
    receiverFor: ({ incoming }) => {
      const session = (): never => {
        throw new Error("nobody is asked");
      };
      return work.receiverFor({ incoming, session });
    },
  });
  t.teardown(() => agent[Symbol.asyncDispose]());
  let requests = 0;
  /** One exchange that the app answers with `ok`. */
  const exchange = async (path = "/"): Promise<void> => {
    const requestId = `${++requests}`;
    const meta = { copy: "request", requestId } as const;
    const copy = agent.steal(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`, meta);
    copy.stream?.end();
    const answer = agent.steal("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", { copy: "answer", requestId });
    answer.stream?.write(Buffer.from("ok"));
    answer.stream?.end();
    await Promise.all([copy.over(), answer.over()]);
    await agent.receiver.settled({ signal: AbortSignal.timeout(5_000) });
  };
  const told = (event: string) => lines.filter((line) => line["event"] === event);
  const conclude = async () => await work.conclude?.();
  return { exchange, told, conclude };
}

void t.test("answers that are all the same end with 0", async (t) => {
  await using local = await serve((_request, response) => response.end("ok"));
  const { exchange, told, conclude } = mirror(t, local.port);
  await exchange();
  await exchange();
  t.equal(await conclude(), 0);
  t.match(told("summary"), [{ report: { verdict: "same", pairs: { total: 2, same: 2 } } }]);
  t.same(told("comparison"), []);
});

void t.test("an answer that differs ends with 3, whatever else is the same", async (t) => {
  await using local = await serve((request, response) => response.end(request.url === "/a" ? "no" : "ok"));
  const { exchange, told, conclude } = mirror(t, local.port);
  for (const path of ["/", "/a", "/"]) await exchange(path);
  t.equal(await conclude(), 3);
  t.match(told("comparison"), [{ method: "GET", target: "/a", verdict: "differs", requestId: "2" }]);
});

void t.test("nothing compared ends with 4, and so does a program that does not answer", async (t) => {
  const nobody = mirror(t, await freePort());
  t.equal(await nobody.conclude(), 4);
  await nobody.exchange();
  t.equal(await nobody.conclude(), 4);
  await using local = await serve((request, response) =>
    request.url === "/dies" ? void request.socket.destroy() : void response.end("ok"),
  );
  const dying = mirror(t, local.port);
  for (const path of ["/", "/dies", "/"]) await dying.exchange(path);
  t.equal(await dying.conclude(), 4);
  t.match(dying.told("comparison"), [{ target: "/dies", incomparable: [{ code: "local-none" }] }]);
});

void t.test("the report is what the summary says, and what it cannot write ends with 1", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "magpie-report-"));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  const report = join(directory, "diff.json");
  await using local = await serve((_request, response) => response.end("ok"));
  const { exchange, told, conclude } = mirror(t, local.port, { report });
  await exchange();
  t.equal(await conclude(), 0);
  const written = JSON.parse(readFileSync(report, "utf8")) as SummaryReport; // As it was written.
  t.same(told("summary")[0]?.["report"], written);
  rmSync(directory, { recursive: true });
  t.equal(await conclude(), 1);
  t.match(told("notice"), [{ level: "error", code: "report", message: /ENOENT/ }]);
});

void t.test("only so many differences are told one by one, and then that there are more", async (t) => {
  await using local = await serve((_request, response) => response.end("no"));
  const { exchange, told, conclude } = mirror(t, local.port, { maxDifferences: 2 });
  for (let index = 0; index < 5; index++) await exchange(`/${index}`);
  t.equal(told("comparison").length, 2);
  t.match(told("notice"), [{ code: "more-differences" }]);
  await conclude();
  t.match(told("summary"), [{ report: { pairs: { differs: 5 } } }]);
});

void t.test("without --compare it ends with 0 and says what became of the copies", async (t) => {
  const lines: Line[] = [];
  const reporter = jsonReporter((line) => lines.push(JSON.parse(line) as Line)); // An object a line.
  const plan = {
    sample: 0.5,
    maxPerSecond: 10,
    answerTimeoutMs: 1,
    compare: undefined,
  } as unknown as MirrorPlan; // As above.
  const work = mirrorWork(plan, reporter);
  t.match(work.terms, { mode: "mirror", mirror: { sample: 0.5, maxPerSecond: 10, answers: false } });
  const none = { dropped: 0, failed: 0, skipped: 0, answersDropped: 0, bytes: 0, lastDrop: null };
  work.onCopies?.({ type: "copies", subscription: 1, sent: 3, ...none }, {});
  t.equal(await work.conclude?.(), 0);
  t.match(lines.at(-1), { event: "copies", sent: 3 });
});
