import type { RequestHead } from "../http/index.ts";
import { grpcCall } from "./grpc-call.ts";
import type { HeadTest } from "./head-test.ts";
import type { TextTest } from "./text-test.ts";

/** What is asked about a gRPC call; what is left out holds. */
export interface GrpcTestParts {
  readonly service?: TextTest;
  readonly method?: TextTest;
  /** About the fields of the request. */
  readonly metadata?: HeadTest;
}

/** Holds for a gRPC call that passes every part. */
export class GrpcTest implements HeadTest {
  readonly #parts: GrpcTestParts;

  constructor(parts: GrpcTestParts) {
    this.#parts = parts;
  }

  matches(head: RequestHead): boolean {
    const call = grpcCall(head);
    if (typeof call === "string") return false;
    const { service, method, metadata } = this.#parts;
    if (service !== undefined && !service.test(call.path, 1, call.slash)) return false;
    if (method !== undefined && !method.test(call.path, call.slash + 1, call.end)) return false;
    return metadata === undefined || metadata.matches(head);
  }
}
