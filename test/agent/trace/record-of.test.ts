import t from "tap";
import { anybody, type Reader, Trace } from "../../../src/agent/trace/index.ts";
import { head } from "../../filters/head.ts";
import { decided, eyesOf, routesOf } from "./traced.ts";

const routes = routesOf([
  ["ann", 'header(x-tenant) =~ "^blue$" && method == GET'],
  ["bob", "header(x-user) == bob-secret-user"],
]);
const request = (lines: readonly string[], target = "/a?q=1&token=t0k3n") =>
  `GET ${target} HTTP/1.1\r\n${["Host: shop.internal", ...lines].join("\r\n")}\r\n\r\n`;
const passed = request(["X-Tenant: green-value", "X-User: carl-value", "Cookie: c00k13"]);
const stolen = request(["X-Tenant: blue", "X-User: carl-value", "Cookie: c00k13"]);

function seen(
  text: string,
  reader: Reader,
): { readonly text: string; readonly record: ReturnType<Trace["recordOf"]> } {
  const trace = new Trace();
  const record = trace.recordOf(decided(trace, routes, text).recording, reader);
  return { text: JSON.stringify(record), record };
}

void t.test(
  "anybody sees method, target, names, verdict, results of clauses; and no value of a field",
  async (t) => {
    for (const one of [passed, stolen]) {
      const { text, record } = seen(one, { ...anybody, wholeHead: true, showSecrets: true });
      t.notMatch(text, /green-value|carl-value|c00k13|shop\.internal|t0k3n/);
      t.match(record, { method: "GET", target: "/a?q=1&token=(masked)", head: null, subscription: null });
      t.same(record.headerNames, ["Host", "X-Tenant", "X-User", "Cookie"]);
    }
    t.match(seen(passed, anybody).record, {
      verdict: "original",
      reason:
        "`x-user` was something else, the filter of session s-bob (bob, revision 3) wants `bob-secret-user`; `x-tenant` was something else, the filter of session s-ann (ann, revision 3) wants `^blue$`",
      explanation: [
        { session: "s-bob", matches: false },
        { session: "s-ann", matches: false, clauses: { parts: [{ result: false }, { result: true }] } },
      ],
    });
    t.match(seen(stolen, anybody).record, { verdict: "stolen", session: "s-ann", sessionName: "ann" });
  },
);

void t.test(
  "a session sees the values that its own filters name, in every explanation, and no others",
  async (t) => {
    const ann = seen(passed, eyesOf("ann"));
    t.match(ann.text, /green-value/);
    t.notMatch(ann.text, /carl-value|c00k13|t0k3n/);
    const bob = seen(passed, eyesOf("bob"));
    t.match(bob.text, /carl-value/);
    t.notMatch(bob.text, /green-value|c00k13|t0k3n/);
    const named = seen(passed, eyesOf("carl", { names: new Set(["x-tenant"]) }));
    t.match(named.text, /green-value/, "what it names by now");
    t.notMatch(named.text, /carl-value/);
  },
);

void t.test(
  "whole heads are seen by the session that had the request, when it asks; secrets only when it asks for them",
  async (t) => {
    t.equal(seen(stolen, eyesOf("ann")).record.head, null);
    const whole = seen(stolen, eyesOf("ann", { wholeHead: true })).record;
    t.same(whole.head, [
      ["Host", "shop.internal"],
      ["X-Tenant", "blue"],
      ["X-User", "carl-value"],
      ["Cookie", "(masked)"],
    ]);
    t.equal(whole.target, "/a?q=1&token=(masked)");
    const secrets = seen(stolen, eyesOf("ann", { wholeHead: true, showSecrets: true })).record;
    t.match(secrets, {
      head: [{}, {}, {}, ["Cookie", "c00k13"]],
      target: "/a?q=1&token=t0k3n",
      subscription: Number,
    });
    for (const holder of ["bob", "carl"]) {
      const { text, record } = seen(stolen, eyesOf(holder, { wholeHead: true, showSecrets: true }));
      t.equal(record.head, null);
      t.equal(record.subscription, null, "a number of somebody else's");
      t.notMatch(text, /c00k13|t0k3n|shop\.internal/);
    }
    t.equal(seen(passed, eyesOf("ann", { wholeHead: true, showSecrets: true })).record.head, null);
  },
);

