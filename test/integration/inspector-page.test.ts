import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser, Page } from "playwright-core";
import t, { type Test } from "tap";
import {
  openPage,
  type PageOptions,
  startBrowser,
  type Watched,
} from "../fixtures/inspector/page-browser.ts";
import { knownOf } from "../fixtures/inspector/page-detail.ts";
import { pageRow } from "../fixtures/inspector/page-row.ts";
import { PageServer } from "../fixtures/inspector/page-server.ts";
import { shopKnown, shopRows, shopState } from "../fixtures/inspector/made-up-shop.ts";
import { until } from "../fixtures/until.ts";

let browser: Browser;
t.before(async () => {
  browser = await startBrowser();
});
t.jobs = 1;

/** A page on a server of its own. At the end nothing may have gone wrong in it, or been asked of anybody else. */
async function onPage(
  t: Test,
  use: (on: { page: Page; server: PageServer; watched: Watched }) => Promise<void>,
  { rows = 0, mayFail = false, ...options }: PageOptions & { rows?: number; mayFail?: boolean } = {},
): Promise<void> {
  await using server = await PageServer.start();
  if (rows > 0) server.tell(Array.from({ length: rows }, (_, index) => pageRow(index + 1)));
  const watched = await openPage(browser, server.url, options);
  try {
    await watched.page.getByRole("status").filter({ hasText: "live" }).waitFor();
    await use({ page: watched.page, server, watched });
    if (!mayFail) t.same(watched.faults, []);
    t.same([...watched.origins], [server.origin], "nobody else is asked for anything");
  } finally {
    await watched.page.context().close();
  }
}

const lines = (page: Page) => page.locator(".window .line");
const line = (page: Page, id: number) => page.locator(`#row-${id}`);
const shownIds = (page: Page): Promise<number[]> =>
  lines(page).evaluateAll((found) =>
    found.map((one) => Number((one as unknown as { dataset: { id: string } }).dataset.id)),
  );

void t.test(
  "rows are shown as they come and change, and the list follows them until somebody scrolls",
  async (t) => {
    await onPage(
      t,
      async ({ page, server }) => {
        await line(page, 200).waitFor();
        t.match(await line(page, 200).textContent(), /GET.*200.*shop\.example\/api\/items\/200.*here/);
        server.tell([pageRow(201, { status: null, state: "waiting", durationMs: null })]);
        await line(page, 201).getByText("…").first().waitFor();
        server.tell([pageRow(201, { status: 503 })]);
        await line(page, 201).getByText("503").waitFor();

        await page.locator("#rows").hover();
        await page.mouse.wheel(0, -600);
        await page.getByRole("button", { name: "Newest" }).waitFor();
        const before = await shownIds(page);
        server.tell([pageRow(202)]);
        await page.getByText("202 requests").waitFor();
        t.same(await shownIds(page), before, "what is read does not move");
        await page.getByRole("button", { name: "Newest" }).click();
        await line(page, 202).waitFor();
      },
      { rows: 200 },
    );
  },
);

void t.test("the filter box takes words and filters, and says where a filter is wrong", async (t) => {
  await onPage(
    t,
    async ({ page }) => {
      const box = page.getByRole("textbox", { name: "Filter of the list" });
      await page.keyboard.press("/");
      t.ok(await box.evaluate((element) => element.matches(":focus")));
      await box.fill("items/17");
      await page.getByText("11 of 180 requests").waitFor();
      await box.fill('path =~ "items/1[0-9]$" && method == GET');
      await page.getByText("10 of 180 requests").waitFor();
      // Rows have no header fields: the process behind the page is asked.
      await box.fill('header(x-user) == "ann" && path == "/api/items/9"');
      await page.getByText("1 of 180 requests").waitFor();
      await box.fill("path ^= && x");
      const problem = page.getByRole("alert");
      await problem.getByText("at character 9").waitFor();
      t.equal(await problem.locator("mark").textContent(), "&");
      t.equal(await lines(page).count(), 1, "the list stays as it was");
      await box.press("Escape");
      await page.getByText("180 requests", { exact: true }).waitFor();
    },
    { rows: 180 },
  );
});

