import type { Service } from "../api/objects.ts";
import type { Finding } from "./finding.ts";

/** What a Service means as a target: whom it selects, and that its ports may have other numbers than the pods'. */
export function serviceFindings(service: Service, ports: readonly number[]): Finding[] {
  const { name } = service.metadata;
  const { selector = {}, type, ports: own = [] } = service.spec ?? {};
  if (type === "ExternalName")
    return [
      {
        id: "service-external",
        level: "blocker",
        what: `service ${name} is a name for another host (ExternalName): it has no pods`,
        fix: "name the workload that serves it",
      },
    ];
  if (Object.keys(selector).length === 0)
    return [
      {
        id: "service-selector",
        level: "blocker",
        what: `service ${name} selects no pods: somebody writes its endpoints by hand`,
        fix: "name the workload behind it",
      },
    ];
  return ports.flatMap((port): Finding[] => {
    const found = own.find((one) => one.port === port);
    if (found === undefined || found.targetPort === undefined || found.targetPort === port) return [];
    return [
      {
        id: "service-port",
        level: "ok",
        what: `port ${port} of service ${name} is port ${found.targetPort} of its pods: that one is taken`,
      },
    ];
  });
}
