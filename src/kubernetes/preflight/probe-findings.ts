import { probeTitle, type SpecProbe } from "../probes/spec-probe.ts";
import type { Finding } from "./finding.ts";

/** What becomes of each probe and hook of the pod while its ports are stolen. */
export function probeFindings(probes: readonly SpecProbe[], ports: readonly number[]): Finding[] {
  const concerned = probes.filter(
    ({ port }) => port === undefined || ports.length === 0 || ports.includes(port),
  );
  return concerned.map((probe): Finding => {
    const { does, known, caveat, port } = probe;
    const title = `${probeTitle(probe)} ${does}`;
    if (caveat !== undefined)
      return {
        id: "probe",
        level: known === undefined && port !== undefined && ports.includes(port) ? "warning" : "note",
        what: `${title}: ${caveat}`,
        ...(known === undefined && port !== undefined && ports.includes(port)
          ? { fix: "steal with a filter that the probe does not match" }
          : {}),
      };
    if (known === undefined)
      return { id: "probe", level: "ok", what: `${title}: it never passes the network` };
    return {
      id: "probe",
      level: "ok",
      what: `${title}: the app always answers it, unless --steal-probes says otherwise`,
    };
  });
}
