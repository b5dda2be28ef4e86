/**
 * The shop's first service. `GET /` greets as its file says, counts the visit in Redis, asks the stock service by name and
 * passes the caller's fields on; `POST /orders` announces an order to the message broker.
 *
 * Its environment: SHOP_REGION, STOCK_URL, REDIS_URL, MQTT_URL, PORT (80), SHOP_SETTINGS, and WHO, which the answers name.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { hostname } from "node:os";
import { Announcements } from "./announcements.ts";
import { answerJson } from "./answer.ts";
import { fieldsPassedOn } from "./passed-on.ts";
import { readSettings } from "./settings.ts";
import { Visits } from "./visits.ts";

const { SHOP_REGION: region = "nowhere", WHO: who = hostname(), PORT: port = "80" } = process.env;
const stockUrl = process.env["STOCK_URL"] ?? "http://stock";
const visits = await Visits.connect(process.env["REDIS_URL"] ?? "redis://redis:6379");
const announcements = await Announcements.connect(process.env["MQTT_URL"] ?? "mqtt://broker:1883");

const server = createServer((request, response) => {
  serve(request, response).catch((error: unknown) =>
    answerJson(response, 502, { service: "storefront", by: who, error: String(error) }),
  );
});
server.listen(Number(port), () => console.log(`listening ${port}`));

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const settings = readSettings();
  if (request.url === "/healthz") return answerJson(response, 200, { service: "storefront", by: who });
  if (request.method === "POST" && request.url === "/orders") {
    await announcements.announce(settings.topic, { region, by: who });
    return answerJson(response, 202, { service: "storefront", by: who, announced: settings.topic });
  }
  const headers = fieldsPassedOn(request.headers);
  const [count, stock] = await Promise.all([visits.count(), askStock(headers)]);
  answerJson(response, 200, {
    ...{
      service: "storefront",
      by: who,
      pid: process.pid,
      region,
      greeting: settings.greeting,
      visits: count,
    },
    stock,
  });
}

async function askStock(headers: Record<string, string>): Promise<unknown> {
  const response = await fetch(`${stockUrl}/items`, { headers });
  return await response.json();
}