void t.test("chips choose who answered and what failed; probes are hidden at first", async (t) => {
  await onPage(t, async ({ page, server }) => {
    server.tell([
      pageRow(1),
      pageRow(2, { what: "mirrored", answeredBy: "the app" }),
      pageRow(3, { what: "passed", answeredBy: "the app", status: 404 }),
      pageRow(4, { what: "passed", answeredBy: "the app", isProbe: true, path: "/healthz" }),
      pageRow(5, { state: "failed", status: null, failure: "the program refused the connection" }),
    ]);
    const shows = async (ids: number[]) => {
      await until(async () => JSON.stringify(await shownIds(page)) === JSON.stringify(ids), {
        what: `rows ${ids.join(", ")}`,
      });
      t.same(await shownIds(page), ids);
    };
    const chip = (name: string) => page.getByRole("button", { name, exact: true });
    await shows([1, 2, 3, 5]);
    await page.getByText("1 probe not shown").waitFor();
    await chip("Probes").click();
    await shows([1, 2, 3, 4, 5]);
    await chip("Passed").click();
    await shows([3, 4]);
    await chip("Mirrored").click();
    await shows([2, 3, 4]);
    await chip("Passed").click();
    await chip("Mirrored").click();
    await chip("Failed").click();
    await shows([3, 5]);
  });
});

void t.test("the keyboard alone goes through list, details and dialogs", async (t) => {
  await onPage(
    t,
    async ({ page }) => {
      await line(page, 90).waitFor();
      await page.locator("#rows").focus();
      await page.keyboard.press("k");
      await page.getByRole("region", { name: "Details of request 90" }).waitFor();
      await page.keyboard.press("ArrowUp");
      await page.keyboard.press("k");
      await page.getByRole("region", { name: "Details of request 88" }).waitFor();
      t.equal(await page.locator("#rows").getAttribute("aria-activedescendant"), "row-88");
      await page.keyboard.press("Home");
      await page.getByRole("region", { name: "Details of request 1", exact: true }).waitFor();
      await line(page, 1).waitFor();
      await page.keyboard.press("End");
      await page.getByRole("region", { name: "Details of request 90" }).waitFor();
      await page.keyboard.press("Enter");
      await page.keyboard.press("ArrowRight");
      t.equal(await page.getByRole("tab", { selected: true }).textContent(), "Answer");
      await page.keyboard.press("Escape");
      await page.getByRole("region", { name: /Details/ }).waitFor({ state: "detached" });
      t.ok(
        await page.locator("#rows").evaluate((element) => element.matches(":focus")),
        "the list has the focus again",
      );
      await page.keyboard.press("?");
      const dialog = page.getByRole("dialog", { name: "Keys" });
      await dialog.waitFor();
      for (let presses = 0; presses < 5; presses++) await page.keyboard.press("Tab");
      t.equal(await page.locator("main :focus, header :focus").count(), 0, "the focus stays in the dialog");
      await page.keyboard.press("Escape");
      await dialog.waitFor({ state: "detached" });
      t.ok(await page.locator("#rows").evaluate((element) => element.matches(":focus")));
    },
    { rows: 90 },
  );
});

