import t from "tap";
import { redirectorCompliance } from "./fixtures/redirector-compliance.ts";

await redirectorCompliance(t, {
  backend: "tproxy",
  liveConnection: "left-alone",
  afterKill: "at-once",
  releasedWithinMs: 4000,
});
