import t from "tap";
import { lengthFraming, NO_BODY } from "../../src/http/framing.ts";

void t.test("RFC 9112 §6.3: a length of 0 is no body", async (t) => {
  t.equal(lengthFraming(0), NO_BODY);
  t.same(lengthFraming(1), { kind: "length", bytes: 1 });
});
