import type { ListedTarget } from "../../kubernetes/index.ts";
import { type Paint, printable } from "../text/paint.ts";
import { tableLines } from "../text/table.ts";
import type { LocalListing } from "./local-targets.ts";

const titles = ["TARGET", "NAMESPACE", "READY", "STATE", "CONTAINERS", "PORTS", "MAGPIE"];
const localTitles = ["TARGET", "STATE", "IMAGE", "BY", "MAGPIE"];

/** How targets of a cluster are shown. */
export interface ShownTarget extends ListedTarget {
  /** Sessions of this user on it. */
  readonly own: number;
}

/** Targets of a cluster as a table; those of which no pod is ready are dim. */
export function clusterLines(
  targets: readonly ShownTarget[],
  about: { readonly allNamespaces: boolean; readonly paint: Paint },
): string[] {
  if (targets.length === 0) return [];
  const rows = targets.map((target) =>
    [
      target.target,
      about.allNamespaces ? target.namespace : "",
      `${target.ready}/${target.wanted}`,
      target.state,
      containersText(target),
      target.ports.join(", "),
      magpieText(target),
    ].map(printable),
  );
  const [head = "", ...lines] = tableLines(titles, rows);
  const dimmed = lines.map((line, index) =>
    (targets[index]?.ready ?? 0) > 0 ? line : about.paint("dim", line),
  );
  return [about.paint("bold", head), ...dimmed];
}

/** Targets of this machine as a table; those that do not run are dim. */
export function localLines(
  targets: readonly (LocalListing & { readonly own: number })[],
  paint: Paint,
): string[] {
  if (targets.length === 0) return [];
  const rows = targets.map(({ target, image, tool, isRunning, hasAgent, own }) => {
    const magpie = [...(hasAgent ? ["agent running"] : []), ...ownText(own)].join(", ");
    return [target, isRunning ? "" : "stopped", image, tool, magpie].map(printable);
  });
  const [head = "", ...lines] = tableLines(localTitles, rows);
  return [
    paint("bold", head),
    ...lines.map((line, index) => (targets[index]?.isRunning === true ? line : paint("dim", line))),
  ];
}

/** The apps; sidecars are counted. */
function containersText({ containers }: ListedTarget): string {
  const apps = containers.filter(({ sidecar }) => sidecar === undefined);
  const shown = (apps.length === 0 ? containers : apps).map(({ name }) => name).join(", ");
  const others = apps.length === 0 ? 0 : containers.length - apps.length;
  return others === 0 ? shown : `${shown} +${others}`;
}

function magpieText({ agents, pods, own }: ShownTarget): string {
  const where = pods.length > 1 ? ` in ${agents} of ${pods.length} pods` : "";
  return [...(agents === 0 ? [] : [`agent running${where}`]), ...ownText(own)].join(", ");
}

function ownText(own: number): string[] {
  return own === 0 ? [] : [own === 1 ? "a session of yours" : `${own} sessions of yours`];
}
