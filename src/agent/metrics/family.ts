import type { Histogram } from "./histogram.ts";

/** What tells the samples of a family apart; names are `[a-zA-Z_][a-zA-Z0-9_]*`. */
export type Labels = Readonly<Record<string, string>>;

/** Numbers of one kind under one name, as they are when they are asked for. */
export type Family =
  | (FamilyHead & {
      readonly type: "counter" | "gauge";
      readonly samples: readonly { readonly labels?: Labels; readonly value: number }[];
    })
  | (FamilyHead & {
      readonly type: "histogram";
      /** What one unit of the histogram is in the unit of the family's name. */
      readonly scale: number;
      readonly samples: readonly { readonly labels?: Labels; readonly histogram: Histogram }[];
    });

interface FamilyHead {
  readonly name: string;
  readonly help: string;
}

/** The same numbers for programs: buckets as `[upper bound, how many at or below it]`, the last bound null. */
export function jsonOf(families: readonly Family[]): object[] {
  return families.map((family) => {
    const { name, help, type } = family;
    if (family.type !== "histogram")
      return {
        name,
        help,
        type,
        samples: family.samples.map(({ labels = {}, value }) => ({ labels, value })),
      };
    const samples = family.samples.map(({ labels = {}, histogram }) => {
      let count = 0;
      const buckets = Array.from(histogram.counts, (inBucket, index) => {
        count += inBucket;
        const bound = histogram.bounds[index];
        return [bound === undefined ? null : bound * family.scale, count];
      });
      return { labels, buckets, sum: histogram.sum * family.scale, count };
    });
    return { name, help, type, samples };
  });
}
