import t from "tap";
import { compareAnswers } from "../../../src/client/compare/compare-answers.ts";
import { limits } from "../../../src/client/compare/limits.ts";
import { NoiseLearner } from "../../../src/client/compare/noise-learner.ts";
import { answer, field, grpc, json, message, places } from "./answers.ts";
import type { Answer } from "../../../src/client/compare/answer.ts";

const request = { method: "GET", target: "/users/1" };

function learned(first: Answer, second: Answer) {
  const learner = new NoiseLearner();
  const result = learner.learn({ request, first, second });
  const after = (original: Answer, local: Answer, target = "/users/2") =>
    compareAnswers({ request, original, local, noise: learner.noiseOf({ method: "GET", target }) });
  return { learner, result, after };
}

void t.test(
  "a field that differs between two originals is noise for its route, ids in the path aside",
  async (t) => {
    const { result, after } = learned(json({ a: 1, at: 1 }), json({ a: 1, at: 2 }));
    t.match(result, { route: "GET /users/{number}", newPlaces: ["body/at"], droppedPlaces: 0 });
    const comparison = after(json({ a: 1, at: 3 }), json({ a: 1, at: 4 }));
    t.equal(comparison.verdict, "same");
    t.match(comparison.hidden, [
      { hidden: { by: "noise", rule: "body/at", why: /between two answers of the original/ } },
    ]);
    t.same(places(after(json({ a: 1 }), json({ a: 2 }))), ["body/a"]);
    t.equal(after(json({ at: 3 }), json({ at: 4 }), "/other").verdict, "differs");
  },
);

void t.test("indexes of arrays mean nothing", async (t) => {
  const items = (...ats: number[]) => json({ items: ats.map((at, id) => ({ id, at })) });
  const { after } = learned(items(1, 2), items(1, 3));
  t.equal(after(items(1, 2, 3, 4), items(5, 6, 7, 8)).verdict, "same");
  t.same(places(after(json({ items: [{ id: 1 }] }), json({ items: [{ id: 2 }] }))), ["body/items/0/id"]);
});

void t.test("a list that grew says that elements come and go, and not that they may change", async (t) => {
  const { result, after } = learned(
    json([{ id: 1, v: 1 }]),
    json([
      { id: 1, v: 1 },
      { id: 2, v: 1 },
    ]),
  );
  t.match(result, { newPlaces: ["body/* (comes and goes)"] });
  t.equal(
    after(
      json([{ id: 1, v: 1 }]),
      json([
        { id: 7, v: 7 },
        { id: 1, v: 1 },
      ]),
    ).verdict,
    "same",
  );
  t.same(places(after(json([{ id: 1, v: 1 }]), json([{ id: 1, v: 2 }]))), ["body/0/v"]);
});

void t.test("headers, trailers, lines and fields of messages can be noise", async (t) => {
  const make = (value: string) =>
    answer(`title\nbuilt at ${value}\n`, {
      type: "text/plain",
      headers: [["etag", value]],
      trailers: [["sum", value]],
    });
  const { result, after } = learned(make("12:01"), make("12:02"));
  t.match(result, { newPlaces: ["header:etag", 'body:line like "built at #:#"', "trailer:sum"] });
  t.equal(after(make("13:00"), make("14:00")).verdict, "same");
  t.same(
    places(
      after(answer("built at 1:1", { type: "text/plain" }), answer("built by 1:1", { type: "text/plain" })),
    ),
    ["body:line 1"],
  );
  const call = (at: number, price: number) => grpc([message(field(1, price), field(2, at))]);
  const calls = learned(call(1, 5), call(2, 5));
  t.match(calls.result, { newPlaces: ["grpc:field 2"] });
  t.equal(calls.after(call(7, 5), call(8, 5)).verdict, "same");
  t.equal(calls.after(call(7, 5), call(8, 6)).verdict, "differs");
});

void t.test("only safe methods, whole answers and equal statuses teach", async (t) => {
  const learner = new NoiseLearner();
  const first = answer("a");
  const learn = (method: string, second: Answer) =>
    learner.learn({ request: { method, target: "/" }, first, second });
  for (const method of ["POST", "PUT", "PATCH", "DELETE", "get", "TRACE"])
    t.same(learn(method, answer("b")), { notLearned: "method-not-safe" });
  t.same(learn("GET", answer("b", { end: { how: "cut", reason: "" } })), { notLearned: "not-whole" });
  t.same(learn("GET", answer("b", { status: 503 })), { notLearned: "status-differs" });
  t.same(learner.known(), []);
  for (const method of ["GET", "HEAD", "OPTIONS"])
    t.match(learn(method, answer("b")), { newPlaces: [/line/] });
});

void t.test("says which places are noise, and in how many pairs they differed", async (t) => {
  const { learner } = learned(json({ at: 1 }), json({ at: 2 }));
  learner.learn({ request, first: json({ at: 1 }), second: json({ at: 1 }) });
  learner.learn({ request, first: json({ at: 1 }), second: json({ at: 3 }) });
  t.match(learner.known(), [
    { route: "GET /users/{number}", places: [{ place: "body/at", times: 2, pairs: 3, why: /2 of 3 pairs/ }] },
  ]);
});

void t.test("memory is bounded: routes by last use, places by number, keys by length", async (t) => {
  const learner = new NoiseLearner();
  const [first, second] = [json({ at: 1 }), json({ at: 2 })];
  learner.learn({ request: { method: "GET", target: "/kept" }, first, second });
  for (let route = 0; route < limits.noiseRoutes + 50; route++) {
    learner.learn({ request: { method: "GET", target: `/r-${route}` }, first, second });
    learner.noiseOf({ method: "GET", target: "/kept" });
  }
  t.equal(learner.known().length, limits.noiseRoutes);
  t.equal(learner.noiseOf({ method: "GET", target: "/kept" }).length, 1);
  t.equal(learner.noiseOf({ method: "GET", target: "/r-0" }).length, 0);
  const wide = (value: number) =>
    json(Object.fromEntries(Array.from({ length: 500 }, (_, key) => [`k${key}`, value])));
  t.match(learner.learn({ request, first: wide(1), second: wide(2) }), {
    droppedPlaces: 500 - limits.noisePlaces,
  });
  t.equal(learner.noiseOf(request).length, limits.noisePlaces);
  const long = (value: number) => json({ ["k".repeat(10_000)]: value });
  t.match(learner.learn({ request: { method: "GET", target: "/long" }, first: long(1), second: long(2) }), {
    newPlaces: [],
  });
});
