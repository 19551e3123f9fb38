/** Spans for requests, as HTTP's semantic conventions have them. */

import { type Tracer, traced } from "../core/index.js";
import type { Middleware } from "./transport.js";

/**
 * A span for each request, a child of whatever span is active: the reconcile that sent it.
 *
 * Attributes are the method, the path without its query and the status; no header, no body.
 *
 * @example `Client.infer({ middleware: [traceRequests(trace.getTracer("my-operator"))] })`
 * @see https://opentelemetry.io/docs/specs/semconv/http/http-spans/
 */
export function traceRequests(tracer: Tracer): Middleware {
  return (next) => (request) => {
    const [path = request.url] = request.url.split("?");
    const attributes = { "http.request.method": request.method, "url.path": path };
    return traced(tracer, { name: `${request.method} ${path}`, kind: spanKindClient, attributes }, async (span) => {
      const response = await next(request);
      span?.setAttribute("http.response.status_code", response.status);
      if (response.status >= 400) span?.setStatus({ code: 2 });
      return response;
    });
  };
}

const spanKindClient = 2;
