import { fileURLToPath } from "node:url";
import t from "tap";
import { Scene } from "../fixtures/scene.ts";
import { playScreen, type ScreenStep } from "../fixtures/screen-player.ts";

const launcher = fileURLToPath(new URL("../../src/client/magpie.js", import.meta.url));
const interrupt = "\u0003";

const scene = await Scene.create({ label: "screen" });
t.teardown(() => scene[Symbol.asyncDispose]());
const environment = { MAGPIE_RUNTIME_DIR: scene.runtimeDirectory.path, MAGPIE_FROM_SOURCES: "1" };
const target = `netns:${scene.made.pod.name}`;
/** An agent that is started takes longer than what is told without a step. */
const slowly = { NODE_OPTIONS: "--import=data:text/javascript,await%20new%20Promise(r=>setTimeout(r,500))" };
const play = (
  args: readonly string[],
  steps: readonly ScreenStep[],
  more: Partial<Parameters<typeof playScreen>[0]> = {},
) => playScreen({ command: [process.execPath, launcher, ...args], environment, steps, ...more });
const filtered = ["--header", "^x-user: screen$"];
const steal = ["steal", "-t", target, "-p", "80:8080", ...filtered];

void t.test("what takes long is one line with its time, and Ctrl-C ends in good order", async (t) => {
  const { screens, code } = await play(steal, [{ until: "Ctrl-C ends it", look: "runs", type: interrupt }], {
    environment: { ...environment, ...slowly },
  });
  const lines = (screens["runs"] ?? []).filter((line) => line !== "");
  t.match(lines[0], /^magpie {2}✓ agent (?:started|found) \d+(?:\.\d)? s$/);
  t.match(lines[1] ?? "", /^magpie {2}stealing requests/, "nothing is left of what was drawn");
  t.match(screens["end"]?.join("\n") ?? "", /left; the app answers everything again/);
  t.equal(code, 0);
});

void t.test(
  "on a narrow terminal, without colours and for CI there is no more than whole lines",
  async (t) => {
    for (const [columns, more] of [
      [40, {}],
      [80, { NO_COLOR: "1" }],
      [80, { CI: "true" }],
      [80, { TERM: "dumb" }],
    ] as const) {
      const { screens, code } = await play(
        steal,
        [{ until: "Ctrl-C\\s+ends\\s+it", look: "runs", type: interrupt }],
        { columns, environment: { ...environment, ...more } },
      );
      t.equal(code, 0);
      const text = screens["runs"]?.join("\n") ?? "";
      t.notMatch(text, /[⠀-⣿]/, "no spinner is left");
      t.match(text, /^magpie/m);
    }
  },
);

void t.test("stdout belongs to the program, also while steps are drawn", async (t) => {
  const { stdout, screens, code } = await play(
    ["exec", "-t", target, "--no-incoming", "--", "sh", "-c", "echo out; echo err >&2; exit 7"],
    [],
    { stdout: "pipe" },
  );
  t.equal(stdout, "out\n");
  t.match(screens["end"]?.join("\n") ?? "", /^err$/m);
  t.equal(code, 7);
});

void t.test("Ctrl-C before the session began ends at once, with 130 and nothing left behind", async (t) => {
  await using other = await Scene.create({ label: "screen-new" });
  const { code } = await play(
    ["steal", "-t", `netns:${other.made.pod.name}`, "-p", "80:8080"],
    [{ until: "joining", type: interrupt }],
    { environment: { ...environment, ...slowly } },
  );
  t.equal(code, 130);
});

void t.test("Ctrl-C goes to the program, too; a second one does not wait for it", async (t) => {
  const stubborn = "trap 'echo no' INT; echo up; while :; do sleep 0.1; done";
  const { screens, code } = await play(
    [...steal, "--", "sh", "-c", stubborn],
    [
      { until: "(?m)^up", type: interrupt },
      { until: "(?m)^(?:\\^C)?no", rest: 0.5, type: interrupt },
    ],
  );
  t.equal(code, 130);
  t.match(screens["end"]?.join("\n") ?? "", /ended by SIGINT/);
});

void t.test("errors say what and what to do, broken between words where the terminal ends", async (t) => {
  const { screens, code } = await play(["steal", "-t", "netns:nobody-of-this-name", "-p", "80"], [], {
    columns: 44,
  });
  const lines = (screens["end"] ?? []).filter((line) => line !== "");
  t.equal(code, 2);
  t.match(lines[0], /^error: netns:/);
  t.ok(lines.every((line) => line.length <= 44 || !line.trim().includes(" ")));
  t.match(lines.join(" ").replace(/\s+/g, " "), /no network namespace has this name/);
});
