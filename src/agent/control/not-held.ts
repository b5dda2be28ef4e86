/** A session does not hold what somebody wants to change. */
export class NotHeld extends Error {
  override readonly name = "NotHeld";
  readonly code = "not-held";
}
