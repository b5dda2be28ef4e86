import t, { type Test } from "tap";
import { seededRandom } from "../fixtures/byte-splits.ts";
import { type Decision, MagpieSteal, RuntimeDirectory } from "../fixtures/magpie-steal.ts";
import { createNamespaces } from "../fixtures/namespaces.ts";
import { RawApp } from "../fixtures/raw-app.ts";
import { RawClient } from "../fixtures/raw-client.ts";
import {
  byteCut,
  type Cut,
  playWireCase,
  randomCut,
  sentByApp,
  sentByClient,
  type WireCase,
  wholeCut,
} from "../fixtures/wire-case.ts";
import { http2Breaches, http2Cases } from "../fixtures/wire-cases-http2.ts";
import { httpCases } from "../fixtures/wire-cases-http.ts";
import { opaqueCases } from "../fixtures/wire-cases-opaque.ts";
import { randomWireCase } from "../fixtures/wire-messages.ts";

const seed = 20_261_123;
const randomCases = 120;
/** A write per byte takes its time: longer conversations are cut at random places only. */
const mostSingleBytes = 1_200;

const host = "10.77.0.1";

/** What was decided, in the words of a case. */
function wordsOf({ verdict, status, reason }: Decision): string {
  return verdict === "opaque" ? `opaque ${reason}` : `${verdict} ${status}`;
}

void t.test("bytes pass through the agent as they pass without it", async (t) => {
  await using made = await createNamespaces({ label: "bytes" });
  await using runtimeDirectory = await RuntimeDirectory.create();
  // Two like apps: one is reached directly, one through the agent.
  await using direct = await RawApp.start({ namespace: made.pod, port: 8001 });
  await using app = await RawApp.start({ namespace: made.pod, port: 8000 });
  await using local = await RawApp.start({ host: "127.0.0.1" });
  await using client = await RawClient.start({ namespace: made.client });
  const args = ["--port", `8000:${local.port}`, "--header", "^x-tenant: blue$", "--trace"];
  await using steal = await MagpieSteal.start({ pod: made.pod, runtimeDirectory, args });
  let played = 0;
  let decisions = 0;

  const compare = async (t: Test, wire: WireCase, cuts: readonly [string, () => Cut][]) => {
    const whole = await playWireCase(wire, { client, app: direct, host, cut: wholeCut });
    // A case that does not play without the agent proves nothing about it.
    const plays = whole.atApp.equals(sentByClient(wire)) && whole.atClient.equals(sentByApp(wire));
    if (!plays) t.fail(`${wire.name}: the case itself does not play`, { whole });
    for (const [cutName, makeCut] of cuts) {
      const place = `${wire.name}, ${cutName}`;
      // The kernel may give a port that a client has had before: what was decided then is no matter now.
      const before = steal.decisions.length;
      const through = await playWireCase(wire, { client, app, host, cut: makeCut() });
      played++;
      decisions += wire.decided.length;
      if (!through.atApp.equals(whole.atApp))
        t.equal(shown(through.atApp), shown(whole.atApp), `${place}: the app's bytes`);
      if (!through.atClient.equals(whole.atClient))
        t.equal(shown(through.atClient), shown(whole.atClient), `${place}: the client's bytes`);
      t.equal(through.appSawEnd, whole.appSawEnd, `${place}: how the client ended, for the app`);
      t.equal(through.clientSawEnd, whole.clientSawEnd, `${place}: how the app ended, for the client`);
      const peer = `${made.client.address4}:${through.clientPort}`;
      const isNew = (decision: Decision): boolean => steal.decisions.indexOf(decision, before) !== -1;
      const decided = await steal.decided((decision) => decision.peer === peer && isNew(decision), {
        count: wire.decided.length,
      });
      t.same(decided.map(wordsOf), wire.decided, `${place}: what was decided`);
    }
  };

  const cutsFor = (wire: WireCase, random: () => number): [string, () => Cut][] => {
    const bytes = sentByClient(wire).length + sentByApp(wire).length;
    const cuts: [string, () => Cut][] = [["in one piece", () => wholeCut]];
    if (bytes > 0) cuts.push(["cut at random", () => randomCut(random)]);
    if (bytes > 0 && bytes <= mostSingleBytes) cuts.push(["byte by byte", () => byteCut]);
    return cuts;
  };

  await t.test("HTTP that no filter matches is byte-exact, and each exchange is decided", async (t) => {
    const random = seededRandom(seed);
    for (const wire of httpCases) await compare(t, wire, cutsFor(wire, random));
  });

  await t.test("HTTP/2 that no filter matches is byte-exact, frame by frame", async (t) => {
    const random = seededRandom(seed + 2);
    for (const wire of http2Cases) await compare(t, wire, cutsFor(wire, random));
  });

  await t.test(
    "what can be read in two ways, and what is no HTTP, passes unread and is never stolen",
    async (t) => {
      const random = seededRandom(seed + 1);
      for (const wire of [...opaqueCases, ...http2Breaches]) await compare(t, wire, cutsFor(wire, random));
    },
  );

  await t.test("random valid conversations are byte-exact, however they are cut", async (t) => {
    for (let number = 0; number < randomCases; number++) {
      const random = seededRandom(seed + 100 + number);
      const wire = randomWireCase(`random conversation ${number}`, random);
      await compare(t, wire, cutsFor(wire, random).slice(1));
    }
  });

  t.ok(played > 400, `${played} conversations through the agent`);
  t.equal(steal.decisions.length, decisions, "nothing was decided beyond that");
  t.equal((await local.records()).length, 0, "the local process was never reached");
});

/** Bytes for a message: readable, and with a bound. */
function shown(bytes: Buffer): string {
  const text = JSON.stringify(bytes.toString("latin1"));
  return text.length <= 4_000
    ? text
    : `${text.slice(0, 2_000)} … ${text.slice(-2_000)} (${bytes.length} bytes)`;
}
