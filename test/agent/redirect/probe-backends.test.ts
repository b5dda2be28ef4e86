import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import t from "tap";

const execute = promisify(execFile);
const launcher = fileURLToPath(new URL("../../../src/agent/magpie-agent.js", import.meta.url));

void t.test("magpie-agent probe tells of each way of redirection whether it works here", async (t) => {
  const { stdout } = await execute("unshare", ["--net", process.execPath, launcher, "probe"], {
    timeout: 30_000,
  });
  t.match(JSON.parse(stdout), {
    backends: [
      { backend: "tproxy", verdict: "usable" },
      { backend: "redirect", verdict: "usable" },
      { backend: "iptables", verdict: "usable" },
    ],
    picked: "tproxy",
  });
});
