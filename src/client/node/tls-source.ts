/** What a TLS connection is made with, as it is at this moment: files and plugins change it under a running client. */

/** Frozen; equal fields mean that open connections may go on being used. */
export interface TlsMaterial {
  /** PEM of the trusted authorities. Default: those of Node. */
  readonly ca?: string | undefined;
  /** PEM of the client's certificate chain. */
  readonly cert?: string | undefined;
  /** PEM of its private key. */
  readonly key?: string | undefined;
  /** The name that the server's certificate must have, if it is not the host of its URL. */
  readonly servername?: string | undefined;
  /** Trust any certificate. */
  readonly insecure?: boolean | undefined;
}

/** Asked before every request; `fresh` means that the last answer did not do. */
export type TlsSource = (options: {
  readonly signal?: AbortSignal | undefined;
  readonly fresh?: boolean;
}) => Promise<TlsMaterial>;

/** Whether a connection made with `a` is as good as one made with `b`. */
export function sameMaterial(a: TlsMaterial, b: TlsMaterial): boolean {
  return (
    a.ca === b.ca && a.cert === b.cert && a.key === b.key && a.servername === b.servername && a.insecure === b.insecure
  );
}
