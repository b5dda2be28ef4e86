import t from "tap";
import { readBox, rowTest } from "../../../../../src/client/inspector/page/query/row-test.ts";
import { pageRow } from "../../../../fixtures/inspector/page-row.ts";

const none: ReadonlySet<number> = new Set();
const row = pageRow(3, {
  method: "POST",
  host: "Shop.example",
  path: "/api/Cart?dry=1",
  status: 409,
  answeredBy: "the app",
});
const takes = (text: string): boolean => rowTest(readBox(text), none)(row);

void t.test("plain words are all looked for in what the list shows, in any case", (t) => {
  for (const text of ["cart", "POST cart 409", "shop.example/api", "the app"]) t.ok(takes(text), text);
  for (const text of ["cart 200", "delete"]) t.notOk(takes(text), text);
  t.equal(readBox("path").kind, "words", "a word that only begins a clause is a word");
  t.end();
});

void t.test("a filter is decided as the filter language says, by what rows have", (t) => {
  for (const text of [
    'path == "/api/Cart"',
    "host == shop.example && method in (POST)",
    "query(dry) == 1",
    "!grpc",
  ])
    t.ok(takes(text), text);
  for (const text of ["path ^= /web", "grpc", 'path == "/api/cart"'].slice(1)) t.notOk(takes(text), text);
  const call = pageRow(4, {
    method: "POST",
    path: "/shop.Cart/Add",
    requestType: "application/grpc",
    kind: "grpc",
  });
  t.ok(rowTest(readBox("grpc.service == shop.Cart"), none)(call));
  t.notOk(
    rowTest(readBox("true"), none)(pageRow(5, { method: "", kind: "raw" })),
    "a connection has no head",
  );
  t.end();
});

void t.test("of a filter that asks for header fields others say what it takes", (t) => {
  for (const text of ["header(x-user) == ann", 'path ^= "/a" || !header(x)', "grpc.metadata(k)"]) {
    const box = readBox(text);
    t.ok(box.kind === "filter" && box.asks, text);
    t.ok(rowTest(box, new Set([3]))(row));
    t.notOk(rowTest(box, none)(row));
  }
  t.end();
});

void t.test("what has signs of the language and is no filter is a problem with its place", (t) => {
  t.match(readBox("path ^= && x"), { kind: "problem", at: 8 });
  t.match(readBox("heder(x)"), { kind: "problem", at: 0, hint: /header/ });
  t.same(readBox("  "), { kind: "all" });
  t.end();
});
