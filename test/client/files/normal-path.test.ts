import { posix } from "node:path";
import t from "tap";
import { normalPath } from "../../../src/client/files/normal-path.ts";
import { Random } from "../compare/random-json.ts";

void t.test("agrees with Node's own, which keeps a slash at the end", async (t) => {
  const random = new Random(41);
  for (let round = 0; round < 5_000; round++) {
    const names = Array.from({ length: random.number(7) }, () =>
      random.pick(["a", "..", ".", "", ".b", "..c"]),
    );
    const path = `/${names.join("/")}`;
    const expected = posix.resolve(path);
    if (normalPath(path) !== expected) t.equal(normalPath(path), expected, path);
  }
  t.equal(normalPath("/"), "/");
  t.equal(normalPath("/../.."), "/", "above the root is the root");
});
