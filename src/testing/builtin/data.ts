/** ConfigMaps and Secrets. */

import { parseJsonStrictly } from "../body/parse-json.js";
import type { FieldError } from "../failure.js";
import { at, type JsonObject, isEqual, objectOf, textOf } from "../json.js";
import type { Hooks } from "../resource.js";
import { changed, forbiddenField, missing, required, wrong } from "./field-errors.js";
import { defaultsTo } from "./pod-defaults.js";

/** The most bytes of all values. */
const maxBytes = 1024 * 1024;

export const configMap: Hooks = {
  validate: (object, previous) => {
    const text = objectOf(object["data"]);
    const binary = objectOf(object["binaryData"]);
    const bytes =
      Object.values(text).reduce<number>((sum, value) => sum + byteLength(textOf(value)), 0) +
      Object.values(binary).reduce<number>((sum, value) => sum + decodedLength(textOf(value)), 0);
    return [
      ...Object.keys(text).flatMap((key) => [
        ...keyErrors("data", key),
        ...(Object.hasOwn(binary, key) ? [wrong(`data[${key}]`, key, "duplicate of key present in binaryData")] : []),
      ]),
      ...Object.keys(binary).flatMap((key) => keyErrors("binaryData", key)),
      ...(bytes > maxBytes ? [tooMuch("")] : []),
      ...frozenDataErrors(object, previous, ["data", "binaryData"]),
    ];
  },
};

/** Keys that Secrets of a type must have. */
const wanted: Readonly<Record<string, readonly string[]>> = {
  "kubernetes.io/tls": ["tls.crt", "tls.key"],
  "kubernetes.io/ssh-auth": ["ssh-privatekey"],
  "kubernetes.io/dockerconfigjson": [".dockerconfigjson"],
  "kubernetes.io/dockercfg": [".dockercfg"],
};

export const secret: Hooks = {
  defaults: (object) => {
    const { stringData, ...rest } = object;
    const added = Object.entries(objectOf(stringData)).map(([key, value]) => [key, toBase64(textOf(value))]);
    const merged =
      added.length === 0 ? rest : { ...rest, data: { ...objectOf(rest["data"]), ...Object.fromEntries(added) } };
    return defaultsTo(merged, { type: "Opaque" });
  },
  validate: (object, previous) => {
    const data = objectOf(object["data"]);
    const bytes = Object.values(data).reduce<number>((sum, value) => sum + decodedLength(textOf(value)), 0);
    return [
      ...Object.keys(data).flatMap((key) => keyErrors("data", key)),
      ...(bytes > maxBytes ? [tooMuch("data")] : []),
      ...(wanted[textOf(object["type"])] ?? []).flatMap((key) =>
        Object.hasOwn(data, key) ? [] : [required(`data[${key}]`)],
      ),
      ...typeErrors(object, data),
      ...(previous === undefined ? [] : changed("type", object["type"], previous["type"])),
      ...frozenDataErrors(object, previous, ["data"]),
    ];
  },
};

/** What Secrets of some types must hold besides keys. */
function typeErrors(object: JsonObject, data: JsonObject): readonly FieldError[] {
  switch (object["type"]) {
    case "kubernetes.io/dockerconfigjson":
      return jsonErrors(".dockerconfigjson", data);
    case "kubernetes.io/dockercfg":
      return jsonErrors(".dockercfg", data);
    case "kubernetes.io/basic-auth":
      return Object.hasOwn(data, "username") || Object.hasOwn(data, "password")
        ? []
        : [required("data[username]"), required("data[password]")];
    case "kubernetes.io/service-account-token": {
      const name = "kubernetes.io/service-account.name";
      return missing(`metadata.annotations[${name}]`, at(object, "metadata", "annotations", name));
    }
    default:
      return [];
  }
}

function jsonErrors(key: string, data: JsonObject): readonly FieldError[] {
  if (!Object.hasOwn(data, key)) return [];
  try {
    parseJsonStrictly(atob(textOf(data[key])));
    return [];
  } catch (error) {
    const why = error instanceof Error ? error.message : "";
    return [wrong(`data[${key}]`, "<secret contents redacted>", why)];
  }
}

const tooMuch = (field: string): FieldError => ({
  type: "FieldValueTooLong",
  field: field === "" ? "[]" : field,
  detail: `may not be more than ${maxBytes} bytes`,
});

const keyPattern = /^[-._a-zA-Z0-9]+$/;

function keyErrors(field: string, key: string): readonly FieldError[] {
  const place = `${field}[${key}]`;
  if (key.length > 253) return [wrong(place, key, "must be no more than 253 characters")];
  if (!keyPattern.test(key)) {
    return [
      wrong(
        place,
        key,
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
      ),
    ];
  }
  if (key === ".") return [wrong(place, key, "must not be '.'")];
  if (key === "..") return [wrong(place, key, "must not be '..'")];
  return key.startsWith("..") ? [wrong(place, key, "must not start with '..'")] : [];
}

function toBase64(text: string): string {
  let binary = "";
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte);
  return btoa(binary);
}

const byteLength = (text: string): number => new TextEncoder().encode(text).length;
const decodedLength = (base64: string): number => Math.floor((base64.replace(/=+$/, "").length * 3) / 4);

function frozenDataErrors(
  object: JsonObject,
  previous: JsonObject | undefined,
  fields: readonly string[],
): readonly FieldError[] {
  if (previous?.["immutable"] !== true) return [];
  const detail = "field is immutable when `immutable` is set";
  return [
    ...(object["immutable"] === true ? [] : [forbiddenField("immutable", detail)]),
    ...fields.filter((field) => !isEqual(object[field], previous[field])).map((field) => forbiddenField(field, detail)),
  ];
}
