/** What is found by its id. `nextInBucket` belongs to the index. */
export interface Indexed {
  readonly id: number;
  nextInBucket: Indexed | undefined;
}

const FIRST_BUCKETS = 64;

/**
 * Members by id: a hash table whose buckets are linked through the members.
 *
 * Not a `Map`: V8 gives one that members come to and leave a new table again and again, and links the old table, with
 * all that was in it, to the new one. As soon as one such table is old enough for the collector's second generation, all
 * that follows is kept and copied until the next full collection: a third of the time of small streams (2026-11-23,
 * `npm run bench:tunnel`, perf record: Scavenger).
 */
export class StreamIndex<Member extends Indexed> {
  #buckets: (Indexed | undefined)[] = emptyBuckets(FIRST_BUCKETS);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(id: number): Member | undefined {
    let member = this.#buckets[this.#bucketOf(id)];
    while (member !== undefined && member.id !== id) member = member.nextInBucket;
    return member as Member | undefined; // Only `add` puts members in.
  }

  /** Adds a member whose id is not there yet. */
  add(member: Member): void {
    if (this.#size >= this.#buckets.length) this.#grow();
    this.#link(member);
    this.#size += 1;
  }

  /** False when it was not there. */
  delete(member: Member): boolean {
    const bucket = this.#bucketOf(member.id);
    let before: Indexed | undefined;
    let at = this.#buckets[bucket];
    while (at !== undefined && at !== member) {
      before = at;
      at = at.nextInBucket;
    }
    if (at === undefined) return false;
    if (before === undefined) this.#buckets[bucket] = member.nextInBucket;
    else before.nextInBucket = member.nextInBucket;
    member.nextInBucket = undefined;
    this.#size -= 1;
    return true;
  }

  /** All members as of now. */
  values(): Member[] {
    const members: Member[] = [];
    for (const first of this.#buckets) {
      for (let at = first; at !== undefined; at = at.nextInBucket) members.push(at as Member); // As in `get`.
    }
    return members;
  }

  /** Ids of one end are even or odd and count upwards: without their last bit they fall into one bucket after the other. */
  #bucketOf(id: number): number {
    return (id >>> 1) & (this.#buckets.length - 1);
  }

  #link(member: Indexed): void {
    const bucket = this.#bucketOf(member.id);
    member.nextInBucket = this.#buckets[bucket];
    this.#buckets[bucket] = member;
  }

  #grow(): void {
    const members = this.values();
    this.#buckets = emptyBuckets(this.#buckets.length * 2);
    for (const member of members) this.#link(member);
  }
}

function emptyBuckets(count: number): (Indexed | undefined)[] {
  return Array.from({ length: count }, () => undefined);
}
