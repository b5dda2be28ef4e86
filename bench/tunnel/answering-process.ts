import { serveCalls } from "../../test/fixtures/calls.ts";
import type { Endpoint, WayName } from "./way.ts";
import { ways } from "./ways.ts";

const operations = {
  serve: async ({ way, host }: { way: WayName; host: string }): Promise<Endpoint> => ways[way].serve(host),
  cpuUs: async (): Promise<number> => {
    const { user, system } = process.cpuUsage();
    return user + system;
  },
};
export type AnsweringOperations = typeof operations;

serveCalls(operations);
