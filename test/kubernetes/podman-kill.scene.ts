import t from "tap";
import { MagpieSteal, RuntimeDirectory } from "../fixtures/magpie-steal.ts";
import { until } from "../fixtures/until.ts";
import { exampleImage } from "./images/images.ts";
import { podmanEnvironment } from "./images/podman.ts";
import { LocalProgram } from "./local-program.ts";
import { PodmanPod } from "./podman-pod.ts";

// `magpie` asks podman where a container is: it is to ask the one with our store.
Object.assign(process.env, podmanEnvironment());
const example = await exampleImage((line) => t.comment(line));
const pod = await PodmanPod.start(example.name);
const runtimeDirectory = await RuntimeDirectory.create();
t.teardown(async () => {
  await pod[Symbol.asyncDispose]();
  await runtimeDirectory[Symbol.asyncDispose]();
});
const target = `container:${pod.app}`;

/** Who answers a request of ours to the container. */
async function answeredBy(): Promise<string> {
  const url = `http://${pod.address}:8080/`;
  const { stdout } = await pod.client.run("curl", "-s", "--max-time", "10", "-H", "x-tenant: blue", url);
  try {
    return (JSON.parse(stdout) as { by: string }).by; // Both say who they are.
  } catch {
    return stdout;
  }
}

async function stealing(local: LocalProgram, ...more: readonly string[]): Promise<MagpieSteal> {
  const args = ["--port", `8080:${local.port}`, "--header", "x-tenant: blue", ...more];
  const steal = await MagpieSteal.start({ target, runtimeDirectory, args });
  t.equal(await answeredBy(), "local");
  return steal;
}

void t.test(
  "kill -9 of the client: within its grace the container serves again, and the agent goes",
  async (t) => {
    await using local = await LocalProgram.start();
    await using steal = await stealing(local, "--grace", "1s");
    steal.proc.signal("SIGKILL");
    await until(async () => (await answeredBy()) === "original", {
      what: "the container to answer by itself",
      timeoutMs: 20_000,
    });
    await steal.agentGone();
    t.equal(await answeredBy(), "original");
  },
);

void t.test("kill -9 of the agent: the container serves at once", async (t) => {
  await using local = await LocalProgram.start();
  await using steal = await stealing(local);
  process.kill(steal.agentPid, "SIGKILL");
  await until(async () => (await answeredBy()) === "original", {
    what: "the container to answer by itself",
    timeoutMs: 5_000,
  });
  t.match(await steal.event("ended"), { code: "session-lost" });
});

void t.test(
  "a program that is run in the container's place serves its requests, and ends with the session",
  async () => {
    const script =
      'require("http").createServer((q, a) => a.end(JSON.stringify({ by: process.env.GREETING }))).listen(8080)';
    const args = ["--steal", "--header", "x-tenant: blue", "--", process.execPath, "-e", script];
    await using exec = await MagpieSteal.begin({ command: "exec", target, runtimeDirectory, args });
    await until(async () => (await answeredBy()) === "good morning", {
      what: "the program to answer",
      timeoutMs: 60_000,
    });
    exec.proc.signal("SIGKILL");
    await until(async () => (await answeredBy()) === "original", {
      what: "the container to answer by itself",
      timeoutMs: 60_000,
    });
  },
);
