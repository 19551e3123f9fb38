/** The formats of bodies besides JSON, each loaded by the first request that speaks it. */

import { type Formats, mediaType, protobufType } from "./body/read-body.js";
import type { ApiRequest } from "./request.js";
import { formatsFor as yamlFor } from "./yaml.js";

/** The formats that a request speaks. */
export async function formatsFor(request: ApiRequest): Promise<Formats> {
  const yaml = await yamlFor(request);
  if (mediaType(request) !== protobufType) return yaml;
  const { parseProtobuf } = await import("./body/protobuf.js");
  return { ...yaml, parseProtobuf };
}
