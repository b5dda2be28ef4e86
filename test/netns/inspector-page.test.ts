import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "playwright-core";
import t from "tap";
import { builtPage } from "../fixtures/inspector/built-page.ts";
import { openPage, startBrowser } from "../fixtures/inspector/page-browser.ts";
import { TwoDevelopers } from "../fixtures/two-developers.ts";
import { until } from "../fixtures/until.ts";

builtPage();
const stage = await TwoDevelopers.create({ label: "inspector" });
t.teardown(() => stage[Symbol.asyncDispose]());
const browser = await startBrowser();
const steal = await stage.steal("alice", "--header", "^x-user: alice$", "--inspect");
const url = String((await steal.event("inspector"))["url"]);
const { page, faults, origins } = await openPage(browser, url);
const asAlice = ["-H", "x-user: alice"] as const;

const line = (text: string | RegExp) => page.getByRole("row").filter({ hasText: text });
/** As people see it: with what it says. */
const detail = (text: string) => page.getByRole("tabpanel").getByText(text);

void t.test("real requests are there at once, with who answered and why", async (t) => {
  t.equal(await stage.ask("/stolen?x=1", ...asAlice), "alice");
  t.equal(await stage.ask("/passed"), "original");
  await line("/stolen?x=1").getByText("200").waitFor();
  await line("/stolen?x=1")
    .getByRole("img", { name: /^stolen/ })
    .waitFor();
  await line("/passed")
    .getByRole("img", { name: /^passed/ })
    .waitFor();
  await page.getByText("2 requests").waitFor();
});

void t.test("the filter box decides by header fields of real requests, too", async () => {
  const box = page.getByRole("textbox", { name: "Filter of the list" });
  await box.fill('header(x-user) == "alice"');
  await page.getByText("1 of 2 requests").waitFor();
  await box.fill("passed");
  await page.getByText("1 of 2 requests").waitFor();
  await line("/passed").waitFor();
  await box.fill("");
  await page.getByText("2 requests").waitFor();
});

void t.test("the details of a stolen request show what was said, and the clauses that decided", async (t) => {
  await line("/stolen?x=1").click();
  await detail("/stolen?x=1").first().waitFor();
  await detail("x-user").first().waitFor();
  await page.getByRole("tab", { name: "Answer" }).click();
  await detail("x-served-by").first().waitFor();
  await detail('"/stolen?x=1"').waitFor();
  await page.getByRole("tab", { name: "Timing" }).click();
  await detail("Waiting for the answer").waitFor();
  await page.getByRole("tab", { name: "Decision" }).click();
  await detail("takes it").waitFor();
  t.ok((await page.getByRole("img", { name: "holds", exact: true }).count()) > 0);
});

void t.test("a request is replayed here and to the app, and edited", async () => {
  await line("/stolen?x=1").first().click();
  await page.getByRole("button", { name: "Replay here" }).click();
  await line(/200.*replay.*\/stolen\?x=1/).waitFor();
  await page.getByRole("tab", { name: "Answer" }).click();
  await detail('"alice"').first().waitFor();
  await page.getByRole("button", { name: "Replay to the app" }).click();
  await page.getByText(/Sent again to the app/).waitFor();
  await detail('"original"').first().waitFor();
  await page.getByRole("button", { name: "Edit" }).click();
  const dialog = page.getByRole("dialog", { name: "Edit and send" });
  await dialog.getByLabel("Method").fill("PUT");
  await dialog.getByLabel("Target").fill("/edited");
  await dialog.getByLabel("To").selectOption("local");
  await dialog.getByLabel("Body", { exact: true }).fill("what was not said before");
  await dialog.getByRole("button", { name: "Send to the program here" }).click();
  await line(/200.*edited.*\/edited/).waitFor();
  await detail('"PUT"').waitFor();
  await detail("24").first().waitFor();
});

