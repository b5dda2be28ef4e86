import { z } from "zod";

/** A whole number that counts or numbers something. */
export const count = z.int().min(0);

export const port = z.int().min(0).max(65_535);

/** Milliseconds since the epoch, by the clock of whoever made the record. */
export const time = z.number().describe("milliseconds since the epoch");

/** Milliseconds. */
export const duration = z.number().min(0).describe("milliseconds");

export const mode = z.enum(["steal", "mirror"]);

/** Of which member of the target it is, where that has several. */
export const member = z.string().describe("the pod's name, where the target has several");

export const sessionId = z.string().describe("a session, as `magpie sessions` names it");

export const requestId = z.string().describe("for `magpie why`");

/** Where something can be reached. */
export const address = z.strictObject({ address: z.string(), port });
