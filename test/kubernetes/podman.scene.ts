import { chownSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { runMagpie } from "../fixtures/magpie-command.ts";
import { MagpieSteal, RuntimeDirectory } from "../fixtures/magpie-steal.ts";
import { until } from "../fixtures/until.ts";
import { agentImage, exampleImage } from "./images/images.ts";
import { podman, podmanEnvironment } from "./images/podman.ts";
import { LocalProgram } from "./local-program.ts";
import { PodmanPod } from "./podman-pod.ts";

// `magpie` asks podman where a container is: it is to ask the one with our store.
Object.assign(process.env, podmanEnvironment());
const say = (line: string): void => t.comment(line);
const mine = { "x-tenant": "blue" };
const agentUser = 65_532;

const agent = await agentImage(say);
const example = await exampleImage(say);
const pod = await PodmanPod.start(example.name);
const runtimeDirectory = await RuntimeDirectory.create();
t.teardown(async () => {
  await pod[Symbol.asyncDispose]();
  await runtimeDirectory[Symbol.asyncDispose]();
});
const target = `container:${pod.app}`;

/** Who answers a request to the pod. */
async function answeredBy(path: string, headers: Record<string, string> = {}): Promise<string> {
  const fields = Object.entries(headers).flatMap(([name, value]) => ["-H", `${name}: ${value}`]);
  const url = `http://${pod.address}:8080${path}`;
  const { stdout } = await pod.client.run("curl", "-s", "--max-time", "10", ...fields, url);
  // Both say who they are.
  return (JSON.parse(stdout) as { by: string }).by;
}

void t.test("the agent as a container of the pod, with what a kubelet grants, is joined", async (t) => {
  await using local = await LocalProgram.start();
  const folder = join(runtimeDirectory.path, await pod.netnsInode());
  mkdirSync(folder, { recursive: true });
  chownSync(folder, agentUser, agentUser);
  const name = await pod.runAgent(agent.name, {
    args: ["run", "--runtime-dir", "/run/magpie", "--log", "stdout", "--linger-ms", "500"],
    with: ["--read-only", "--volume", `${folder}:/run/magpie`],
  });
  let said = "";
  await until(async () => (said = await podman(["logs", name])).includes('"event":'), {
    what: "the agent to say something",
    timeoutMs: 120_000,
  });
  t.match(said, /"event":"ready"/);
  await podman(["exec", name, "magpie-agent", "health", "--runtime-dir", "/run/magpie"]);
  const args = ["--port", `8080:${local.port}`, "--header", "x-tenant: blue"];
  await using steal = await MagpieSteal.start({ target, runtimeDirectory, args });
  t.equal(steal.ready.backend, "tproxy");
  t.equal(await answeredBy("/mine", mine), "local");
  t.equal(await answeredBy("/other"), "original");
  await steal.end();
  // It has ended by itself: for nobody is there any more.
  t.equal((await podman(["wait", name])).trim(), "0");
  t.equal(await answeredBy("/mine", mine), "original");
});

void t.test("steal: matched requests are answered here, all others by the container", async (t) => {
  await using local = await LocalProgram.start();
  const args = ["--port", `8080:${local.port}`, "--header", "x-tenant: blue"];
  await using steal = await MagpieSteal.start({ target, runtimeDirectory, args });
  t.equal(await answeredBy("/mine", mine), "local");
  t.equal(await answeredBy("/other"), "original");
  await steal.end();
  t.equal(await answeredBy("/mine", mine), "original", "and by the container again once it is over");
  await steal.agentGone();
});

void t.test("mirror: the container answers, and a copy comes here", async (t) => {
  await using local = await LocalProgram.start();
  const args = ["--port", `8080:${local.port}`];
  await using mirror = await MagpieSteal.start({ command: "mirror", target, runtimeDirectory, args });
  t.equal(await answeredBy("/copied", mine), "original");
  await until(() => local.asked.some(({ path }) => path === "/copied"), { what: "the copy" });
  await mirror.end();
  await mirror.agentGone();
});

void t.test("env and exec: a program has the container's variables and files", async (t) => {
  const env = await runMagpie(runtimeDirectory, ["env", "--target", target, "--output", "dotenv"]);
  t.match(env.text, /^GREETING=["']?good morning["']?$/m, env.errors);
  const exec = await runMagpie(runtimeDirectory, [
    ...["exec", "--target", target, "--no-incoming", "--"],
    ...["cat", "/etc/web/page.txt"],
  ]);
  t.equal(exec.text, "the page of the pod", exec.errors);
});

void t.test("a name that is none is told, with those there are", async (t) => {
  const wrong = await runMagpie(runtimeDirectory, ["env", "--target", `${target}x`]);
  t.not(wrong.code, 0);
  t.match(wrong.errors, new RegExp(`Did you mean ${target}\\?`), wrong.errors);
});
