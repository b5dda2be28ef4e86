import t from "tap";
import { redirectorCompliance } from "./fixtures/redirector-compliance.ts";

await redirectorCompliance(t, {
  backend: "tproxy",
  afterKill: "at-once",
  roundingMs: 0,
});