void t.test("a HAR file that was exported is imported again", async (t) => {
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export what is shown as HAR" }).click();
  const path = await (await download).path();
  const { log } = JSON.parse(readFileSync(path, "utf8")) as {
    log: { entries: { request: { url: string } }[] };
  }; // HAR 1.2.
  t.equal(log.entries.length, 5);
  await page.getByLabel("Import a HAR file").setInputFiles(path);
  await page.getByText(/5 requests imported/).waitFor();
  await line(/HAR.*\/stolen/)
    .first()
    .click();
  await page.getByRole("tab", { name: "Answer" }).click();
  await detail('"/stolen?x=1"').waitFor();
});

void t.test("the filter is changed on the page, and the next requests go by the new one", async (t) => {
  await page.getByRole("button", { name: /^steal port 80:/ }).click();
  const dialog = page.getByRole("dialog", { name: "Filter of port 80" });
  await dialog.getByRole("textbox").fill('path ^= "/passed"');
  await dialog.getByText("+1 would be stolen now").waitFor();
  await dialog.getByRole("button", { name: "Apply" }).click();
  await page.getByRole("button", { name: /^steal port 80: path \^= "\/passed"/ }).waitFor();
  t.equal(await stage.ask("/passed/now"), "alice");
  t.equal(await stage.ask("/stolen?x=2", ...asAlice), "original");
  await line("/passed/now")
    .getByRole("img", { name: /^stolen/ })
    .waitFor();
});

void t.test("a held request waits until it is released on the page", async (t) => {
  await page.getByRole("switch", { name: "Hold new requests" }).click();
  await page.getByRole("switch", { name: "Hold new requests", checked: true }).waitFor();
  const asked = stage.ask("/passed/held");
  await line("/passed/held").getByText("held", { exact: true }).waitFor();
  await page.getByText("1 held").waitFor();
  await line("/passed/held").click();
  await page.getByRole("button", { name: "Release" }).click();
  t.equal(await asked, "alice");
  await line("/passed/held").getByText("200").waitFor();
  await page.getByRole("switch", { name: "Hold new requests" }).click();
  await page.getByRole("switch", { name: "Hold new requests", checked: false }).waitFor();
});

void t.test("a page of another origin gets nothing, even with the token", async (t) => {
  const other = createServer((_, response) => {
    response.setHeader("content-type", "text/html");
    response.end("<title>elsewhere</title>");
  });
  await new Promise<void>((resolve) => void other.listen(0, "127.0.0.1", resolve));
  t.teardown(() => other.close());
  const foreign = await openPage(browser, `http://127.0.0.1:${(other.address() as AddressInfo).port}/`); // It is TCP.
  t.equal(await askFrom(foreign.page, url), "nothing");
  await foreign.page.context().close();
});

void t.test("the page went without a fault and asked nobody else", async (t) => {
  t.same(faults, []);
  t.same([...origins], [new URL(url).origin]);
});

void t.test("when the session ends the page says so, and what it has can be read", async () => {
  await steal[Symbol.asyncDispose]();
  await page.getByText(/The session has ended|comes back by itself/).waitFor();
  await until(async () => (await page.getByRole("row").count()) > 5, { what: "rows that stay" });
});

// A teardown of the file would wait for the browser, which it is to close.
void t.test("the browser ends", () => browser.close());

/** What a script of another page can read of the inspector's state. Written as text, since it is of the browser. */
async function askFrom(page: Page, inspector: string): Promise<string> {
  const { origin, searchParams } = new URL(inspector);
  const init = JSON.stringify({ headers: { authorization: `Bearer ${searchParams.get("token")}` } });
  const asked = [
    `fetch("${origin}/api/state", ${init}).then((answer) => answer.text())`,
    `fetch("${origin}/api/har?token=${searchParams.get("token")}").then((answer) => answer.text())`,
  ];
  const answers = await page.evaluate(`Promise.allSettled([${asked.join(",")}])`);
  const read = (answers as PromiseSettledResult<string>[]).filter(({ status }) => status === "fulfilled"); // Just made.
  return read.length === 0 ? "nothing" : JSON.stringify(read);
}
