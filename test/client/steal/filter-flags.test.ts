import t from "tap";
import { filterOfFlags, type FilterFlags } from "../../../src/client/steal/filter-flags.ts";
import type { ClientError } from "../../../src/client/errors.ts";

const none: FilterFlags = { header: [], path: [], method: [], host: [], query: [], filter: [] };

void t.test("flags together mean all of them, several methods any of them", (t) => {
  t.equal(filterOfFlags(none, []), null, "no flag takes everything");
  t.same(filterOfFlags({ ...none, header: ["x-user: alice"] }, []), { header: "x-user: alice" });
  const problems: ClientError[] = [];
  const filter = filterOfFlags(
    {
      header: ["a: 1", "b: 2"],
      path: ["^/api"],
      method: ["GET,POST", "PUT"],
      host: ["*.example"],
      query: ["debug", "user=al=ice", "id~^1"],
      filter: ['path ^= "/x"', '{"method":"GET"}'],
    },
    problems,
  );
  t.same(problems, []);
  t.same(filter, {
    all: [
      { header: "a: 1" },
      { header: "b: 2" },
      { path: "^/api" },
      { method: ["GET", "POST", "PUT"] },
      { host: "*.example" },
      { query: { name: "debug", present: true } },
      { query: { name: "user", equals: "al=ice" } },
      { query: { name: "id", matches: "^1" } },
      { path: { prefix: "/x" } },
      { method: "GET" },
    ],
  });
  t.end();
});

void t.test("every wrong flag is told, with its place under a caret", (t) => {
  const problems: ClientError[] = [];
  filterOfFlags({ ...none, header: ["x(", "ok: 1"], method: ["get"], filter: ["path =="] }, problems);
  t.equal(problems.length, 3);
  t.match(problems[0]?.message, /^--header: .*\n {2}x\(\n {3}\^/);
  t.match(problems[1]?.message, /^--method: .*case-sensitive/);
  t.match(problems[2]?.message, /^--filter: /);
  t.end();
});
