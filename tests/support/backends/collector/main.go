// Command collector is the OpenTelemetry Collector's own OTLP receiver with a printer behind it:
// each request that it took is a line of JSON on stdout, with the request's headers or metadata.
//
//	collector '{"grpc": {"endpoint": "127.0.0.1:4317"}, "http": {"endpoint": "127.0.0.1:4318"}}'
//
// While its directory has a file `refuse`, it takes nothing: with the content `permanent` for good
// (gRPC INTERNAL, HTTP 500), with any other for now (gRPC UNAVAILABLE, HTTP 503).
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"go.opentelemetry.io/collector/client"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/receiver/otlpreceiver"
	"go.opentelemetry.io/otel/metric/noop"
	tracenoop "go.opentelemetry.io/otel/trace/noop"
	"go.uber.org/zap"
)

type line struct {
	Signal  string              `json:"signal"`
	Headers map[string][]string `json:"headers"`
	Data    json.RawMessage     `json:"data"`
}

// A request is one write, so that lines of several do not mix.
func take(ctx context.Context, signal string, data []byte, err error) error {
	if err != nil {
		return err
	}
	if how, err := os.ReadFile("refuse"); err == nil {
		refusal := errors.New("told to refuse")
		if string(how) == "permanent" {
			return consumererror.NewPermanent(refusal)
		}
		return refusal
	}
	metadata := client.FromContext(ctx).Metadata
	headers := map[string][]string{}
	for key := range metadata.Keys() {
		headers[key] = metadata.Get(key)
	}
	text, err := json.Marshal(line{signal, headers, data})
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(append(text, '\n'))
	return err
}

func run(protocols string) error {
	ctx := context.Background()
	factory := otlpreceiver.NewFactory()
	var parsed map[string]any
	if err := json.Unmarshal([]byte(protocols), &parsed); err != nil {
		return err
	}
	config := factory.CreateDefaultConfig()
	conf := confmap.NewFromStringMap(map[string]any{"protocols": parsed})
	if err := conf.Unmarshal(config); err != nil {
		return err
	}
	logs := zap.NewProductionConfig()
	logs.Encoding = "console"
	logger, err := logs.Build()
	if err != nil {
		return err
	}
	settings := receiver.Settings{
		ID: component.NewID(factory.Type()),
		TelemetrySettings: component.TelemetrySettings{
			Logger:         logger,
			TracerProvider: tracenoop.NewTracerProvider(),
			MeterProvider:  noop.NewMeterProvider(),
			Resource:       pcommon.NewResource(),
		},
	}

	toTraces, err := consumer.NewTraces(func(ctx context.Context, data ptrace.Traces) error {
		text, err := (&ptrace.JSONMarshaler{}).MarshalTraces(data)
		return take(ctx, "traces", text, err)
	})
	if err != nil {
		return err
	}
	toMetrics, err := consumer.NewMetrics(func(ctx context.Context, data pmetric.Metrics) error {
		text, err := (&pmetric.JSONMarshaler{}).MarshalMetrics(data)
		return take(ctx, "metrics", text, err)
	})
	if err != nil {
		return err
	}
	// One server for both, which the first to start starts.
	traces, err := factory.CreateTraces(ctx, settings, config, toTraces)
	if err != nil {
		return err
	}
	metrics, err := factory.CreateMetrics(ctx, settings, config, toMetrics)
	if err != nil {
		return err
	}
	for _, part := range []component.Component{traces, metrics} {
		if err := part.Start(ctx, nobody{}); err != nil {
			return err
		}
	}
	fmt.Fprintln(os.Stderr, "collector: ready")
	select {}
}

// nobody is a host without extensions.
type nobody struct{}

func (nobody) GetExtensions() map[component.ID]component.Component { return nil }

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: collector PROTOCOLS")
		os.Exit(2)
	}
	if os.Args[1] == "--version" {
		fmt.Println("collector, for tests of lightship")
		return
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
