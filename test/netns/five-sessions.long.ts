import t, { type Test } from "tap";
import type { Filter } from "../../src/filters/index.ts";
import { head } from "../filters/head.ts";
import { type CallerRequest, Callers } from "../fixtures/callers.ts";
import { MagpieSteal, RuntimeDirectory } from "../fixtures/magpie-steal.ts";
import { createNamespaces } from "../fixtures/namespaces.ts";
import { PartyApps } from "../fixtures/party-apps.ts";
import { RoutingOracle, type Standing } from "../fixtures/routing-oracle.ts";

const port = 8080;
const perSecond = 2_000;
/** So long at least with everybody there, and again while they come and go. */
const requests = 4_000;

type Wanted = Pick<Standing, "name" | "filter" | "priority" | "rank">;

const tenant: Filter = { header: { name: "x-tenant", equals: "blue" } };
const api: Filter = { path: { prefix: "/api/" } };
const user = (name: string): Filter => ({ header: { name: "x-user", equals: name } });

/** From those who are asked first to those who are asked last, as the ranks say. */
const wanted = {
  /** Overlaps with everybody, and goes first. */
  priority: { name: "priority", filter: user("ann"), priority: 10, rank: 100 },
  /** Within the next one and the last. */
  narrow: { name: "narrow", filter: { all: [tenant, api] }, priority: 0, rank: 160 },
  tenant: { name: "tenant", filter: tenant, priority: 0, rank: 100 },
  /** As specific as the one before, and younger. */
  team: { name: "team", filter: { header: { name: "x-team", equals: "red" } }, priority: 0, rank: 100 },
  /** The widest. */
  api: { name: "api", filter: api, priority: 0, rank: 60 },
} as const satisfies Record<string, Wanted>;
const parties = ["priority", "narrow", "tenant", "team", "api"] as const;

/** Every combination of what the filters look at. */
const templates: CallerRequest[] = [];
for (const path of ["/other", "/api/orders"])
  for (const tenantValue of ["", "blue", "green"])
    for (const team of ["", "red"])
      for (const name of ["", "ann", "bob"]) {
        const fields = [
          ["x-tenant", tenantValue],
          ["x-team", team],
          ["x-user", name],
        ] as const;
        const body = templates.length % 3 === 0 ? { method: "POST", bodyBytes: 300 } : { method: "GET" };
        templates.push({ ...body, path, fields: fields.filter(([, value]) => value !== "") });
      }

void t.test("five sessions on one port, and everybody is answered by whom the filters say", async (t) => {
  await using stack = new AsyncDisposableStack();
  const runtimeDirectory = stack.use(await RuntimeDirectory.create());
  const made = stack.use(await createNamespaces({ label: "five" }));
  stack.use(await PartyApps.start({ namespace: made.pod, parties: [{ name: "app", host: "::", port }] }));
  const locals = stack.use(
    await PartyApps.start({ parties: parties.map((name) => ({ name, host: "127.0.0.1" })) }),
  );
  const oracle = new RoutingOracle();
  const argsOf = ({ name, filter, priority }: Wanted, more: readonly string[] = []): string[] => [
    ...["--port", `${port}:${locals.ports[parties.findIndex((party) => party === name)]}`],
    ...["--filter", JSON.stringify(filter), "--priority", String(priority), "--name", name, ...more],
  ];
  const join = async (about: Wanted): Promise<{ steal: MagpieSteal; leave: () => Promise<void> }> => {
    const standing = oracle.arriving(about);
    const steal = stack.use(
      await MagpieSteal.start({ pod: made.pod, runtimeDirectory, args: argsOf(about) }),
    );
    oracle.arrived(standing);
    const leave = async (): Promise<void> => {
      oracle.leaving(standing);
      await steal.end();
      oracle.left(standing);
    };
    return { steal, leave };
  };
  const sessions = new Map<string, Awaited<ReturnType<typeof join>>>();
  for (const name of parties) sessions.set(name, await join(wanted[name]));

  const callers = stack.use(
    await Callers.start({
      namespace: made.client,
      host: made.pod.address4,
      port,
      lanes: [
        { kind: "raw", count: 40 },
        { kind: "http2", count: 24 },
      ],
      requests: templates,
      pace: { perSecond },
      renewEvery: 500,
    }),
  );
  const more = async (): Promise<void> =>
    callers.ended((await callers.count()) + requests, { timeoutMs: 60_000 });
  // Everybody's code is cold at first.
  await more();
  const startedMs = performance.now();
  await more();
  const rate = (requests / (performance.now() - startedMs)) * 1_000;

  await t.test("an identical filter is refused with the name of who holds it", async (t) => {
    const args = argsOf({ ...wanted.tenant, priority: 3 });
    await using steal = await MagpieSteal.begin({ pod: made.pod, runtimeDirectory, args });
    t.match(await steal.event("ended"), { code: "subscribe-refused", message: /\(tenant\)/ });
  });
  await sessions.get("team")?.leave();
  await sessions.get("priority")?.leave();
  await Promise.all([more(), join({ ...wanted.priority, filter: user("bob") })]);
  await sessions.get("tenant")?.leave();
  // It is the younger one now.
  await join(wanted.team);
  await join(wanted.tenant);
  await more();
  const { outcomes, seen } = await callers.stop();

  const faults = outcomes.filter(({ fault }) => fault !== undefined);
  t.same(faults.slice(0, 5), [], `${outcomes.length} requests, each answered`);
  assertParties(t, oracle, outcomes);
  const answered = new Map<string, number>();
  for (const { who = "" } of outcomes) answered.set(who, (answered.get(who) ?? 0) + 1);
  t.same([...answered.keys()].toSorted(), ["api", "app", "narrow", "priority", "team", "tenant"]);
  t.comment(`${rate.toFixed()} requests/s of ${perSecond}`, seen, Object.fromEntries(answered));
});

function assertParties(
  t: Test,
  oracle: RoutingOracle,
  outcomes: Awaited<ReturnType<Callers["stop"]>>["outcomes"],
): void {
  const heads = templates.map(({ method, path, fields = [] }) =>
    head({ method, target: `${path}/1`, authority: "pod", fields }),
  );
  let decided = 0;
  const strays: unknown[] = [];
  for (const { request, who = "", sentAtMs, endedAtMs } of outcomes) {
    const may = oracle.mayAnswer(heads[request] ?? head({}), sentAtMs, endedAtMs);
    if (may.length === 1 || may[0] === "app") decided++;
    if (!may.includes(who)) strays.push({ ...templates[request], who, may, sentAtMs, endedAtMs });
  }
  t.same(strays.slice(0, 5), [], `${strays.length} by somebody else`);
  t.ok(decided > outcomes.length / 2, `${decided} of them could only be answered by one`);
}
