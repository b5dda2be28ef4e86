import type { BodySide, RequestDetail } from "../page-contract.ts";

/** HAR 1.2 (http://www.softwareishard.com/blog/har-12-spec/), as far as it is written and read here. */
export interface Har {
  readonly log: {
    readonly version: "1.2";
    readonly creator: { readonly name: string; readonly version: string };
    readonly entries: readonly HarEntry[];
  };
}

export interface HarEntry {
  readonly startedDateTime: string;
  readonly time: number;
  readonly request: HarRequest;
  readonly response: HarResponse;
  readonly cache: Record<string, never>;
  readonly timings: {
    readonly blocked: number;
    readonly send: number;
    readonly wait: number;
    readonly receive: number;
  };
  readonly connection?: string;
  /** What only we know, for our own reading. */
  readonly _magpie: RequestDetail;
  /** Base64 of bodies that HAR has no place for. */
  readonly _magpieBodies?: Partial<Record<BodySide, string>>;
}

export interface HarPair {
  readonly name: string;
  readonly value: string;
}

export interface HarRequest {
  readonly method: string;
  readonly url: string;
  readonly httpVersion: string;
  readonly cookies: readonly HarPair[];
  readonly headers: readonly HarPair[];
  readonly queryString: readonly HarPair[];
  readonly postData?: {
    readonly mimeType: string;
    readonly text: string;
    readonly params: readonly HarPair[];
  };
  readonly headersSize: number;
  readonly bodySize: number;
}

export interface HarResponse {
  readonly status: number;
  readonly statusText: string;
  readonly httpVersion: string;
  readonly cookies: readonly HarPair[];
  readonly headers: readonly HarPair[];
  readonly content: {
    readonly size: number;
    readonly mimeType: string;
    readonly text?: string;
    readonly encoding?: "base64";
  };
  readonly redirectURL: string;
  readonly headersSize: number;
  readonly bodySize: number;
}

/** A row with its bodies, content codings undone as `/body` gives them; null where nothing is kept. */
export interface RecordedEntry {
  readonly detail: RequestDetail;
  readonly bodies: Readonly<Record<BodySide, Buffer | null>>;
}
