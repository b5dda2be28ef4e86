import type { Settings } from "node:http2";
import t from "tap";
import { SoakClient, startSoakServer } from "../fixtures/http2-soak.ts";
import { Scene } from "../fixtures/scene.ts";

const port = 8080;
const seed = 20_261_123;

/** What app and local process allow; small and large in turn. */
const pairings: readonly { readonly app: Settings; readonly local: Settings }[] = [
  { app: {}, local: {} },
  {
    app: { headerTableSize: 65_536, initialWindowSize: 1_000, maxConcurrentStreams: 100 },
    // No small limit of streams here: Node refuses some that keep to it, since it counts those that are only just over.
    local: { headerTableSize: 0, initialWindowSize: 1_000_000 },
  },
  {
    app: { headerTableSize: 200, initialWindowSize: 1_000_000, maxFrameSize: 100_000 },
    local: { headerTableSize: 65_536, initialWindowSize: 1_500 },
  },
];

void t.test("node:http2 with mixed streams: every field, body and trailer is whole", async (t) => {
  await using scene = await Scene.create({ label: "soak" });
  const { made } = scene;
  await using client = await SoakClient.start({ namespace: made.client });
  await using stack = new AsyncDisposableStack();
  const args = ["--header", "^x-tenant: blue$"];
  for (const [at, { app, local }] of pairings.entries()) {
    const inPod = { name: "app", settings: app, namespace: made.pod, port: port + at };
    stack.use(await startSoakServer(inPod));
    const { port: localPort } = stack.use(await startSoakServer({ name: "local", settings: local }));
    args.push("--port", `${port + at}:${localPort}`);
  }
  await using steal = await scene.steal(...args);
  t.ok(steal.agentPid > 0);

  for (const [at, settings] of pairings.entries())
    await t.test(`apps with ${JSON.stringify(settings)}`, async (t) => {
      const url = `http://${made.pod.address4}:${port + at}`;
      const { faults, ...report } = await client.soak({ url, seed: seed + at, durationMs: 3_000 });
      t.same(faults, []);
      t.ok(report.streams > 50 && report.stolen > 5 && report.cancelled > 0, JSON.stringify(report));
    });
});
