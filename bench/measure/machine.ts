import { execFileSync } from "node:child_process";
import { cpus, loadavg, release } from "node:os";

/** Date, machine and versions, as list items. `tools`: a command and the option that makes it say its version. */
export function machine(tools: readonly (readonly [command: string, option: string])[] = []): string[] {
  const [first] = cpus();
  const versions = tools.map(([command, option]) => version(command, option));
  return [
    `${new Date().toISOString().slice(0, 16).replace("T", " ")} UTC`,
    `${cpus().length} × ${first?.model.trim() ?? "unknown CPU"}, Linux ${release()}, load average ${loadavg()[0]?.toFixed(1)} at the start`,
    [`Node ${process.version}`, ...versions].join(", "),
  ];
}

/** nginx says its version on stderr, wrk with an exit code. */
function version(command: string, option: string): string {
  const said = execFileSync("sh", ["-c", `${command} ${option} 2>&1 || true`], { encoding: "utf8" });
  return `${command} ${/\d+\.\d+(?:\.\d+)?/.exec(said)?.[0] ?? "unknown"}`;
}