void t.test(
  "the details show fields, bodies in the form they have, messages, times, decision and comparison",
  async (t) => {
    await onPage(t, async ({ page, server }) => {
      server.setState(shopState);
      const rows = shopRows(66);
      server.tell(rows, shopKnown(rows));
      const open = async (find: (row: (typeof rows)[number]) => boolean, tab?: string | RegExp) => {
        const id = rows.findLast(find)?.id ?? 0;
        await line(page, id).click();
        await page.getByRole("region", { name: `Details of request ${id}`, exact: true }).waitFor();
        if (tab !== undefined) await page.getByRole("tab", { name: tab }).click();
        return page.getByRole("tabpanel");
      };
      await line(page, 66).waitFor();
      const answer = await open(
        ({ path, what }) => path === "/api/items/1042" && what === "stolen",
        "Answer",
      );
      await answer.getByText("private, max-age=30").waitFor();
      await answer.getByText("Desk lamp “Pica”").waitFor();
      await answer.getByRole("button", { name: "stock: {" }).click();
      await answer.getByText("3 keys").waitFor();
      await answer.getByRole("button", { name: "Hex" }).click();
      await answer.getByText("00000000  7b 22 69 64").waitFor();

      const picture = await open(({ path }) => path.endsWith("/picture"));
      await picture.getByText("160 × 96").waitFor();

      const form = await open(({ path }) => path === "/api/login", "Request");
      await form.getByText("ann@shop.example").waitFor();

      const messages = await open(({ kind }) => kind === "websocket", "Messages");
      await messages.getByText("Great, thank you!").waitFor();
      t.same(
        await messages.locator(".direction").evaluateAll((found) => found.map((one) => one.textContent)),
        ["↑", "↓", "↑", "↓", "↓", "↑"],
        "both directions by time",
      );
      const decision = await open(({ path, what }) => path === "/api/cart" && what === "stolen", "Decision");
      await decision.getByText('x-user is "ann"').waitFor();
      t.equal(await decision.getByRole("img", { name: "holds", exact: true }).count(), 4);
      await page.getByRole("tab", { name: "Timing" }).click();
      await page.getByRole("tabpanel").getByText("Waiting for the answer").waitFor();

      const compare = await open(({ path }) => path === "/shop.Cart/GetCart", /Compare/);
      await compare.getByText("3 differences").waitFor();
      t.same(
        await compare
          .locator(".sides .differs .left")
          .evaluateAll((found) => found.map((one) => one.textContent?.trim())),
        ["x-served-by: cart-6d5f", '"total": 118.3', ""],
      );
    });
  },
);

void t.test("requests are sent again as they are or edited, released and copied as curl", async (t) => {
  await onPage(
    t,
    async ({ page, server }) => {
      server.tell(
        [pageRow(4, { method: "POST", path: "/api/cart", requestType: "application/json" })],
        [
          knownOf(pageRow(4, { method: "POST", path: "/api/cart", requestType: "application/json" }), {
            requestHeaders: [
              ["Host", "shop.example"],
              ["Content-Type", "application/json"],
              ["Content-Length", "14"],
            ],
            requestBody: '{"quantity":2}',
          }),
        ],
      );
      await line(page, 4).click();
      await page.getByRole("button", { name: "Replay to the app" }).click();
      await page.getByText("Sent again to the app, as request 5").waitFor();
      t.same(server.asked.at(-1), { what: "POST requests/replay", body: { to: "original" } });
      await page.getByRole("tab", { name: "Compare" }).click();
      await page.getByText("request 4, answered by here").waitFor();

      await line(page, 4).click();
      await page.getByRole("button", { name: "curl" }).click();
      await page.getByText("The curl command is copied").waitFor();
      t.match(await page.evaluate("navigator.clipboard.readText()"), /^curl /);

      await page.getByRole("button", { name: "Edit" }).click();
      const dialog = page.getByRole("dialog", { name: "Edit and send" });
      await dialog.getByLabel("Target").fill("/api/cart?dry=1");
      await dialog.getByLabel("Headers").fill("Host: shop.example\nContent-Type: application/json\nbroken");
      await dialog.getByText("Line 3: there is no colon").waitFor();
      t.ok(await dialog.getByRole("button", { name: /^Send to/ }).isDisabled());
      await dialog
        .getByLabel("Headers")
        .fill("Host: shop.example\nContent-Type: application/json\nContent-Length: 14");
      await dialog.getByLabel("Body", { exact: true }).fill('{"quantity":33,}');
      await dialog.getByText("Line 1, column 16").waitFor();
      await dialog.getByLabel("Body", { exact: true }).fill('{"quantity":33}');
      await dialog.getByRole("button", { name: /^Send to/ }).click();
      await page.getByText("Sent as request 6").waitFor();
      t.same(server.asked.at(-1), {
        what: "POST send",
        body: {
          to: "local",
          port: 8080,
          method: "POST",
          target: "/api/cart?dry=1",
          headers: [
            ["Host", "shop.example"],
            ["Content-Type", "application/json"],
            ["Content-Length", "15"],
          ],
          body: Buffer.from('{"quantity":33}').toString("base64"),
          from: 4,
        },
      });
      server.tell([pageRow(7, { state: "held", status: null, durationMs: null })]);
      await line(page, 7).click();
      await page.getByRole("button", { name: "Release" }).click();
      await line(page, 7).getByText("200").waitFor();
    },
    { rows: 3 },
  );
});

