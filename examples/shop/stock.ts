/** The shop's second service: `GET /items` tells what there is, and which fields of the caller came along. */
import { createServer } from "node:http";
import { hostname } from "node:os";
import { answerJson } from "./answer.ts";
import { fieldsPassedOn } from "./passed-on.ts";

const { WHO: who = hostname(), PORT: port = "80" } = process.env;
const items = ["mirror", "button", "spoon"];

createServer((request, response) => {
  const came = fieldsPassedOn(request.headers);
  answerJson(response, 200, { service: "stock", by: who, items, came });
}).listen(Number(port), () => console.log(`listening ${port}`));
