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
    ]
}

fn environments() -> impl Strategy<Value = Environment> {
    proptest::collection::vec(proptest::option::of(texts()), VARIABLES.len()).prop_map(|values| {
        let set = VARIABLES.iter().zip(values);
        set.filter_map(|(variable, value)| Some((variable.name, value?))).collect()
    })
}

prop_compose! {
    fn builders()(
        texts in proptest::collection::vec(texts(), 12),
        set in any::<[bool; 8]>(),
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
