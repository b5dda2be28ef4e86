import type { Filter } from "../../src/filters/index.ts";
import type { RequestHead } from "../../src/http/index.ts";
import { wireHead } from "./head.ts";
import { randomComparison } from "./random-comparison.ts";
import { randomCall, randomGrpc } from "./random-grpc.ts";
import type { Random } from "./random.ts";

const names = ["x-tenant", "X-User", "authorization", "x-a", "Cookie", "!odd"];
const values = ["blue", "Blue", "u-12", "Bearer u-12", "a: b", "", "blue green", "é", "x-tenant: blue"];
const lines = [
  "^x-tenant: blue$",
  "x-tenant: blue",
  "tenant",
  "^x-user: .*12",
  "u-\\d+$",
  "^X-A:.*b",
  "(?-i)Blue",
  "^cookie: ",
  "(blue|green)$",
  "a: b",
  "^x-a: $",
  "[0-9]",
  "\\bblue\\b",
  "^(x-a|x-user): ",
  "tenant: *bl",
  "é",
  "^$",
];
const paths = [
  "/",
  "/api",
  "/api/x",
  "/API",
  "*",
  "/a?b=1",
  "/api?q=1&r=a+b",
  "http://h/api?q=1",
  "http://h",
  "h:443",
];
const pathPatterns = ["^/api", "q=1$", "api$", "\\?", "^/$", "x"];
const texts = ["/", "/api", "/api?q=1", "*", "", "/A"];
const parameters = ["q", "r", "b", "é"];
const methods = ["GET", "POST", "CONNECT"];
const hosts = ["shop.example", "*.example", "example", "[::1]", "SHOP.example."];

/** A filter of any kind; deeper ones join. */
export function randomFilter(random: Random, depth = 3): Filter {
  if (depth > 0 && random.chance(45)) {
    const parts = Array.from({ length: random.below(4) }, () => randomFilter(random, depth - 1));
    const kind = random.below(3);
    if (kind === 0) return { all: parts };
    return kind === 1 ? { any: parts } : { not: randomFilter(random, depth - 1) };
  }
  switch (random.below(9)) {
    case 0:
      return { header: random.pick(lines) };
    case 1:
      return { header: { name: random.pick(names), ...randomComparison(random, values, lines) } };
    case 2:
      return {
        header: { name: random.pick(names), ...(random.chance(50) ? { present: true } : { absent: true }) },
      };
    case 3:
      return random.chance(50) ? { path: random.pick(pathPatterns) } : { path: randomPath(random) };
    case 4:
      return {
        query: {
          name: random.pick(parameters),
          ...(random.chance(30) ? { absent: true } : randomComparison(random, ["1", "a b", ""], ["1", "^a"])),
        },
      };
    case 5:
      return {
        method: random.chance(50) ? random.pick(methods) : [random.pick(methods), random.pick(methods)],
      };
    case 6:
    case 7:
      return { grpc: randomGrpc(random) };
    default:
      return { host: random.chance(70) ? random.pick(hosts) : { matches: "^shop" } };
  }
}

function randomPath(random: Random) {
  const query = random.pick([{}, {}, { query: "with" }, { query: "without" }] as const);
  return { ...randomComparison(random, texts, pathPatterns), ...query };
}

/** A request that the filters of `randomFilter` have something to say about. */
export function randomHead(random: Random): RequestHead {
  const blank = () => random.pick([" ", " ", " ", "", "  ", "\t"]);
  const fields = Array.from({ length: random.below(6) }, () => {
    const name = random.pick([...names, "X-TENANT", "my-x-tenant", "x-a"]);
    return `${name}:${blank()}${random.pick(values)}${random.pick(["", "", " "])}`;
  });
  const authority = random.pick([
    "shop.example",
    "Shop.Example:8080",
    "a.b.example.",
    "[::1]:80",
    "",
    "u@example",
  ]);
  if (random.chance(35)) return randomCall(random, fields);
  return { ...wireHead(fields), method: random.pick(methods), target: random.pick(paths), authority };
}
