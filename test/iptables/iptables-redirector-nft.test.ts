import t from "tap";
import { redirectorCompliance } from "./fixtures/redirector-compliance.ts";

await redirectorCompliance(t, {
  backend: "iptables",
  variant: "nft",
  afterKill: "after-lease",
  roundingMs: 1000,
});
