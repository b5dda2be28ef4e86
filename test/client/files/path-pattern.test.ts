import t from "tap";
import { PathPattern } from "../../../src/client/files/path-pattern.ts";
import { Random } from "../compare/random-json.ts";

const fits = (pattern: string, path: string) => new PathPattern(pattern).fits(path);

void t.test("what fits a folder fits all that lies in it, unless the pattern ends in a dot", async (t) => {
  const cases: [pattern: string, fits: string[], not: string[]][] = [
    ["/etc/app", ["/etc/app", "/etc/app/a/b"], ["/etc", "/etc/apple", "/x/etc/app", "/"]],
    ["/etc/app/", ["/etc/app", "/etc/app/a"], ["/etc/apple"]],
    ["/etc/*", ["/etc/a", "/etc/a/b"], ["/etc", "/etcetera/a"]],
    ["/etc/**", ["/etc", "/etc/a", "/etc/a/b"], ["/etcetera"]],
    ["/etc/*.conf", ["/etc/.conf", "/etc/a.conf", "/etc/a.conf/b"], ["/etc/d/a.conf", "/etc/a.config"]],
    ["/etc/**.conf", ["/etc/a.conf", "/etc/d/a.conf"], ["/etc/a.config", "/etc.conf"]],
    ["/srv/**/x", ["/srv/x", "/srv/a/x", "/srv/a/b/x/y"], ["/srv/ax", "/srvx", "/srv/a/bx"]],
    ["/**/.git", ["/.git", "/a/.git/config"], ["/a/x.git"]],
    ["/srv/.", ["/srv"], ["/srv/a", "/"]],
    ["/s*/.", ["/srv"], ["/srv/a"]],
    ["/", ["/", "/a"], []],
    ["/**", ["/", "/a/b"], []],
    ["/.", ["/"], ["/a"]],
    ["/a(b)[c]?", ["/a(b)[c]?"], ["/ab"]],
  ];
  for (const [pattern, yes, no] of cases) {
    for (const path of yes) t.equal(fits(pattern, path), true, `${pattern} fits ${path}`);
    for (const path of no) t.equal(fits(pattern, path), false, `${pattern} does not fit ${path}`);
  }
});

void t.test("agrees with the regular expression of the same meaning", async (t) => {
  const random = new Random(37);
  const make = (letters: readonly string[], most: number) =>
    Array.from({ length: random.number(most) }, () => random.pick(letters)).join("");
  let hits = 0;
  for (let round = 0; round < 20_000; round++) {
    const pattern = `/${make(["a", "b", "/", "*", "**", "/**/"], 7)}`.replaceAll(/\/{2,}/g, "/");
    const path = `/${make(["a", "b", "/"], 9)}`.replaceAll(/\/{2,}/g, "/").replace(/(?<=.)\/$/, "");
    const expected = meaning(pattern).test(path === "/" ? "" : path);
    hits += Number(expected);
    if (fits(pattern, path) !== expected) t.equal(!expected, expected, `${pattern} and ${path}`);
  }
  t.ok(hits > 2000, `${hits} fit`);
});

/** Written another way: each kind of star has its own expression. */
function meaning(pattern: string): RegExp {
  const bare = pattern.replace(/(\/\*{2,})+\/*$/, "").replace(/\/+$/, "");
  const body = bare.replaceAll(/\/\*{2,}(?=\/)|\*+/g, (stars) => {
    if (stars.startsWith("/")) return "(?:/.*)?";
    return stars.length > 1 ? ".*" : "[^/]*";
  });
  return new RegExp(`^${body}(?:/.*)?$`, "s");
}

void t.test("many stars take no time", async (t) => {
  t.equal(fits(`/${"*a".repeat(50)}b`, `/${"a".repeat(4000)}`), false);
  t.equal(fits(`/${"**a/**/".repeat(50)}b`, `/${"a/".repeat(2000)}`), false);
});

void t.test("a path of the pod is bytes: each of them is a character", async (t) => {
  t.equal(fits("/\xC3*", "/\xC3\xBC"), true);
});
