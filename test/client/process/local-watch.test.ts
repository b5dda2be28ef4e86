import t from "tap";
import { Listeners, type LocalChange, LocalWatch } from "../../../src/client/process/index.ts";
import { freePort, LocalApp } from "../incoming/local-app.ts";

void t.test("each change is told once, however often is looked", async (t) => {
  const changes: LocalChange[] = [];
  const port = await freePort();
  const local = { address: "127.0.0.1", port };
  using watch = new LocalWatch({
    listeners: new Listeners(),
    onChange: (change) => changes.push(change),
    intervalMs: 60_000,
  });
  await watch.watch(local);
  await watch.look(local);
  t.same(changes, [{ local, listener: { state: "down" } }]);
  t.notOk(watch.isStillUp(local));
});

void t.test("a change is noticed without a request", async (t) => {
  // The watch keeps no process alive, and nothing else does once the app is gone.
  const awake = setInterval(() => undefined, 1_000);
  t.teardown(() => clearInterval(awake));
  const told = Promise.withResolvers<LocalChange>();
  await using app = await LocalApp.start();
  const local = { address: "127.0.0.1", port: app.port };
  using watch = new LocalWatch({
    listeners: new Listeners(),
    onChange: (change) => change.listener.state === "down" && told.resolve(change),
    intervalMs: 10,
  });
  await watch.watch(local);
  t.ok(watch.isStillUp(local));
  await app[Symbol.asyncDispose]();
  t.match(await told.promise, { local, listener: { state: "down" } });
});
