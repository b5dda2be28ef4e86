import t from "tap";
import type { Service } from "../../../src/kubernetes/index.ts";
import { serviceFindings } from "../../../src/kubernetes/preflight/service-findings.ts";
import { levelLines } from "./level-lines.ts";

const examine = (spec: NonNullable<Service["spec"]>, ports: number[] = []) =>
  levelLines(serviceFindings({ metadata: { name: "web" }, spec }, ports));
const selector = { app: "web" };

void t.test("a service without pods of its own is none to steal from", async (t) => {
  t.match(examine({ type: "ExternalName", externalName: "x" }), /^blocker service-external/);
  t.match(examine({}), /^blocker service-selector/);
});

void t.test("a service's port that leads to another of its pods is told", async (t) => {
  const ports = [{ port: 80, targetPort: 8080 }];
  t.match(
    examine({ selector, ports }, [80]),
    /^ok service-port: port 80 of service web is port 8080 of its pods/,
  );
  t.equal(examine({ selector, ports }, [8080]), "");
  t.equal(examine({ selector, ports: [{ port: 80 }] }, [80]), "");
  t.match(examine({ selector, ports: [{ port: 80, targetPort: "http" }] }, [80]), /is port http of its pods/);
});