void t.test("the filter of a port is changed with a preview, and a refusal stays to be read", async (t) => {
  await onPage(
    t,
    async ({ page, server }) => {
      server.tell([pageRow(31, { what: "passed", answeredBy: "the app", path: "/assets/a.css" })]);
      await page.getByRole("button", { name: /^steal port 8080/ }).click();
      const dialog = page.getByRole("dialog", { name: "Filter of port 8080" });
      const text = dialog.getByRole("textbox");
      await text.fill("path ^= /api");
      await dialog.getByText(/at character/).waitFor();
      t.ok(await dialog.getByRole("button", { name: "Apply" }).isDisabled());
      await text.fill('path ^= "/assets" || path == "/api/items/3"');
      await dialog.getByText("2 of 31 recorded requests match").waitFor();
      await dialog.getByText("+1 would be stolen now").waitFor();
      await dialog.getByText("−29 would go to the app now").waitFor();
      server.refuseOnce("PUT filter", "bob holds this port", "Ask bob, or use --take-over.");
      await dialog.getByRole("button", { name: "Apply" }).click();
      await dialog.getByText("bob holds this port").waitFor();
      await dialog.getByRole("button", { name: "Apply" }).click();
      await dialog.waitFor({ state: "detached" });
      await page.getByRole("button", { name: /^steal port 8080: path \^= "\/assets"/ }).waitFor();
    },
    { rows: 30, mayFail: true },
  );
});

void t.test("holding is switched, HAR files come and go, and all is forgotten when asked", async (t) => {
  await onPage(
    t,
    async ({ page, server }) => {
      await page.getByRole("switch", { name: "Hold new requests" }).click();
      await page.getByRole("switch", { name: "Hold new requests", checked: true }).waitFor();
      t.same(server.asked.at(-1), { what: "PUT holding", body: { isOn: true, filter: null } });
      await page.getByLabel("Import a HAR file").setInputFiles({
        name: "shop.har",
        mimeType: "application/json",
        buffer: Buffer.from(JSON.stringify({ log: { entries: [{}, {}] } })),
      });
      await page.getByText("2 requests imported of shop.har").waitFor();
      const download = page.waitForEvent("download");
      await page.getByRole("button", { name: "Export what is shown as HAR" }).click();
      const saved = await download;
      t.match(saved.url(), /ids=1%2C2%2C3%2C4%2C5$/);
      t.match(readFileSync(await saved.path(), "utf8"), /"creator"/);
      await page.getByRole("button", { name: "Clear" }).click();
      await page.getByText("No request yet").waitFor();
      t.equal(await lines(page).count(), 0);
    },
    { rows: 3 },
  );
});

void t.test(
  "light and dark follow the system until they are chosen, and the choice is remembered",
  async (t) => {
    const ground = (page: Page) => page.evaluate("getComputedStyle(document.body).backgroundColor");
    await onPage(
      t,
      async ({ page }) => {
        t.equal(await ground(page), "rgb(15, 19, 23)");
        await page.getByRole("button", { name: "Colours: auto" }).click();
        await page.getByRole("button", { name: "Colours: light" }).waitFor();
        t.equal(await ground(page), "rgb(255, 255, 255)");
        await page.reload();
        await page.getByRole("button", { name: "Colours: light" }).waitFor();
        t.equal(await ground(page), "rgb(255, 255, 255)");
      },
      { colorScheme: "dark" },
    );
  },
);

