import { createHash } from "node:crypto";
import t from "tap";
import { HttpApp } from "../fixtures/http-app.ts";
import { startHttp2Server } from "../fixtures/http2-server.ts";
import { askByUndici } from "../fixtures/http2-undici.ts";
import { Scene } from "../fixtures/scene.ts";

/** The app is the same on both; the local process of the second one speaks HTTP/1.1 only. */
const ports = [8080, 8081] as const;
const names: Record<number, string> = { 8080: "HTTP/2", 8081: "HTTP/1.1" };
const sizes = [0, 1, 999, 16_384, 65_535, 100_000] as const;
const sum = sizes.reduce<number>((all, bytes) => all + bytes, 0);

/** Every size once for the app and once for the local process, in turn. */
const mixed = (base: string): string[] =>
  sizes.flatMap((bytes) => [`${base}/bytes/${bytes}`, `${base}/bytes/${bytes}?mine`]);

void t.test("nghttp, h2load and undici with stolen and original streams on one connection", async (t) => {
  await using scene = await Scene.create({ label: "load" });
  const { made } = scene;
  await using stack = new AsyncDisposableStack();
  for (const port of ports) stack.use(await startHttp2Server({ name: "app", namespace: made.pod, port }));
  const http2 = stack.use(await startHttp2Server({ name: "local", port: 0 }));
  const [, http2Port = ""] = await http2.line(/^listening (\d+)$/);
  const http1 = stack.use(await HttpApp.start({ name: "local", host: "127.0.0.1" }));
  const mapped = ["--port", `${ports[0]}:${http2Port}`, "--port", `${ports[1]}:${http1.port}`];
  await using steal = await scene.steal(...mapped, "--query", "mine", "--trace");

  for (const port of ports) {
    const base = `http://${made.pod.address4}:${port}`;
    const about = `the local process over ${names[port]}`;

    for (const [streams, bits] of [
      [1, 16],
      [32, 16],
      [100, 30],
    ] as const)
      await t.test(`h2load, ${streams} streams at once, ${about}: every byte is there`, async (t) => {
        const rounds = 40;
        const count = rounds * 2 * sizes.length;
        const load = ["-n", `${count}`, "-c", "2", "-m", `${streams}`, "-w", `${bits}`, "-W", `${bits}`];
        const { stdout, stderr } = await made.client.run("h2load", ...load, ...mixed(base));
        t.match(stdout, `${count} succeeded, 0 failed, 0 errored, 0 timeout`, stderr);
        // Each of the two connections begins with the first address and takes all of them in turn.
        t.match(stdout, `(${rounds * 2 * sum}) data`);
      });

    await t.test(
      `nghttp with its priorities, ${about}: every answer is whole and from the right place`,
      async (t) => {
        const { code, stdout, stderr } = await made.client.run("nghttp", "-v", "--no-dep", ...mixed(base));
        t.equal(code, 0, stderr);
        const served = [...stdout.matchAll(/x-served-by: (\w+)/g)].map(([, name = ""]) => name);
        t.same(
          served.toSorted((one, two) => one.localeCompare(two)),
          [...sizes.map(() => "app"), ...sizes.map(() => "local")],
        );
        const { stdout: withPriorities } = await made.client.run("nghttp", "-ns", ...mixed(base));
        t.equal(
          [...withPriorities.matchAll(/ 200 +\S+ \/bytes\//g)].length,
          2 * sizes.length,
          withPriorities,
        );
      },
    );

    await t.test(`undici, ${about}: 240 requests at once`, async (t) => {
      const paths = Array.from({ length: 20 }, () => mixed("")).flat();
      const answers = await askByUndici({ namespace: made.client, origin: base, paths });
      const wrong = paths.filter((path, at) => {
        const who = path.endsWith("?mine") ? "local" : "app";
        const bytes = Number(/\d+/.exec(path)?.[0]);
        const hash = createHash("sha256").update(Buffer.alloc(bytes, who)).digest("hex");
        return JSON.stringify(answers[at]) !== JSON.stringify({ status: 200, servedBy: who, bytes, hash });
      });
      t.same(wrong, []);
    });
  }
  t.ok(steal.decisions.every(({ failure }) => failure === null));
});
