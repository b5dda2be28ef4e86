import t from "tap";
import { filterOfPattern } from "../../../../src/client/config/mirrord/filter-of-pattern.ts";
import { PatternProblem } from "../../../../src/client/config/mirrord/pattern-problem.ts";
import { compileFilter, FilterError } from "../../../../src/filters/index.ts";
import { head } from "../../../filters/head.ts";

/** What mirrord decides: JavaScript has look-ahead too. Each line, or each form of the path, is tried by itself. */
function theirs(pattern: string, subject: "header" | "path", { target, lines }: Sample): boolean {
  const expression = new RegExp(pattern, "i");
  const texts = subject === "header" ? lines : [target.split("?", 1)[0] ?? "", target];
  return texts.some((text) => expression.test(text));
}

interface Sample {
  readonly target: string;
  readonly lines: readonly string[];
}

const samples: Sample[] = [
  { target: "/", lines: ["user-agent: kube-probe/1.30"] },
  { target: "/health/", lines: ["User-Agent: Kube-Probe"] },
  { target: "/HEALTH/live?x=1", lines: ["user-agent: curl/8", "x-user: alice"] },
  { target: "/health", lines: ["user-agent: k", "x-user: al"] },
  { target: "/api/v1?path=/health/", lines: ["x-user: alice", "x-user: bob"] },
  { target: "/api/v1", lines: ["x-user: bob", "x-user: alice"] },
  { target: "/api/admin", lines: ["x-user: "] },
  { target: "/metrics", lines: ["x-user: alicea", "x-user: "] },
  { target: "/api?admin", lines: ["x-user: alic"] },
  { target: "*", lines: [] },
];

function sameAs(pattern: string, subject: "header" | "path"): string[] {
  const filter = compileFilter(filterOfPattern(pattern, subject));
  return samples
    .filter((sample) => {
      const fields = sample.lines.map((line) => line.split(/: ?/) as [string, string]);
      return filter.matches(head({ target: sample.target, fields })) !== theirs(pattern, subject, sample);
    })
    .map(({ target, lines }) => `${pattern}: ${target} ${lines.join(" | ")}`);
}

void t.test("look-ahead becomes what takes the same requests", (t) => {
  const paths = [
    "^(?!/health/)",
    "^(?!/health|/metrics)",
    "^(?!/health$)",
    "^(?!.*admin)",
    "^(?!/health)/.*",
    "^(?!/(?:health|metrics)).*$",
    "^/api/(?!admin)",
    "^/api(?!/admin|/v2).*$",
    "^(?=/api)(?!.*admin).+",
    "^(?!/health)(?!/metrics)",
    "(?=/api)",
    "^/(?!health).+",
  ];
  for (const pattern of paths) t.same(sameAs(pattern, "path"), [], pattern);
  const headers = [
    "^User-Agent: (?!kube-probe)",
    "^user-agent:(?! kube-probe)",
    "^user-agent: (?!kube|curl).*$",
    "^x-user: (?!alice)",
    "^x-user: (?!alice|al).+",
    "^x-user: (?!alice).*$",
    "x-user: (?!bob)",
    "^(?!x-user)",
    "^user-agent: (?=.*k)(?!kube)",
    "^x-user: (?!a\\.b)",
  ];
  for (const pattern of headers) t.same(sameAs(pattern, "header"), [], pattern);
  t.end();
});

void t.test("a pattern without look-ahead is kept as it is, and common exclusions stay readable", (t) => {
  t.same(filterOfPattern("^x-user: alice$", "header"), { header: "^x-user: alice$" });
  t.same(filterOfPattern("^(?!/health/)", "path"), {
    not: { path: { matches: "^/health/", query: "without" } },
  });
  t.same(filterOfPattern("^User-Agent: (?!kube-probe)", "header"), {
    all: [{ header: "^User-Agent: " }, { not: { header: "^User-Agent: kube-probe" } }],
  });
  t.same(filterOfPattern("^x: (?!ab)", "header"), { header: "^x: (?:[^aA]|a(?:[^bB]|$)|$)" });
  t.end();
});

void t.test("what is not provably the same is refused at its place", (t) => {
  const refused = (pattern: string, subject: "header" | "path" = "header") => {
    try {
      return filterOfPattern(pattern, subject);
    } catch (error) {
      if (error instanceof PatternProblem || error instanceof FilterError)
        return [error.position, error.message];
      throw error;
    }
  };
  t.match(refused("^x-user: (?!.*test)"), [9, /provably the same/]);
  t.match(refused("(?<=x: )a"), [0, /look-behind/]);
  t.match(refused("(?!/health)", "path"), [0, /takes every request/]);
  t.match(refused("^(?!a(?!b))", "path"), [5, /in another/]);
  t.match(refused("^x: [a-z&&[^b]]"), [8, /&& in a class/]);
  t.match(refused("x: \\<a"), [3, /\\</]);
  t.match(refused("x: (a)\\1"), [6, /back-reference/]);
  t.match(refused("x: \\p{L}"), [3, /Unicode/]);
  t.match(refused("x: (a"), [3, /not closed/]);
  t.match(refused("^/a(?!b)c|d", "path"), [3, /provably/]);
  t.end();
});
