/** The API server for processes of their own: over HTTP and TLS, with its data on disk. */
export type { JournalOptions } from "./journal.js";
export { type Answered, type Handle, listen, type Listener, type ListenOptions } from "./listener.js";
export { type ServedCluster, serveCluster, type ServeOptions } from "./serve-cluster.js";
