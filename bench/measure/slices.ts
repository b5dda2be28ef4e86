import { type Spread, spread } from "./spread.ts";

/** What tells one slice of a run from the others. */
export interface SliceKey<Scenario, Name extends string> {
  readonly scenario: Scenario;
  readonly contender: Name;
  readonly round: number;
}

/** All slices of a run. */
export class Slices<Scenario, Name extends string, Slice extends SliceKey<Scenario, Name>> {
  readonly all: Slice[] = [];

  of(scenario: Scenario, contender: Name): Slice[] {
    return this.all.filter((slice) => slice.scenario === scenario && slice.contender === contender);
  }

  /** A contender's figure over all rounds; `figure` gives undefined where a slice has none. */
  spread(
    scenario: Scenario,
    contender: Name,
    figure: (slice: Slice) => number | undefined,
  ): Spread | undefined {
    const known = this.of(scenario, contender)
      .map(figure)
      .filter((value) => value !== undefined);
    return known.length > 0 ? spread(known) : undefined;
  }

  /** How one contender's figure stands to another's, round by round: neighbours' noise hits both. */
  compared(
    scenario: Scenario,
    pair: { of: Name; to: Name },
    figure: (slice: Slice) => number | undefined,
    compare: (of: number, to: number) => number = (of, to) => of / to,
  ): Spread | undefined {
    const values: number[] = [];
    for (const slice of this.of(scenario, pair.of)) {
      const other = this.of(scenario, pair.to).find(({ round }) => round === slice.round);
      const [mine, theirs] = [figure(slice), other && figure(other)];
      if (mine !== undefined && theirs !== undefined) values.push(compare(mine, theirs));
    }
    return values.length > 0 ? spread(values) : undefined;
  }
}
