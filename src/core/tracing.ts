/** The little of OpenTelemetry's API that kindred calls: what `trace.getTracer("…")` returns fits. */

/** A span that is being recorded. */
export interface Span {
  setAttribute(name: string, value: string | number | boolean): unknown;
  recordException(exception: Error): void;
  setStatus(status: { readonly code: number; readonly message?: string }): unknown;
  end(): void;
}

/** Starts spans. @see https://opentelemetry.io/docs/specs/otel/trace/api/ */
export interface Tracer {
  startActiveSpan<R>(
    name: string,
    options: { readonly kind?: number; readonly attributes?: Record<string, string | number | boolean> },
    work: (span: Span) => R,
  ): R;
}

/** `SpanStatusCode.ERROR`. */
const errorStatus = 2;

/**
 * Runs `work` within a span that ends with it; a failure is recorded and thrown on. Without a tracer it only runs.
 *
 * @param kind `SpanKind`: 0 internal, 2 client.
 */
export async function traced<R>(
  tracer: Tracer | undefined,
  span: {
    readonly name: string;
    readonly kind: number;
    readonly attributes: Record<string, string | number | boolean>;
  },
  work: (span: Span | undefined) => Promise<R> | R,
): Promise<R> {
  if (tracer === undefined) return work(undefined);
  const { name, kind, attributes } = span;
  return tracer.startActiveSpan(name, { kind, attributes }, async (active) => {
    try {
      return await work(active);
    } catch (error) {
      if (error instanceof Error) active.recordException(error);
      active.setStatus({ code: errorStatus, message: error instanceof Error ? error.message : String(error) });
      throw error;
    } finally {
      active.end();
    }
  });
}
