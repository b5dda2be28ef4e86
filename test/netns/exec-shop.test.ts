import t from "tap";
import { RuntimeDirectory } from "../fixtures/magpie-steal.ts";
import { Shop, shopSettings } from "../fixtures/shop.ts";
import { ShopDesk } from "../fixtures/shop-desk.ts";

// One cluster for all tests.
const stage = new AsyncDisposableStack();
t.teardown(() => stage.disposeAsync());
const runtimeDirectory = stage.use(await RuntimeDirectory.create());
const shop = stage.use(await Shop.open());
const desk = new ShopDesk({ shop, runtimeDirectory });

void t.test("a service at the desk has its pod's file, variables, names and network", async (t) => {
  await using storefront = await desk.run("storefront");
  const answer = await desk.answered(storefront, ({ by }) => by === "desk");
  t.equal(answer.greeting, shopSettings.greeting, "the pod's file");
  t.equal(answer.region, "north", "the pod's variable");
  t.equal(answer.stock.by, "stock", "the second service, by its name");
  const others = await shop.visit();
  t.equal(others.by, "storefront", "who is not asked for is answered by the pod");
  t.equal(others.visits, answer.visits + 1, "both count in the same Redis");
});

void t.test("fields go along from service to service, with both at the desk", async (t) => {
  await using storefront = await desk.run("storefront");
  await using stock = await desk.run("stock");
  await desk.answered(storefront, ({ by }) => by === "desk");
  const answer = await desk.answered(stock, (answer) => answer.stock.by === "desk");
  t.match(answer, { by: "desk", stock: { by: "desk", came: { "x-tenant": "blue" } } });
  t.match(await shop.visit("-H", "x-tenant: green"), { by: "storefront", stock: { by: "stock" } });
});
