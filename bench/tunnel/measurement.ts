import { type Spread, spread } from "../measure/spread.ts";
import type { Outcome, ScenarioName } from "./scenario.ts";
import type { WayName } from "./way.ts";

/** Over which road the ends talk: the machine's own loopback, or the emulated link. */
export type RoadName = "loopback" | "link";

/** One scenario of one way in one round. */
export interface Slice {
  readonly road: RoadName;
  readonly scenario: ScenarioName;
  readonly way: WayName;
  readonly round: number;
  readonly outcome: Outcome & { readonly cpuUs: number };
}

/** A figure of a slice. */
export type Figure = (slice: Slice) => number;

export const perSecond: Figure = ({ outcome }) => outcome.exchanges / (outcome.elapsedMs / 1_000);
export const cpuUsEach: Figure = ({ outcome }) => outcome.cpuUs / outcome.exchanges;
export const megabytesPerSecond: Figure = ({ outcome }) => outcome.bytes / 1_000 / outcome.elapsedMs;
export const cpuMsPerMegabyte: Figure = ({ outcome }) => outcome.cpuUs / 1_000 / (outcome.bytes / 1e6);
export const p50Us: Figure = ({ outcome }) => outcome.p50Us;
export const p99Us: Figure = ({ outcome }) => outcome.p99Us;

/** Which slices: of one road and one scenario. */
export interface Cell {
  readonly road: RoadName;
  readonly scenario: ScenarioName;
}

/** All slices of a run. */
export class Measurement {
  readonly slices: Slice[] = [];

  /** A way's figure over all rounds; undefined when it did not run. */
  spread(cell: Cell, way: WayName, figure: Figure): Spread | undefined {
    const values = this.#of(cell, way).map(figure);
    return values.length > 0 ? spread(values) : undefined;
  }

  /** How often one way's figure is another's, round by round: a neighbour's noise hits both. */
  ratio(cell: Cell, pair: { of: WayName; to: WayName }, figure: Figure): Spread | undefined {
    const ratios: number[] = [];
    for (const slice of this.#of(cell, pair.of)) {
      const other = this.#of(cell, pair.to).find(({ round }) => round === slice.round);
      if (other !== undefined) ratios.push(figure(slice) / figure(other));
    }
    return ratios.length > 0 ? spread(ratios) : undefined;
  }

  #of({ road, scenario }: Cell, way: WayName): Slice[] {
    return this.slices.filter(
      (slice) => slice.road === road && slice.scenario === scenario && slice.way === way,
    );
  }
}
