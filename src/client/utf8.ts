/** From the bytes of a response to text and to objects. */

import { parseObjects } from "../core/index.js";

/** UTF-8 as text. */
export function decodeText(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** The JSON value in UTF-8, as {@link parseObjects} has it. @throws SyntaxError as `JSON.parse` does. */
export function decodeObjects(bytes: Uint8Array): unknown {
  return parseObjects(bytes, decodeText);
}

const decoder = new TextDecoder();