void t.test(
  "a page that lost its server says so, keeps what it has, and comes back with what it missed",
  async (t) => {
    await onPage(
      t,
      async ({ page, server }) => {
        await line(page, 3).waitFor();
        await line(page, 2).click();
        server.goAway();
        await page.getByText("The page comes back by itself").waitFor();
        server.tell([pageRow(4), pageRow(2, { status: 418 })]);
        t.equal(await lines(page).count(), 3);
        server.comeBack();
        // It comes back by itself, too, and may be faster than the click.
        await page
          .getByRole("button", { name: "Try now" })
          .click({ timeout: 1_000 })
          .catch(() => {});
        await line(page, 4).waitFor();
        await line(page, 2).getByText("418").waitFor();
        t.equal(await lines(page).count(), 4);
        t.equal(await line(page, 2).getAttribute("aria-selected"), "true");
        server.forget(1, "there is room for 3 only");
        await page.getByText("The 1 oldest request was forgotten: there is room for 3 only.").waitFor();
        server.setState({
          connection: "ended",
          can: { setFilter: false, hold: false, sendTo: [], whyNot: "The session has ended" },
        });
        await page.getByText("The session has ended. What was recorded can still be read").waitFor();
        t.ok(await page.getByRole("button", { name: "Replay here" }).isDisabled());
      },
      { rows: 3, mayFail: true },
    );
  },
);

void t.test("hostile content is shown and does nothing", async (t) => {
  const markup = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`;
  await onPage(t, async ({ page, server }) => {
    const row = pageRow(1, {
      path: `/${markup}`,
      host: "shop\u202eelpmaxe",
      because: `x-user is "${markup}"`,
      answerType: "image/svg+xml",
      failure: "\u0000\u001b[31mred",
      method: "G\u200bET",
    });
    const long = `begin${"x".repeat(1_000_000)}`;
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>top.document.title="owned"</script><image href="http://192.0.2.1/x.png"/></svg>`;
    const known = knownOf(row, {
      requestHeaders: [
        ["X-Long", long],
        ["X-Markup", markup],
        ["X-Turned", "a\u202eb\u2066c"],
      ],
      answerBody: svg,
      detail: { curl: null },
    });
    server.tell([row, pageRow(2, { path: "/".padEnd(1_000_000, "y") }), pageRow(3)], [known]);
    await line(page, 3).waitFor();
    t.match(await line(page, 1).locator(".c-path").textContent(), /U\+202E/);
    t.ok(((await line(page, 2).textContent()) ?? "").length < 2_000, "of a long path the list has the begin");
    await line(page, 1).click();
    const panel = page.getByRole("tabpanel");
    await panel.getByText(markup).first().waitFor();
    await panel.getByRole("button", { name: "show all (1.0 MB)" }).waitFor();
    t.equal(await panel.getByText("U+2066").count(), 1);
    await panel.getByRole("button", { name: "show all (1.0 MB)" }).click();
    await until(async () => ((await panel.textContent()) ?? "").length > 1_000_000, {
      what: "the whole field",
    });
    await page.getByRole("tab", { name: "Answer" }).click();
    await panel.getByText("9 × 9").waitFor();
    t.equal(await page.title(), "deployment/shop-api · Magpie inspector");
    t.equal(await page.locator("img[src=x], script:not([src])").count(), 0);
  });
});

void t.test("whatever can be used has a name, and the parts of the page their roles", async (t) => {
  await onPage(t, async ({ page, server }) => {
    server.setState(shopState);
    const rows = shopRows(30);
    server.tell(rows, shopKnown(rows));
    const check = async (what: string) => {
      const nameless = await namelessOnPage(page);
      t.same(nameless, [], what);
    };
    await line(page, 30).waitFor();
    await check("the list");
    t.equal(await page.getByRole("grid", { name: "Requests" }).getAttribute("aria-rowcount"), "28");
    await page.getByRole("row", { selected: false }).first().waitFor();
    await line(page, 9).click();
    await page.locator(".first-line").waitFor();
    await check("request");
    for (const tab of ["Answer", "Timing", "Decision"]) {
      await page.getByRole("tab", { name: tab }).click();
      await check(tab);
    }
    await page.getByRole("separator", { name: "Size of the details" }).waitFor();
    await page.getByRole("button", { name: "Edit" }).click();
    await page.getByRole("dialog").getByLabel("Target").waitFor();
    await check("edit");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Which requests are held" }).click();
    await page.getByRole("dialog").waitFor();
    await check("holding");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: /^steal port/ }).click();
    await page.getByRole("dialog").waitFor();
    await check("filter");
  });
});

