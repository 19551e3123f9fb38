/** Which form of an answer a client accepts. */

import { notAcceptable, notAcceptableAs } from "./messages.js";
import { type ApiRequest, headerOf } from "./request.js";

/** A form in which an object can be sent. */
export interface Form {
  readonly media: "application/json" | "application/yaml";
  readonly as: "object" | "Table" | "PartialObjectMetadata" | "PartialObjectMetadataList";
  /** The version of meta.k8s.io, for all forms but the object itself. */
  readonly version: string;
}

/** One clause of an Accept header. */
export interface Clause {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** Reads an Accept header, the clauses of higher quality first. */
export function parseAccept(header: string): readonly Clause[] {
  return header
    .split(",")
    .map((text) => {
      const [type = "", ...rest] = text.split(";").map((part) => part.trim());
      const parameters = new Map(
        rest.map((part) => {
          const [key = "", value = ""] = part.split("=");
          return [key.trim(), value.trim().replaceAll('"', "")] as const;
        }),
      );
      return { type: type.toLowerCase(), parameters, quality: Number(parameters.get("q") ?? 1) };
    })
    .filter(({ type, quality }) => type !== "" && quality !== 0)
    .toSorted((a, b) => b.quality - a.quality);
}

const mediaTypes = ["application/json", "application/yaml", "application/vnd.kubernetes.protobuf"];

/** The media type of a clause that this server can write. */
function mediaOf({ type }: Clause): Form["media"] | undefined {
  if (type === "application/yaml") return "application/yaml";
  return type === "application/json" || type === "*/*" || type === "application/*" ? "application/json" : undefined;
}

/** The form to answer an object or list in. @throws Failure 406 if no clause can be met. */
export function negotiate(request: ApiRequest, custom: boolean): Form {
  const header = headerOf(request, "accept");
  if (header === "") return { media: "application/json", as: "object", version: "" };
  for (const clause of parseAccept(header)) {
    const form = formOf(clause);
    if (form !== undefined) return form;
  }
  if (custom || header.includes("as=")) throw notAcceptable(mediaTypes);
  const available = [
    ...mediaTypes,
    "application/json;stream=watch",
    "application/vnd.kubernetes.protobuf;stream=watch",
  ];
  throw notAcceptableAs(`406: Not Acceptable\n\nAvailable representations: ${available.join(", ")}`);
}

function formOf(clause: Clause): Form | undefined {
  const media = mediaOf(clause);
  const as = clause.parameters.get("as");
  if (media === undefined) return undefined;
  if (as === undefined || as === "") return { media, as: "object", version: "" };
  const version = clause.parameters.get("v") ?? "";
  if (clause.parameters.get("g") !== "meta.k8s.io" || (version !== "v1" && version !== "v1beta1")) return undefined;
  return as === "Table" || as === "PartialObjectMetadata" || as === "PartialObjectMetadataList"
    ? { media, as, version }
    : undefined;
}
