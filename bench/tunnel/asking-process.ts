import { serveCalls } from "../../test/fixtures/calls.ts";
import { type Load, type Outcome, type ScenarioName, scenarios } from "./scenario.ts";
import type { Asker, Endpoint, WayName } from "./way.ts";
import { ways } from "./ways.ts";

let asker: Asker | undefined;

const operations = {
  open: async ({ way, endpoint }: { way: WayName; endpoint: Endpoint }): Promise<void> => {
    asker = await ways[way].open(endpoint);
  },
  /** What a scenario gave, with the processor time it took in here. */
  run: async ({ scenario, load }: { scenario: ScenarioName; load: Load }) => {
    if (asker === undefined) throw new Error("nothing is open");
    const before = process.cpuUsage();
    const outcome: Outcome = await scenarios[scenario](asker, load);
    const { user, system } = process.cpuUsage(before);
    return { ...outcome, cpuUs: user + system };
  },
};
export type AskingOperations = typeof operations;

serveCalls(operations);
