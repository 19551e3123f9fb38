/** The version that kindred tells the API server it is. */

/** Equals the version of package.json. */
export const version = "0.1.0";