void t.test("text has enough contrast in both schemes", async (t) => {
  for (const colorScheme of ["light", "dark"] as const) {
    await onPage(
      t,
      async ({ page, server }) => {
        server.setState(shopState);
        const rows = shopRows(44);
        server.tell(rows, shopKnown(rows));
        await line(page, 44).waitFor();
        await line(page, 31).click();
        await page.locator(".first-line").waitFor();
        t.same(await page.evaluate(faintTexts), [], colorScheme);
      },
      { colorScheme },
    );
  }
});

void t.test(
  "another page may neither frame it nor read from it, and knows nothing without the token",
  async (t) => {
    await using server = await PageServer.start();
    const other = createServer((_, response) => {
      response.setHeader("content-type", "text/html");
      response.end(`<iframe src="${server.url}"></iframe>`);
    });
    await new Promise<void>((resolve) => void other.listen(0, "127.0.0.1", resolve));
    t.teardown(() => other.close());
    const { page, faults } = await openPage(
      browser,
      `http://127.0.0.1:${(other.address() as AddressInfo).port}/`,
    );
    await until(() => faults.some((fault) => /frame-ancestors/.test(fault)), {
      what: "a refusal to be framed",
    });
    t.equal(await page.frameLocator("iframe").locator("#page").count(), 0);
    await page.context().close();
    const stranger = await openPage(browser, `${server.origin}/?token=wrong`);
    await stranger.page.getByText("magpie refuses this page").waitFor();
    await stranger.page.context().close();
  },
);

// A teardown of the file would wait for the browser, which it is to close.
void t.test("the browser ends", () => browser.close());

/** Roles whose bearers are used, and so must say what they are. */
const usedRoles =
  /^(?:button|link|textbox|searchbox|combobox|checkbox|switch|tab|grid|dialog|slider|separator|region)$/;

/** By the browser's own tree of what it tells to assistive technology. */
async function namelessOnPage(page: Page): Promise<string[]> {
  const session = await page.context().newCDPSession(page);
  const { nodes } = await session.send("Accessibility.getFullAXTree");
  await session.detach();
  return nodes
    .filter(({ ignored, role, name }) => {
      const isUsed = usedRoles.test(String(role?.value ?? ""));
      return !ignored && isUsed && String(name?.value ?? "").trim() === "";
    })
    .map(({ role, nodeId }) => `${String(role?.value)} ${nodeId}`);
}

/**
 * Runs in the page: texts whose contrast with what they stand on is below 4.5:1 (WCAG 2.2 §1.4.3), disabled ones left out.
 * Written as text, since it is of the browser.
 */
const faintTexts = `(() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const luminance = ([r, g, b]) => {
    const part = (value) => ((value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  };
  const groundOf = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const colour = rgba(getComputedStyle(at).backgroundColor);
      if (colour[3] > 250) return colour;
    }
    return rgba("Canvas");
  };
  const faint = new Set();
  for (const element of document.querySelectorAll("body *")) {
    const text = [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data).join("").trim();
    if (text === "" || element.closest("noscript, [disabled], .aside-only") || element.getClientRects().length === 0) continue;
    const [a, b] = [luminance(rgba(getComputedStyle(element).color)), luminance(groundOf(element))].sort((x, y) => y - x);
    const contrast = (a + 0.05) / (b + 0.05);
    if (contrast < 4.5) faint.add(element.className + " " + text.slice(0, 20) + " " + contrast.toFixed(2));
  }
  return [...faint];
})()`;
