/** The package `tar`, as much of it as copying needs: it is the user's to install, since most clients copy nothing. */

import { KindredError } from "../../core/index.js";

/** Our own words for its types: those of the package take a newer Node for granted than kindred does. */
export interface TarLibrary {
  /** The archive of the named files, as a stream. */
  c(
    options: {
      readonly cwd: string;
      /** Leave out whose the files are here. */
      readonly portable: true;
      /** A file that cannot be read is an error. */
      readonly strict: true;
      readonly onWriteEntry: (entry: { path: string }) => void;
    },
    files: readonly string[],
  ): Packer;
  /** Takes an archive, and makes its files. */
  x(options: {
    readonly cwd: string;
    readonly strict: true;
    /** Whether files are to belong to whom the archive says. */
    readonly preserveOwner: false;
    /** False leaves an entry out; a path that is changed is where it goes. */
    readonly filter: (path: string, entry: { path: string; readonly type: string }) => boolean;
  }): Unpacker;
}

/** An archive's producer. It fails its reader, and tells whoever listens; without a listener a late failure ends the process. */
export interface Packer extends AsyncIterable<Uint8Array> {
  on(event: "error", listener: (error: Error) => void): this;
}

/** An archive's consumer. */
export interface Unpacker {
  /** False if it wants to be given no more before `drain`. It takes any Uint8Array by its types, but reads a Buffer alone. */
  write(chunk: Buffer): boolean;
  end(): unknown;
  on(event: "close" | "drain", listener: () => void): this;
  on(event: "error", listener: (error: Error) => void): this;
}

/** @throws KindredError `CONFIG` if it is not installed. */
export async function loadTar(): Promise<TarLibrary> {
  const name: string = "tar";
  try {
    const library: TarLibrary = await import(name);
    return library;
  } catch (cause) {
    throw new KindredError("CONFIG", "copying files needs a package to pack and unpack them: npm install tar", {
      cause,
    });
  }
}
