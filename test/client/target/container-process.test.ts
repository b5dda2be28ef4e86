import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t, { type Test } from "tap";
import { processOfContainer } from "../../../src/client/target/container-process.ts";

const containers: Readonly<Record<string, object>> = {
  web: [{ State: { Status: "running", Pid: 4711 } }],
  old: [{ State: { Status: "exited", Pid: 0 } }],
};

/** A tool in podman's or docker's place that knows these containers. */
async function tool(t: Test, known: typeof containers = containers): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "magpie-tool-"));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const inspections = Object.entries(known).map(
    ([name, found]) => `${name}) echo '${JSON.stringify(found)}' ;;`,
  );
  const rows = Object.keys(known).map(
    (name) => `echo '{"Names":"${name}","Image":"i","State":"${name === "old" ? "exited" : "running"}"}'`,
  );
  const path = join(folder, "tool");
  await writeFile(
    path,
    `#!/bin/sh
case "$1 $2" in
"container inspect") case "$3" in ${inspections.join("\n")} *) echo "no such container" >&2; exit 125 ;; esac ;;
"ps --all") true; ${rows.join("; ")} ;;
*) exit 1 ;;
esac
`,
  );
  await chmod(path, 0o755);
  return path;
}

void t.test("a running container is its first process", async (t) => {
  t.equal(processOfContainer("web", { tools: [await tool(t)] }), 4711);
});

void t.test("where several tools are there, the one that knows it answers", async (t) => {
  const tools = [await tool(t, {}), "/nobody/docker", await tool(t)];
  t.equal(processOfContainer("web", { tools }), 4711);
});

void t.test("a container that does not run is told as it is", async (t) => {
  const path = await tool(t);
  t.throws(() => processOfContainer("old", { tools: [path] }), {
    code: "target-unready",
    message: "container:old: it is exited",
    hint: `\`${path} start old\` starts it.`,
  });
});

void t.test("one that is not there is told with those that are", async (t) => {
  const tools = [await tool(t)];
  t.throws(() => processOfContainer("wbe", { tools }), {
    code: "target-unknown",
    hint: "Did you mean container:web? There are: web.",
  });
  t.throws(() => processOfContainer("web", { tools: ["/nobody/podman"] }), {
    code: "target-unknown",
    message: "container:web: neither podman nor docker is on this machine",
  });
});
