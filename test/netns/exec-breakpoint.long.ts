import { setTimeout as delay } from "node:timers/promises";
import t from "tap";
import { RuntimeDirectory } from "../fixtures/magpie-steal.ts";
import { Shop } from "../fixtures/shop.ts";
import { ShopDesk } from "../fixtures/shop-desk.ts";

/** As long as somebody looks at a stopped program. */
const heldMs = 60_000;

void t.test("a request at a breakpoint waits for a minute, and nobody else waits at all", async (t) => {
  await using runtimeDirectory = await RuntimeDirectory.create();
  await using shop = await Shop.open();
  const desk = new ShopDesk({ shop, runtimeDirectory });
  await using storefront = await desk.run("storefront");
  const { pid } = await desk.answered(storefront, ({ by }) => by === "desk");
  process.kill(pid, "SIGSTOP");
  const heldSince = performance.now();
  const url = `http://${shop.pod("storefront").address4}/`;
  const held = await shop.pod("client").spawn(["curl", "-sS", "-m", "90", "-H", "x-tenant: blue", url]);
  let others = 0;
  while (performance.now() - heldSince < heldMs) {
    const askedAt = performance.now();
    t.equal((await shop.visit()).by, "storefront");
    t.ok(performance.now() - askedAt < 5_000, "at once, as far as a busy machine does things at once");
    others++;
    await delay(500);
  }
  process.kill(pid, "SIGCONT");
  t.match((await held.line(/^\{/)).input, /"by":"desk"/);
  t.ok(others > 50, `${others} others were answered meanwhile`);
});