void t.test("a session that got a copy has had the request, too", async (t) => {
  const trace = new Trace();
  const { recording } = decided(trace, routes, passed);
  recording.mirrored([
    { session: "s-eve", name: "eve", outcome: "sent", isBegun: true },
    { session: "s-bob", name: "bob", outcome: "skipped: beyond its sample or rate" },
  ]);
  t.equal(trace.recordOf(recording, eyesOf("bob", { wholeHead: true })).head, null, "of nothing it was sent");
  t.equal(trace.recordOf(recording, eyesOf("eve", { wholeHead: true })).head?.length, 4);
  t.equal(trace.recordOf(recording, eyesOf("ann", { wholeHead: true })).head, null);
});

void t.test("filters of the revision that decided are what is explained, whatever came later", async (t) => {
  const trace = new Trace();
  const { recording } = decided(trace, routes, passed);
  decided(trace, routesOf([["ann", "true"]], 4), passed);
  t.match(trace.recordOf(recording, anybody), { revision: 3, explanation: [{}, { filter: /x-tenant/ }] });
});

void t.test("of a head that is too large to be kept it is said so, and nothing is explained", async (t) => {
  const large = `X-Large: ${"y".repeat(20_000)}`;
  const trace = new Trace();
  const one = trace.recordOf(decided(trace, routes, request([large, "X-Tenant: green"])).recording, anybody);
  t.match(one, { method: "GET", explanation: null, reason: /no filter matched; its head was too large/ });
  t.same(one.headerNames, ["Host"]);
  const fields = [
    ["x-tenant", "green"],
    ["x-large", "y".repeat(20_000)],
  ] as const;
  const list = { ...head({ fields }), version: "2" as const };
  const two = trace.recordOf(decided(trace, routes, list, 20_100).recording, anybody);
  t.match(two, { explanation: null, headerNames: ["x-tenant"], protocol: "http2" });
});

void t.test("why the app has what a filter matched is told where a filter did", async (t) => {
  const trace = new Trace();
  for (const [text, reason] of [
    [
      stolen,
      /^`x-tenant` was as wanted, and the method was `GET` \(session s-ann, ann, revision \d+\), but it was over$/,
    ],
    [passed, /session s-ann \(ann, revision 3\) wants `\^blue\$`$/],
  ] as const) {
    const { recording } = decided(trace, routes, text);
    recording.instead = "it was over";
    t.match(trace.recordOf(recording, anybody).reason, reason);
  }
});

void t.test("what would not fit into a message is told without its largest parts", async (t) => {
  const trace = new Trace();
  const eyes = eyesOf("ann", { wholeHead: true });
  // One character here is two bytes there, and quotes are two as well.
  const lines = Array.from({ length: 5 }, () => `X-Long: ${'"\u00ff'.repeat(10_000)}`);
  const { recording } = decided(trace, routes, request(["X-Tenant: blue", ...lines]));
  t.match(trace.recordOf(recording, eyes), {
    head: null,
    explanation: [{}, {}],
    reason: /too large to be told$/,
  });
  const small = decided(trace, routes, stolen).recording;
  t.match(trace.recordOf(small, eyes), { head: [["Host", "shop.internal"]] });
});

void t.test("of very many copies of one request the first are told", async (t) => {
  const trace = new Trace();
  const { recording } = decided(trace, routes, passed);
  recording.mirrored(
    Array.from({ length: 1_000 }, (_, count) => ({ session: `s${count}`, name: "eve", outcome: "sent" })),
  );
  t.equal(trace.recordOf(recording, anybody).mirrors.length, 16);
});

void t.test("a probe is told as one", async (t) => {
  const trace = new Trace();
  const { recording } = decided(trace, routes, passed);
  recording.isProbe = true;
  t.match(trace.recordOf(recording, anybody), {
    isProbe: true,
    reason: "it is a health probe of the platform",
  });
});
