/** Text that can be sent: UTF-8 has no form for half a character. */

import { invalidArgument } from "./errors.js";

/** @throws KindredError `INVALID_ARGUMENT` for a surrogate without its other half; `what` says whose text it is. */
export function checkWellFormed(text: string, what: string): void {
  if (loneSurrogate.test(text)) {
    throw invalidArgument(
      `${what} has half a character (a lone surrogate), which cannot be sent: ${JSON.stringify(text)}`,
    );
  }
}

const loneSurrogate = /\p{Surrogate}/u;
