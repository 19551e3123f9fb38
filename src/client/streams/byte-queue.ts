/** Bytes between a connection that brings them and a stream that is read: a queue that holds little. */

/** Beyond so many bytes a queue makes the connection wait. */
const roomyBytes = 262_144;

/** A queue with a writer at one end and a web stream at the other. */
export class ByteQueue {
  readonly stream: ReadableStream<Uint8Array>;
  readonly #chunks: Uint8Array[] = [];
  #size = 0;
  #ended: { readonly failure: unknown } | undefined;
  #cancelled = false;
  #released = false;
  #changed = () => {};

  constructor() {
    this.stream = new ReadableStream<Uint8Array>(
      {
        pull: (controller) => this.#pull(controller),
        cancel: () => {
          this.#cancelled = true;
          this.#chunks.length = 0;
          this.#changed();
        },
      },
      { highWaterMark: 0 },
    );
  }

  /** Resolves when there is room for more, or when nobody will read on. For one writer. */
  async push(bytes: Uint8Array): Promise<void> {
    if (bytes.length === 0 || this.#cancelled || this.#ended !== undefined) return;
    this.#chunks.push(bytes);
    this.#size += bytes.length;
    this.#changed();
    while (this.#size > roomyBytes && !this.#cancelled && !this.#released) await this.#change();
  }

  /** Makes no writer wait any more: nothing further will come in. */
  release(): void {
    this.#released = true;
    this.#changed();
  }

  /** No more will come; with a failure, reading throws it once all is read. */
  end(failure?: unknown): void {
    this.#ended ??= { failure };
    this.#changed();
  }

  async #pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    while (this.#chunks.length === 0 && this.#ended === undefined && !this.#cancelled) await this.#change();
    if (this.#cancelled) return;
    const chunk = this.#chunks.shift();
    if (chunk !== undefined) {
      this.#size -= chunk.length;
      controller.enqueue(chunk);
      this.#changed();
    } else if (this.#ended?.failure === undefined) {
      controller.close();
    } else {
      controller.error(this.#ended.failure);
    }
  }

  /** Of reader and writer only one ever waits: the one for bytes, the other for room. */
  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#changed = resolve;
    });
  }
}
