import t from "tap";
import { beginMagpie } from "../fixtures/magpie-command.ts";
import { RuntimeDirectory } from "../fixtures/magpie-steal.ts";
import type { Proc } from "../fixtures/proc.ts";
import { type Answer, Shop, shopPrograms, shopSettings } from "../fixtures/shop.ts";
import { until } from "../fixtures/until.ts";

// One cluster for all tests.
const stage = new AsyncDisposableStack();
t.teardown(() => stage.disposeAsync());
const runtimeDirectory = stage.use(await RuntimeDirectory.create());
const shop = stage.use(await Shop.open());
const blue = ["-H", "x-tenant: blue"] as const;

/** Runs a service of the shop at the desk, in the place of its pod, for requests of tenant blue. */
async function atTheDesk(service: "storefront" | "stock"): Promise<Proc> {
  const target = ["--target", `netns:${shop.pod(service).name}`, "--steal", "--header", "x-tenant: blue"];
  const own = ["--override", "WHO=desk", "--", process.execPath, shopPrograms[service]];
  return await beginMagpie(runtimeDirectory, ["exec", ...target, ...own]);
}

/** What tenant blue gets once the desk answers. */
async function answered(proc: Proc, byDesk: (answer: Answer) => boolean): Promise<Answer> {
  let answer = await shop.visit(...blue);
  const look = async (): Promise<boolean> => {
    if (!proc.running) throw new Error(`exec has ended:\n${proc.output()}`);
    answer = await shop.visit(...blue);
    return byDesk(answer);
  };
  await until(look, { what: `an answer of the desk\n${proc.output()}`, timeoutMs: 15_000 });
  return answer;
}

void t.test("a service at the desk has its pod's file, variables, names and network", async (t) => {
  await using desk = await atTheDesk("storefront");
  const answer = await answered(desk, ({ by }) => by === "desk");
  t.equal(answer.greeting, shopSettings.greeting, "the pod's file");
  t.equal(answer.region, "north", "the pod's variable");
  t.equal(answer.stock.by, "stock", "the second service, by its name");
  const others = await shop.visit();
  t.equal(others.by, "storefront", "who is not asked for is answered by the pod");
  t.equal(others.visits, answer.visits + 1, "both count in the same Redis");
});

void t.test("a request at a breakpoint waits, and nobody else does", async (t) => {
  await using desk = await atTheDesk("storefront");
  await answered(desk, ({ by }) => by === "desk");
  const { pid } = await shop.visit(...blue);
  process.kill(pid, "SIGSTOP");
  const held = shop.visit(...blue);
  for (let request = 0; request < 20; request++) t.equal((await shop.visit()).by, "storefront");
  process.kill(pid, "SIGCONT");
  t.equal((await held).by, "desk");
});

void t.test("fields go along from service to service, with both at the desk", async (t) => {
  await using storefront = await atTheDesk("storefront");
  await using stock = await atTheDesk("stock");
  await answered(storefront, ({ by }) => by === "desk");
  const answer = await answered(stock, (answer) => answer.stock.by === "desk");
  t.match(answer, { by: "desk", stock: { by: "desk", came: { "x-tenant": "blue" } } });
  t.match(await shop.visit("-H", "x-tenant: green"), { by: "storefront", stock: { by: "stock" } });
});
