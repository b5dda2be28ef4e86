import t from "tap";
import { cutToWidth, widthOf, wrapToWidth } from "../../../src/client/text/fit-width.ts";

void t.test("what is cut is never wider than asked, and says that it is cut", (t) => {
  t.equal(cutToWidth("short", 10), "short");
  t.equal(cutToWidth("a longer text", 8), "a longe…");
  t.equal(cutToWidth("容器容器", 5), "容器…");
  t.equal(cutToWidth("x", 0), "");
  for (let columns = 1; columns < 20; columns++)
    t.ok(widthOf(cutToWidth("容 a 器 b 📦 c éx long", columns)) <= columns);
  t.end();
});

void t.test("lines break between words, keep their indent, and long words stay whole", (t) => {
  t.same(wrapToWidth("one two three", 7), ["one two", "three"]);
  t.same(wrapToWidth("  one two three", 7), ["  one", "  two", "  three"]);
  t.same(wrapToWidth("see https://magpie.example/a/long/one now", 10), [
    "see",
    "https://magpie.example/a/long/one",
    "now",
  ]);
  t.same(wrapToWidth("a\n\nb", 5), ["a", "", "b"]);
  t.same(wrapToWidth("a b", Infinity), ["a b"]);
  t.end();
});
