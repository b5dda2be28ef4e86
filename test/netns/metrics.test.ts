import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import t from "tap";
import { parsePrometheus } from "../agent/metrics/prometheus-parser.ts";
import { HttpApp } from "../fixtures/http-app.ts";
import { MagpieSteal, RuntimeDirectory } from "../fixtures/magpie-steal.ts";
import { createNamespaces } from "../fixtures/namespaces.ts";
import { until } from "../fixtures/until.ts";

const execute = promisify(execFile);
const launcher = fileURLToPath(new URL("../../src/client/magpie.js", import.meta.url));

void t.test(
  "magpie metrics: what went through the agent, counted, in a text that Prometheus reads",
  async (t) => {
    await using runtimeDirectory = await RuntimeDirectory.create();
    await using made = await createNamespaces({ label: "metrics" });
    const { client, pod } = made;
    await using app = await HttpApp.start({ name: "app", namespace: pod, port: 80 });
    await using local = await HttpApp.start({ name: "local", host: "127.0.0.1" });
    await using steal = await MagpieSteal.start({
      pod,
      runtimeDirectory,
      args: ["--port", `80:${local.port}`, "--header", "^x-tenant: (blue|)$"],
    });
    const metrics = async (...args: string[]): Promise<string> => {
      const env = { ...process.env, MAGPIE_RUNTIME_DIR: runtimeDirectory.path };
      const command = [launcher, "metrics", "--target", `netns:${pod.name}`, ...args];
      return (await execute(process.execPath, command, { env })).stdout;
    };
    const url = `http://${pod.address4}/`;
    const blue = ["-H", "x-tenant: blue"];
    await client.run("curl", "-sS", url, url, url);
    await client.run("curl", "-sS", ...blue, url, url);
    await client.run("curl", "-sS", ...blue, "-A", "kube-probe/1.36", url);
    await local.proc.kill();
    await client.run("curl", "-sS", ...blue, url);

    const values = async (): Promise<Map<string, number>> => {
      const samples = parsePrometheus(await metrics()).flatMap((family) => family.samples);
      return new Map(
        samples.map(({ name, labels, value }) => [[name, ...Object.values(labels)].join(" "), value]),
      );
    };
    await until(
      async () =>
        ((await values()).get("magpie_tunnel_round_trip_seconds_count " + steal.ready.session) ?? 0) > 0,
      {
        what: "a round trip to be counted",
      },
    );
    const now = await values();
    const expected = {
      "magpie_requests_total http1 original": 3,
      "magpie_requests_total http1 stolen": 3,
      "magpie_requests_total http1 probe": 1,
      "magpie_steal_failures_total local-refused": 1,
      magpie_sessions: 1,
      magpie_subscriptions: 1,
    };
    for (const [name, value] of Object.entries(expected)) t.equal(now.get(name), value, name);
    t.ok((now.get("magpie_resident_memory_bytes") ?? 0) > 10 << 20);
    t.ok((now.get("magpie_lease_renewals_total") ?? 0) > 0);
    t.ok((now.get("magpie_received_bytes_total app") ?? 0) > 300);
    t.ok(app.proc.running);

    const line = JSON.parse(await metrics("--output", "json")) as {
      event: string;
      families: { name: string }[];
    }; // Its own form.
    t.equal(line.event, "metrics");
    t.ok(line.families.some(({ name }) => name === "magpie_added_latency_seconds"));
  },
);

void t.test("magpie metrics where no agent runs: says so", async (t) => {
  await using runtimeDirectory = await RuntimeDirectory.create();
  await using made = await createNamespaces({ label: "nometrics" });
  const env = { ...process.env, MAGPIE_RUNTIME_DIR: runtimeDirectory.path };
  const command = [launcher, "metrics", "--target", `netns:${made.pod.name}`];
  await t.rejects(execute(process.execPath, command, { env }), { code: 1, stderr: /no agent/ });
});
