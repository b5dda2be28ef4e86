import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { listContainers } from "../../../src/client/target/list-containers.ts";

/** A tool that prints this, whatever it is asked. */
function toolThatSays(t: { teardown(done: () => void): void }, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "magpie-tool-"));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const tool = join(folder, "tool");
  writeFileSync(tool, `#!/bin/sh\ncat <<'END'\n${text}\nEND\n`);
  chmodSync(tool, 0o755);
  return tool;
}

void t.test("docker's answer is a line for each container", async (t) => {
  const lines = [
    { Names: "stopped", Image: "web:1", State: "exited" },
    { Names: "web,alias", Image: "web:2", State: "running" },
  ];
  const tool = toolThatSays(t, lines.map((line) => JSON.stringify(line)).join("\n"));
  t.same(await listContainers({ tools: [tool] }), [
    { name: "web", tool, image: "web:2", isRunning: true },
    { name: "stopped", tool, image: "web:1", isRunning: false },
  ]);
});

void t.test("podman's answer is one list over many lines; what holds a pod is left out", async (t) => {
  const list = [
    { Names: ["web"], Image: "web:1", State: "running", IsInfra: false },
    { Names: ["pod-infra"], Image: "pause:1", State: "running", IsInfra: true },
  ];
  const tool = toolThatSays(t, JSON.stringify(list, undefined, 2));
  t.same(await listContainers({ tools: [tool] }), [{ name: "web", tool, image: "web:1", isRunning: true }]);
});

void t.test(
  "a container is listed once, though docker is podman by another name, and a tool may be missing",
  async (t) => {
    const tool = toolThatSays(t, JSON.stringify({ Names: "web", Image: "web:1", State: "running" }));
    t.match(await listContainers({ tools: [tool, tool, "/nobody/docker"] }), [{ name: "web" }]);
    t.equal((await listContainers({ tools: [tool, tool, "/nobody/docker"] })).length, 1);
  },
);
