import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import t from "tap";
import { shellScripts } from "../../../../src/client/cli/completion/shell-scripts.ts";
import { playScreen } from "../../../fixtures/screen-player.ts";

const launcher = fileURLToPath(new URL("../../../../src/client/magpie.js", import.meta.url));
const home = mkdtempSync(join(tmpdir(), "magpie-completion-"));
t.teardown(() => rmSync(home, { recursive: true, force: true }));
writeFileSync(join(home, "magpie"), `#!/bin/sh\nexec ${process.execPath} ${launcher} "$@"\n`);
chmodSync(join(home, "magpie"), 0o755);
mkdirSync(join(home, "work"));
writeFileSync(join(home, "work", "report.json"), "");
const path = `${home}:${process.env["PATH"]}`;
const environment = {
  PATH: path,
  HOME: home,
  MAGPIE_FROM_SOURCES: "1",
  MAGPIE_RUNTIME_DIR: join(home, "run"),
  KUBECONFIG: join(home, "none"),
};

/** What bash would put in place of the word at the end of a line. */
function bash(line: string): string[] {
  const script = `${shellScripts.bash}
compopt() { :; }
COMP_LINE=$1 COMP_POINT=\${#1}
_magpie
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const text = execFileSync("bash", ["--norc", "-c", script, "bash", line], {
    cwd: join(home, "work"),
    env: environment,
    encoding: "utf8",
  });
  return text.trim().split("\n").filter(Boolean);
}

void t.test("bash", (t) => {
  t.same(bash("magpie st"), ["steal"]);
  t.same(bash("magpie steal --output "), ["text", "json"]);
  t.same(bash("magpie steal --output=j"), ["json"], "the shell has broken the word at =");
  t.same(bash("magpie steal -t pid"), ["pid:"]);
  t.ok(
    bash(`magpie steal -t pid:${process.pid}`).every((one) => /^\d+$/.test(one)),
    "and at :",
  );
  t.same(bash("magpie mirror --report rep"), ["report.json"]);
  t.ok(bash("magpie exec -- bas").includes("bash"), "programs behind --");
  t.same(bash("magpie exec -- cat rep"), ["report.json"]);
  t.end();
});

void t.test("bash at a terminal", async (t) => {
  const { screens } = await playScreen({
    command: ["bash", "--norc", "-i"],
    environment: { ...environment, PS1: "> " },
    steps: [
      { until: "^>", type: 'eval "$(magpie completion bash)"; echo re""ady\r' },
      { until: "(?m)^ready", type: "magpie rele\t" },
      { until: "magpie release", look: "completed", signal: constants.signals.SIGKILL },
    ],
  });
  t.match(screens["completed"]?.join("\n") ?? "", /> magpie release/);
});

void t.test("zsh at a terminal", async (t) => {
  const { screens } = await playScreen({
    command: ["zsh", "-f", "-i"],
    environment: { ...environment, PS1: "> " },
    steps: [
      { until: "^>", type: 'eval "$(magpie completion zsh)"; echo re""ady\r' },
      { until: "(?m)^ready", type: "magpie steal --output j\t" },
      { until: "--output json", type: "--kee\t" },
      { until: "--keep", look: "completed", signal: constants.signals.SIGKILL },
    ],
  });
  t.match(screens["completed"]?.join("\n") ?? "", /magpie steal --output json --keep/);
});

void t.test("fish", (t) => {
  const fish = (line: string): string =>
    execFileSync("fish", ["--no-config", "-c", `magpie completion fish | source; complete -C '${line}'`], {
      cwd: join(home, "work"),
      env: environment,
      encoding: "utf8",
    });
  t.match(fish("magpie st"), /^steal\tLet requests/m);
  t.match(fish("magpie steal --output "), /^json$|^json\t/m);
  t.match(fish("magpie steal --output=j"), /^--output=json/m);
  t.match(fish("magpie mirror --report rep"), /^report\.json/m);
  t.match(fish("magpie exec -- cat rep"), /^report\.json/m);
  t.end();
});
