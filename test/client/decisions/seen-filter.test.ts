import t from "tap";
import { SeenFilter } from "../../../src/client/decisions/index.ts";
import { parseFilter } from "../../../src/filters/index.ts";
import { decision } from "../../fixtures/decision.ts";

const fit = (text: string, change: Parameters<typeof decision>[0] = {}) =>
  new SeenFilter(parseFilter(text)).fit(decision(change));

void t.test("what is told decides; what is not told may be anything", async (t) => {
  const names = { headerNames: ["Host", "X-User", "Cookie"] };
  t.equal(fit('path ^= "/a"'), "yes");
  t.equal(fit('path ^= "/b"'), "no");
  t.equal(fit("method == POST"), "no");
  t.equal(fit("header(x-user) == ann", names), "maybe", "its value is not told");
  t.equal(fit("header(x-user)", names), "yes", "that it is there is told");
  t.equal(fit("header(x-team) == blue", names), "no", "a field that is not there has no value");
  t.equal(fit("not header(x-user) == ann", names), "maybe");
  t.equal(fit("method == POST and header(x-user) == ann", names), "no");
  t.equal(fit("method == GET or header(x-user) == ann", names), "yes");
  t.equal(fit("host == shop", names), "maybe");
});

void t.test(
  "a session that had the request sees its fields, secrets only as far as they are told",
  async (t) => {
    const had = {
      headerNames: ["Host", "X-User", "Cookie"],
      head: [
        ["Host", "shop"],
        ["X-User", "ann"],
        ["Cookie", "(masked)"],
      ] as const,
    };
    t.equal(fit("header(x-user) == ann", had), "yes");
    t.equal(fit("header(x-user) == bob", had), "no");
    t.equal(fit("host == shop", had), "yes");
    t.equal(fit("header(cookie) == a", had), "maybe");
    t.equal(fit('header("^x-user: ann$")', had), "maybe", "a pattern sees every line");
  },
);

void t.test("a masked parameter and a cut target decide nothing", async (t) => {
  const target = "/a?token=(masked)&page=2";
  t.equal(fit("query(token) == x", { target }), "maybe");
  t.equal(fit("query(page) == 2", { target }), "yes");
  t.equal(fit("query(token)", { target }), "yes");
  t.equal(fit('path =~ "page=3"', { target }), "maybe");
  t.equal(fit('path == "/a"', { target }), "yes");
  t.equal(fit('path ^= "/b"', { target: "/a".padEnd(2048, "x") }), "maybe");
});

void t.test("a gRPC call is known by its path where its fields are not told", async (t) => {
  const call = { method: "POST", target: "/shop.Cart/Add", headerNames: ["content-type", "te"] };
  t.equal(fit("grpc.service == shop.Cart", call), "maybe");
  t.equal(fit("grpc.service == shop.Desk", call), "no");
  t.equal(fit("grpc.service == shop.Cart", { ...call, headerNames: ["te"] }), "no");
  t.equal(
    fit("grpc.service == shop.Cart", {
      ...call,
      head: [
        ["content-type", "application/grpc"],
        ["te", "trailers"],
      ],
    }),
    "yes",
  );
});

void t.test("a connection that was not read passes no filter", async (t) => {
  t.equal(fit("not method == GET", { method: "", target: "", protocol: "tcp" }), "no");
});
