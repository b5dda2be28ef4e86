import t from "tap";
import { wantedOf } from "../../../src/client/doctor/doctor-plan.ts";

const none = { steal: false, mirror: false, exec: false, port: [] };

void t.test("without a flag everything is looked at", async (t) => {
  t.same(wantedOf(none), { incoming: true, exec: true, ports: [] });
  t.same(wantedOf({ ...none, steal: true }), { incoming: true, exec: false, ports: [] });
  t.same(wantedOf({ ...none, mirror: true }), { incoming: true, exec: false, ports: [] });
  t.same(wantedOf({ ...none, exec: true }), { incoming: false, exec: true, ports: [] });
  t.same(wantedOf({ ...none, exec: true, port: ["80"] }), { incoming: true, exec: true, ports: [80] });
});

void t.test("ports are those of the target", async (t) => {
  t.same(wantedOf({ ...none, port: ["80:8080", "9090", "443:[::1]:8443"] }).ports, [80, 9090, 443]);
  for (const text of ["", "x", "0", "65536", "80,81"])
    t.throws(() => wantedOf({ ...none, port: [text] }), { code: "usage" }, text);
});
