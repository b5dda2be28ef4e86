import t from "tap";
import { asideRules } from "../fixtures/aside-rules.ts";
import { HttpApp } from "../fixtures/http-app.ts";
import { Load } from "../fixtures/load.ts";
import { MagpieSteal, RuntimeDirectory } from "../fixtures/magpie-steal.ts";
import { createNamespaces } from "../fixtures/namespaces.ts";
import type { RawAnswer } from "../fixtures/raw-app.ts";
import type { RawConnection } from "../fixtures/raw-client.ts";
import { Scene } from "../fixtures/scene.ts";
import { answer, message } from "../fixtures/wire-messages.ts";

const header = ["--header", "^x-tenant: blue$"];
const get = message(["GET /theirs HTTP/1.1"]);
const theirs = answer(200, "theirs");

/** Answers every request of a connection that asks often. */
function often(): { answers: RawAnswer[] } {
  const answers = Array.from({ length: 64 }, (_, index) => ({
    afterBytes: (index + 1) * get.length,
    chunks: [theirs],
  }));
  return { answers };
}

async function ask(connection: RawConnection): Promise<string> {
  await connection.send({ chunks: [get] });
  return (await connection.read({ bytes: theirs.length })).why;
}

function notice(steal: MagpieSteal, code: string): Promise<Record<string, unknown>> {
  return steal.event("notice", { fits: (event) => event["code"] === code, timeoutMs: 20_000 });
}

/** Somebody's rule that brings connections to port 81 to the app's port 80, behind the back of ours. */
async function turnAside({ made }: Scene): Promise<void> {
  const { code, stderr } = await made.pod.run("nft", asideRules({ family: "ip", from: 81, to: 80 }));
  if (code !== 0) throw new Error(stderr);
}

t.jobs = 6;

for (const backend of ["tproxy", "redirect", "iptables"] as const)
  void t.test(`--redirect ${backend}: connections that reach the app past the agent are told`, async (t) => {
    await using scene = await Scene.create({ label: `past${backend}` });
    const { app, client, to } = scene;
    await app.setScript(often());
    const before = [await client.open(to), await client.open(to)];
    for (const connection of before) t.equal(await ask(connection), "bytes");
    await using steal = await scene.steal(...header, "--redirect", backend);
    t.match((await notice(steal, "existing-connections"))["message"], /^2 connections were open to port 80 /);
    await turnAside(scene);
    const past = [await client.open({ ...to, port: 81 }), await client.open({ ...to, port: 81 })];
    const through = await client.open(to);
    for (const connection of [...past, through]) t.equal(await ask(connection), "bytes");
    const warning = await notice(steal, "bypass");
    t.equal(warning["level"], "warning");
    const counted = backend === "iptables" ? "" : ", 2 counted in the kernel";
    t.match(
      warning["message"],
      `connections to port 80 reach the app without passing Magpie: 2 open now, 2 seen since it was taken${counted}, ` +
        "from 10.77.0.2:",
    );
    if (backend !== "iptables") t.match(warning["message"], "table ip somebody, chain aside");
    for (const connection of [...before, through]) t.equal(await ask(connection), "bytes");
  });

void t.test("ports that were lost by a stopped agent are named as the cause", async (t) => {
  await using scene = await Scene.create({ label: "lapse" });
  const { app, client, to } = scene;
  await app.setScript(often());
  await client.open(to);
  await using steal = await scene.steal(...header);
  // By then it has looked once.
  await notice(steal, "existing-connections");
  process.kill(steal.agentPid, "SIGSTOP");
  t.teardown(() => steal.proc.running && process.kill(steal.agentPid, "SIGCONT"));
  let direct: RawConnection | undefined;
  for (const deadline = Date.now() + 8_000; direct === undefined && Date.now() < deadline; ) {
    const connection = await client.open(to);
    await connection.send({ chunks: [get] });
    if ((await connection.read({ bytes: theirs.length, timeoutMs: 500 })).why === "bytes")
      direct = connection;
  }
  process.kill(steal.agentPid, "SIGCONT");
  t.match((await notice(steal, "bypass"))["message"], /did not renew its hold on the ports for \d+\.\d s/);
});

for (const backend of ["tproxy", "redirect"] as const)
  void t.test(
    `--redirect ${backend}: connections through the agent raise no alarm, however they come and go`,
    async (t) => {
      await using stack = new AsyncDisposableStack();
      const runtimeDirectory = stack.use(await RuntimeDirectory.create());
      const { client, pod } = stack.use(await createNamespaces({ label: `calm${backend}` }));
      const [, local] = await Promise.all([
        HttpApp.start({ name: "app", namespace: pod, port: 80 }).then((app) => stack.use(app)),
        HttpApp.start({ name: "local", host: "127.0.0.1" }).then((app) => stack.use(app)),
      ]);
      const load = async (namespace: typeof client, host: string, fresh: boolean) =>
        stack.use(
          await Load.start({ namespace, host, port: 80, connections: 16, ratePerSecond: 100, fresh }),
        );
      const before = await load(client, pod.address4, false);
      await before.ended(16);
      const steal = stack.use(
        await MagpieSteal.start({
          pod,
          runtimeDirectory,
          args: ["--port", `80:${local.port}`, ...header, "--redirect", backend],
        }),
      );
      const existing = await notice(steal, "existing-connections");
      t.match(existing["message"], /^16 connections were open/);
      const loads = [
        await load(client, pod.address4, true),
        await load(client, pod.address6, false),
        await load(pod, "127.0.0.1", true),
      ];
      // Two looks at the least are made meanwhile.
      await Promise.all(loads.map((one) => one.ended(1_100)));
      t.notOk(steal.proc.output().includes('"code":"bypass"'), steal.proc.output().slice(-2_000));
    },
  );
