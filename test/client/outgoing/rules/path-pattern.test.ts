import t from "tap";
import { fitsPath } from "../../../../src/client/outgoing/rules/path-pattern.ts";
import { Random } from "../../../filters/random.ts";

void t.test("one star stays in a name, two do not", async (t) => {
  const cases: [pattern: string, path: string, fits: boolean][] = [
    ["/run/app.sock", "/run/app.sock", true],
    ["/run/app.sock", "/run/app.sock2", false],
    ["/run/*.sock", "/run/app.sock", true],
    ["/run/*.sock", "/run/app/x.sock", false],
    ["/run/app/**", "/run/app/x", true],
    ["/run/app/**", "/run/app/x/y", true],
    ["/run/app/**", "/run/app", false],
    ["/run/app/**", "/run/apps/x", false],
    ["/run/**/x", "/run/x", true],
    ["/run/**/x", "/run/a/b/x", true],
    ["/run/**/x", "/run/ax", false],
    ["/run/a**b", "/run/a/x/b", true],
    ["/**", "/anything/at/all", true],
    // One directory is written in many ways.
    ["/var/run/docker.sock", "/run/docker.sock", true],
    ["/run/docker.sock", "/var/run/docker.sock", true],
    ["/run/docker.sock", "/run//./docker.sock", true],
    ["/var/runner/x", "/runner/x", false],
    ["/run/docker.sock", "/run/x/../docker.sock", false],
    // Abstract names.
    ["@app", "\0app", true],
    ["@app", "/app", false],
    ["@app", "@app", false],
    ["/**", "\0app", false],
    ["@*", "\0a/b", true],
    ["@/tmp/.X11-unix/*", "\0/tmp/.X11-unix/X0", true],
  ];
  for (const [pattern, path, fits] of cases)
    t.equal(fitsPath(pattern, path), fits, `${pattern} ${JSON.stringify(path)}`);
});

void t.test("a path fits as a regular expression of the same meaning says", async (t) => {
  const random = new Random(7);
  const text = (parts: readonly string[]) =>
    `/${Array.from({ length: random.below(6) }, () => random.pick(parts)).join("")}`;
  for (let round = 0; round < 2000; round++) {
    const pattern = text(["a", "b", "/", "*", "**", "/**/"]).replaceAll(/\/+/g, "/");
    const path = text(["a", "b", "/a", "/b"]).replaceAll(/\/+/g, "/");
    const source = pattern
      .replaceAll(/(?<=\/)\*\*\//g, "D")
      .replaceAll(/\*{2,}/g, "P")
      .replaceAll("*", "[^/]*")
      .replaceAll("P", ".*")
      .replaceAll("D", "(?:.*/)?");
    const expected = new RegExp(`^${source}$`, "s").test(path);
    if (fitsPath(pattern, path) !== expected) t.fail(`${pattern} and ${path}: expected ${expected}`);
  }
});

void t.test("a pattern of stars takes no long time", async (t) => {
  const begin = process.cpuUsage();
  t.notOk(fitsPath(`/${"*a".repeat(300)}b`, `/${"a".repeat(1000)}`));
  const { user } = process.cpuUsage(begin);
  t.ok(user < 1_000_000, `${user} µs`);
});
