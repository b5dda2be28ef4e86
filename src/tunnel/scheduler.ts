/** What waits for its turn. `nextInLine` belongs to the scheduler. */
export interface Scheduled {
  nextInLine: Scheduled | undefined;
  /** Whether it stands in line; kept by the scheduler. */
  isInLine: boolean;
}

/**
 * Whose turn it is: a line in which each one stands at most once.
 *
 * Round robin comes from the use: take the first, send one frame of it, and let it stand at the end if it has more. The
 * line is linked through its members, so that it allocates nothing and never grows.
 */
export class Scheduler<Member extends Scheduled> {
  #first: Scheduled | undefined;
  #last: Scheduled | undefined;

  get isEmpty(): boolean {
    return this.#first === undefined;
  }

  /** Lets a member stand at the end of the line; one that stands in it keeps its place. */
  add(member: Member): void {
    if (member.isInLine) return;
    member.isInLine = true;
    if (this.#last === undefined) this.#first = member;
    else this.#last.nextInLine = member;
    this.#last = member;
  }

  /** Takes the first of the line. */
  take(): Member | undefined {
    const member = this.#first;
    if (member === undefined) return undefined;
    this.#first = member.nextInLine;
    if (this.#first === undefined) this.#last = undefined;
    member.nextInLine = undefined;
    member.isInLine = false;
    return member as Member; // Only `add` puts members in.
  }
}
