/** From an API description to files. */

import type { ApiDescription, Problem } from "./api-description.js";
import { convert } from "./convert.js";
import { type FileOptions, type GeneratedFile, printFiles } from "./files.js";

/** The files, and what of the input could not be used. */
export interface Generated {
  readonly files: readonly GeneratedFile[];
  readonly problems: readonly Problem[];
}

/** Generates types and descriptors; a problem leaves its own part `unknown` or out, and nothing else. */
export function generate(description: ApiDescription, options: FileOptions = {}): Generated {
  const conversion = convert(description);
  return Object.freeze({ files: printFiles(conversion, options), problems: conversion.problems });
}
