//! Whatever is in code and variables: no panic, and every text is one line.

use super::*;
use crate::config::variables::VARIABLES;
use proptest::prelude::*;
use std::time::Duration;

/// Arbitrary text, and text that gets far into the parsers.
fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[a-z%=:,/\\[\\]@? \n.0-9]{0,40}",
        "(udp|unix|unixgram|tcp)://[a-z@:/\\[\\]\u{0}.0-9]{0,30}",
        "([a-z.]{1,8}[=:](%[0-9a-fg]{2}|[a-z]){0,9},){0,5}",
        "(true|false|none|otlp|prometheus|low|1|0|,){0,3}",
        "(http|https|unix|grpc)://[a-z@:/\\[\\]?#%.0-9]{0,30}",
        "(http/protobuf|grpc|http/json|gzip|delta|text|off|traceidratio|0\\.[0-9]|[0-9]{1,6})",
        "([a-z:]{1,8}(=(info|off|trace|[a-z/\\[]{1,4}))?,){0,4}",
    ]
}

fn environments() -> impl Strategy<Value = Environment> {
    proptest::collection::vec(proptest::option::weighted(0.2, texts()), VARIABLES.len()).prop_map(
        |values| {
            let set = VARIABLES.iter().zip(values);
            set.filter_map(|(variable, value)| Some((variable.name, value?))).collect()
        },
    )
}

prop_compose! {
    fn builders()(
        texts in proptest::collection::vec(texts(), 20),
        set in any::<[bool; 14]>(),
        bounds in proptest::collection::vec(any::<f64>(), 0..5),
        limit in any::<usize>(),
        interval in any::<Duration>(),
    ) -> Builder {
        let text = |n: usize| texts[n].clone();
        let mut dogstatsd = DogStatsd::default().tag(text(0), text(1));
        let mut prometheus = Prometheus::default();
        let mut builder = Builder::new(text(2));
        if set[0] { dogstatsd = dogstatsd.address(text(3)).flush_interval(interval); }
        if set[1] { prometheus = prometheus.listen(text(4)); }
        if set[2] { prometheus = prometheus.bearer_token(text(5)); }
        if set[3] { prometheus = prometheus.bearer_token_file(text(6)); }
        if set[4] { builder = builder.version(text(7)).environment(text(8)); }
        if set[5] { builder = builder.tag(text(9), text(10)); }
        if set[6] {
            builder = builder.buckets(text(11), &bounds).cardinality(text(11), text(0), limit);
        }
        let mut otlp = Otlp::default().header(text(12), text(13));
        if set[8] { otlp = otlp.endpoint(text(14)).timeout(interval); }
        if set[9] { otlp = otlp.ca_certificate(text(15)).client_certificate(text(16), text(17)); }
        if set[10] { otlp = otlp.protocol(Protocol::Grpc); }
        if set[11] { otlp = otlp.metrics(true).metrics_interval(interval); }
        if set[12] { builder = builder.otlp(otlp).span_filter(text(18)); }
        if set[13] {
            let share = bounds.first().copied().unwrap_or_default();
            builder = builder
                .sampler(Sampler::ratio(share))
                .spans(Spans::default().queue(limit).batch(limit).delay(interval))
                .logs(Logs::default().filter(text(19)));
        }
        if set[7] { builder = builder.dogstatsd(dogstatsd).prometheus(prometheus); }
        builder
    }
}

fn is_one_line(text: &str) -> bool {
    !text.chars().any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'))
}

fn check(builder: &Builder, env: &Environment) {
    match resolve_in(builder, env, &PLAIN) {
        Err(error) => {
            assert!(!error.problems().is_empty());
            for problem in error.problems() {
                assert!(is_one_line(&problem.to_string()), "{problem:?}");
            }
        }
        Ok(Resolved { settings, warnings, explanation }) => {
            assert!(warnings.iter().all(|warning| is_one_line(warning)), "{warnings:?}");
            for setting in explanation.settings() {
                assert!(is_one_line(setting.name()) && is_one_line(setting.value()), "{setting:?}");
            }
            let resource = &settings.resource;
            assert!(!resource.service.is_empty());
            for (key, value) in resource.otel_attributes() {
                assert!(is_one_line(key) && is_one_line(value), "{key:?}: {value:?}");
                assert!(value.chars().count() <= 200 && !key.is_empty() && !value.is_empty());
            }
            let spans = &settings.spans;
            assert!((0.0..=1.0).contains(&spans.sampler.ratio));
            assert!((1..=spans.queue).contains(&spans.batch) && spans.queue <= 100_000);
            if let Ok(otlp) = &settings.otlp {
                assert!(otlp.traces.is_some() || otlp.metrics.is_some());
                let metrics = otlp.metrics.iter().map(|metrics| &metrics.target);
                for target in otlp.traces.iter().chain(metrics) {
                    assert!(is_one_line(&target.endpoint.to_string()), "{:?}", target.endpoint);
                    for (name, value) in &target.headers {
                        assert!(name.bytes().all(|b| b.is_ascii_graphic()), "{name}");
                        assert!(value.expose().bytes().all(|b| matches!(b, b' '..=b'~')));
                    }
                }
            }
            if let Ok(dogstatsd) = settings.dogstatsd {
                assert!(
                    dogstatsd
                        .tags
                        .iter()
                        .all(|(key, value)| is_one_line(key) && is_one_line(value))
                );
            }
        }
    }
}

proptest! {
    #[test]
    fn anything_in_code_and_variables(builder in builders(), env in environments()) {
        check(&builder, &env);
    }

    /// Nothing wrong in code, so that variables alone decide.
    #[test]
    fn anything_in_variables(env in environments()) {
        check(&plain(), &env);
        prop_assert!(resolve_in(&plain(), &env, &PLAIN).is_ok());
    }
}
