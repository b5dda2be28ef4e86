import t from "tap";
import { wrapStyled } from "../../../src/client/watch/wrap-styled.ts";

void t.test(
  "a line with colours is wrapped where the screen ends, and each piece has its colours",
  async (t) => {
    t.same(wrapStyled("ab\x1b[31mcdef\x1b[39mgh", 3), [
      "ab\x1b[31mc",
      "\x1b[31mdef\x1b[39m",
      "\x1b[31m\x1b[39mgh",
    ]);
    t.same(wrapStyled("日本語", 5), ["日本", "語"]);
    t.same(wrapStyled("", 5), [""]);
  },
);
