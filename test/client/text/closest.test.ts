import t from "tap";
import { closest } from "../../../src/client/text/closest.ts";

void t.test("one or two slips are forgiven, also swapped letters and another case", (t) => {
  t.equal(closest("netsn", ["netns", "pid"]), "netns");
  t.equal(closest("NETNS", ["netns", "pid"]), "netns");
  t.equal(closest("stael", ["steal", "mirror"]), "steal");
  t.equal(closest("shop1", ["shop", "shop-2"]), "shop");
  t.end();
});

void t.test("another word is no slip", (t) => {
  t.equal(closest("pod", ["netns", "pid"]), "pid");
  t.equal(closest("xyz", ["netns", "pid"]), undefined);
  t.equal(closest("ab", ["cd"]), undefined);
  t.equal(closest("", ["a"]), undefined);
  t.end();
});
