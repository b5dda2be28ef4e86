import protobuf from "protobufjs";
import "protobufjs/ext/descriptor.js";
import protojson from "protobufjs/ext/protojson.js";

// The one door to protobufjs: Node reads no .proto files and no messages of Protocol Buffers. Loaded when an inspector is asked.
protojson.install();

export { protobuf };
