import t from "tap";
import { leadsToPod, refuseWithoutFuse } from "../../../src/client/exec/leads-to-pod.ts";
import type { FileRule } from "../../../src/client/files/index.ts";

const rule = (mode: FileRule["mode"], origin: FileRule["origin"] = "flag"): FileRule => ({
  ...{ mode, origin, pattern: "/a", written: "a" },
});

void t.test("what is made or local takes no mount of the pod's files", async (t) => {
  t.notOk(leadsToPod({ rules: [rule("local"), rule("absent"), rule("read", "made")], otherwise: "local" }));
  t.ok(leadsToPod({ rules: [], otherwise: "read" }));
  t.ok(leadsToPod({ rules: [rule("read-write")], otherwise: "local" }));
});

void t.test("a machine that cannot show the pod's files says so, with the way out", async (t) => {
  const list = { rules: [], otherwise: "read" } as const;
  t.throws(() => refuseWithoutFuse(list, "/dev/nothing"), {
    code: "sandbox-unavailable",
    hint: /--fs local/,
  });
  t.doesNotThrow(() => refuseWithoutFuse({ ...list, otherwise: "local" }, "/dev/nothing"));
});
