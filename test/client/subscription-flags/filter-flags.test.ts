import t from "tap";
import { filterOfFlags, type FilterFlags } from "../../../src/client/subscription-flags/filter-flags.ts";
import type { ClientError } from "../../../src/client/errors.ts";

const none: FilterFlags = { header: [], path: [], method: [], host: [], query: [], grpc: [], filter: [] };

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
      grpc: ["shop.Cart/AddItem"],
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
      { grpc: { service: "shop.Cart", method: "AddItem" } },
      { path: { prefix: "/x" } },
      { method: "GET" },
    ],
  });
  t.end();
});

void t.test("a gRPC call is a service with or without a method, and several mean any of them", (t) => {
  const cart = { grpc: { service: "shop.Cart" } };
  const add = { grpc: { service: "shop.Cart", method: "AddItem" } };
  const of = (...grpc: string[]) => {
    const problems: ClientError[] = [];
    const filter = filterOfFlags({ ...none, grpc }, problems);
    t.same(problems, []);
    return filter;
  };
  t.same(of("shop.Cart"), cart);
  t.same(of("/shop.Cart"), cart);
  t.same(of("shop.Cart/AddItem"), add);
  t.same(of("/shop.Cart/AddItem"), add);
  t.same(of("/v1/shop.Cart/AddItem"), { grpc: { service: "v1/shop.Cart", method: "AddItem" } });
  t.same(of("shop.Order", "shop.Cart/AddItem"), { any: [{ grpc: { service: "shop.Order" } }, add] });
  t.same(filterOfFlags({ ...none, grpc: ["shop.Cart", "shop.Cart/AddItem"], header: ["x-user: ann"] }, []), {
    all: [{ header: "x-user: ann" }, { any: [cart, add] }],
  });
  t.end();
});

const wrongCalls: readonly (readonly [text: string, column: number, message: RegExp])[] = [
  ["", 0, /service is missing/],
  ["/", 1, /service is missing/],
  ["//AddItem", 1, /service is missing/],
  ["shop.Cart/", 9, /method is missing[^]*for all its methods/],
  ["shop.Cart//Add", 9, /service is missing/],
  ["shop.Cart/*", 10, /"\*" is in no service[^]*means all its methods/],
  ["shop.Cart,shop.Order", 9, /once for each/],
  ["http://h/shop.Cart/Add", 4, /without scheme/],
  ["shop.Cart AddItem", 9, /Write shop.Cart\/AddItem/],
];

void t.test("a wrong gRPC call is told with what to write, under a caret", (t) => {
  for (const [text, column, message] of wrongCalls) {
    const problems: ClientError[] = [];
    filterOfFlags({ ...none, grpc: [text, "shop.Cart"] }, problems);
    t.equal(problems.length, 1);
    t.match(problems[0]?.message, message, text);
    const caret = problems[0]?.message.split("\n").find((line) => line.trim() === "^");
    if (text !== "") t.equal(caret?.indexOf("^"), column + 2, text);
  }
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
