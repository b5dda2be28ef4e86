import { execFileSync } from "node:child_process";
import t from "tap";
import { containerForm, refuseOtherSystems } from "../../../src/client/exec/container-form.ts";
import { runCli } from "../cli/run-cli.ts";

const places = { source: "/src/magpie", folder: "/home/me/my shop" };

void t.test("every word reaches the container as it was written", async (t) => {
  const words = ["exec", "-t", "pid:1", "--header", "x: it's $HOME `id` \"\\", "--", "sh", "-c", "", "a\nb"];
  const [, command = ""] = /\n([^]*)$/.exec(containerForm(words, places)) ?? [];
  const script = `docker() { printf '%s\\0' "$@"; }; ${command}`;
  const read = execFileSync("sh", ["-c", script], { encoding: "utf8" }).split("\0").slice(0, -1);
  t.same(read.slice(-words.length), words);
  t.same(read.slice(read.indexOf("-w"), read.indexOf("-w") + 2), ["-w", places.folder]);
});

void t.test("Linux is not refused", async (t) => {
  t.equal(refuseOtherSystems("linux", { ...places, words: [] }), undefined);
});

void t.test("on another system exec says how it runs in a container, and ends with 1", async (t) => {
  const pretend = "data:text/javascript,Object.defineProperty(process,'platform',{value:'darwin'})";
  const words = ["exec", "-t", "pid:1", "--", "npm", "run", "dev"];
  const { exitCode, stdout, stderr } = await runCli(words, { NODE_OPTIONS: `--import ${pretend}` });
  t.equal(exitCode, 1);
  t.equal(stdout, "");
  t.match(stderr, /magpie exec takes a Linux kernel, and this system \(darwin\) has another/);
  t.match(stderr, /docker run .* --entrypoint magpie magpie exec -t pid:1 -- npm run dev/);
});
