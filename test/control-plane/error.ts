/** The one error of the control plane's harness. */

/** A control plane could not be built, started or kept running. The message ends with the output that says why. */
export class ControlPlaneError extends Error {
  override readonly name = "ControlPlaneError";
}

/** Whether a failure is the system's, with this code: `hasCode(error, "ENOENT")`. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
