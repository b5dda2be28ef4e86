export { type DescribedFile, Descriptors } from "./descriptors.ts";
export { eventStreamMessages } from "./event-stream-messages.ts";
export { type GrpcCall, grpcMessages } from "./grpc-messages.ts";
export {
  describedFile,
  type ReflectionAnswer,
  reflectionAnswer,
  reflectionMethods,
  type ReflectionQuestion,
  reflectionQuestion,
} from "./reflection.ts";
export { webSocketMessages } from "./websocket-messages.ts";
