"""A small WSGI service that says where it stands in its trace, and may call another one first.

    service.py PORT opentelemetry|ddtrace

`/leaf` answers with its own ids; `/call?url=U` asks U, by the instrumented client, and answers with both.
Everything else is set by the tracers' own variables.
"""

import json
import sys
import urllib.request
from socketserver import ThreadingMixIn
from urllib.parse import parse_qs
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server


def with_opentelemetry(app):
    from opentelemetry import baggage, trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.instrumentation.urllib import URLLibInstrumentor
    from opentelemetry.instrumentation.wsgi import OpenTelemetryMiddleware
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor

    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    URLLibInstrumentor().instrument()

    def here():
        span = trace.get_current_span().get_span_context()
        return {
            "trace_id": f"{span.trace_id:032x}",
            "span_id": f"{span.span_id:016x}",
            "sampled": span.trace_flags.sampled,
            "baggage": dict(baggage.get_all()),
        }

    return OpenTelemetryMiddleware(app(here))


def with_ddtrace(app):
    from ddtrace import patch
    from ddtrace.contrib.wsgi import DDWSGIMiddleware
    from ddtrace.trace import tracer

    patch(httplib=True)

    def here():
        span = tracer.current_span()
        return {
            "trace_id": f"{span.trace_id:032x}",
            "span_id": f"{span.span_id:016x}",
            "sampled": (span.context.sampling_priority or 0) > 0,
            "baggage": dict(span.context.get_all_baggage_items()),
        }

    return DDWSGIMiddleware(app(here))


def app(here):
    def answer(environ, start_response):
        body = here()
        if environ["PATH_INFO"] == "/call":
            url = parse_qs(environ["QUERY_STRING"])["url"][0]
            with urllib.request.urlopen(url, timeout=10) as called:
                body["called"] = json.load(called)
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps(body).encode()]

    return answer


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass


port, tracer = int(sys.argv[1]), sys.argv[2]
service = {"opentelemetry": with_opentelemetry, "ddtrace": with_ddtrace}[tracer](app)
with make_server("127.0.0.1", port, service, Server, Quiet) as server:
    print("ready", flush=True)
    server.serve_forever()
