//! The facade as a service uses it, captured: kinds, tags, limits, scopes.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use lightship::{DropReason, counter, distribution, gauge, histogram, set, testing, timer};
use std::time::Duration;

#[test]
fn every_kind_records() {
    let ((), seen) = testing::capture(|| {
        counter!("c").increment(2);
        counter!("c").increment(3);
        gauge!("g").set(1.5);
        gauge!("g").increment(1);
        gauge!("g").decrement(0.5);
        histogram!("h").record(10);
        distribution!("d").record(0.25_f32);
        timer!("t").handle().record(Duration::from_millis(250));
        set!("s").insert("a");
        set!("s").insert("b");
        set!("s").insert("a");
    });
    assert_eq!(seen.counter("c", &[]), 5);
    assert_eq!(seen.gauge("g", &[]), Some(2.0));
    assert_eq!(seen.histogram("h", &[]).sum, 10.0);
    assert_eq!(seen.histogram("d", &[]).sum, 0.25);
    assert_eq!(seen.histogram("t", &[]).sum, 0.25);
    assert_eq!(seen.set("s", &[]), 2);
}

#[test]
fn tags_come_in_every_shape() {
    let (owned, number, flag) = (String::from("/users"), 503_u16, true);
    let pairs = vec![("b".to_owned(), "2".to_owned()), ("a".to_owned(), "1".to_owned())];
    let name = format!("dynamic.{}", "name");
    let ((), seen) = testing::capture(|| {
        counter!("literal", "k" => "v", "n" => 7, "f" => false).increment(1);
        counter!("owned", "route" => owned, "status" => number, "retry" => flag).increment(1);
        counter!("borrowed", "route" => &owned[1..], "route2" => owned.as_str(),).increment(1);
        counter!(name, "k" => "v").increment(1);
        counter!(&name).increment(1);
        counter!("pairs", &pairs).increment(1);
        let key = String::from("key");
        counter!("keys", key => "v", "other" => number).increment(1);
    });
    assert_eq!(seen.counter("literal", &[("f", "false"), ("k", "v"), ("n", "7")]), 1);
    let owned_tags = [("route", "/users"), ("status", "503"), ("retry", "true")];
    assert_eq!(seen.counter("owned", &owned_tags), 1);
    assert_eq!(seen.counter("borrowed", &[("route", "users"), ("route2", "/users")]), 1);
    assert_eq!(seen.counter("dynamic.name", &[("k", "v")]), 1);
    assert_eq!(seen.counter("dynamic.name", &[]), 1);
    assert_eq!(seen.counter("pairs", &[("a", "1"), ("b", "2")]), 1);
    assert_eq!(seen.counter("keys", &[("key", "v"), ("other", "503")]), 1);
}

#[test]
fn tag_values_are_evaluated_once() {
    let mut calls = 0;
    let mut value = || {
        calls += 1;
        "v"
    };
    let ((), seen) = testing::capture(|| counter!("c", "k" => value()).increment(1));
    assert_eq!(seen.counter("c", &[("k", "v")]), 1);
    assert_eq!(calls, 1);
}

#[test]
fn one_name_has_one_kind() {
    let ((), seen) = testing::capture(|| {
        counter!("x").increment(1);
        gauge!("x").set(1);
        histogram!("x").record(1);
        histogram!("x").record(1);
        timer!("x").stop();
        counter!("  ").increment(3);
    });
    assert_eq!(seen.counter("x", &[]), 1);
    assert_eq!(seen.series(), ["x{}"]);
    assert_eq!(seen.dropped(DropReason::KindMismatch), 4);
    assert_eq!(seen.dropped(DropReason::EmptyName), 3);
}

#[test]
fn values_past_a_keys_limit_fold_in_that_key_alone() {
    let ((), seen) = testing::capture(|| {
        for user in 0..1_000 {
            for ok in [true, false] {
                counter!("logins", "user" => format!("u{user}"), "ok" => ok).increment(1);
            }
        }
    });
    assert_eq!(seen.counter("logins", &[("user", "u99"), ("ok", "true")]), 1);
    assert_eq!(seen.counter("logins", &[("user", "_other"), ("ok", "true")]), 900);
    assert_eq!(seen.counter("logins", &[("user", "_other"), ("ok", "false")]), 900);
    assert_eq!(seen.series().len(), 202);
    assert_eq!(seen.dropped(DropReason::TagValueLimit), 1_800);
}

#[test]
fn literals_do_not_count_against_a_keys_limit() {
    let ((), seen) = testing::capture(|| {
        for user in 0..200 {
            counter!("c", "user" => user).increment(1);
        }
        counter!("c", "user" => "root").increment(1);
        let dynamic = String::from("x");
        counter!("c", "user" => "admin", "other" => dynamic).increment(1);
    });
    assert_eq!(seen.counter("c", &[("user", "root")]), 1);
    assert_eq!(seen.counter("c", &[("user", "admin"), ("other", "x")]), 1);
}

#[test]
fn an_enum_is_a_tag_that_does_not_count_either() {
    #[derive(lightship::Tag)]
    enum Outcome {
        Ok,
        NotFound,
        #[tag(rename = "5xx")]
        ServerError,
    }
    let ((), seen) = testing::capture(|| {
        for user in 0..200 {
            counter!("c", "outcome" => user).increment(1);
        }
        for outcome in [Outcome::Ok, Outcome::NotFound, Outcome::ServerError] {
            counter!("c", "outcome" => outcome).increment(1);
        }
    });
    for outcome in ["ok", "not_found", "5xx"] {
        assert_eq!(seen.counter("c", &[("outcome", outcome)]), 1, "{seen}");
    }
}

#[test]
fn a_hundred_thousand_series_become_a_bounded_number() {
    let ((), seen) = testing::capture(|| {
        for n in 0..100_000_u32 {
            let name = format!("metric.{}", n % 10);
            let (a, b) = (n / 10 % 100, n / 1_000 % 100);
            counter!(name, "a" => a, "b" => b).increment(1);
        }
    });
    let total: u64 = (0..10).map(|n| seen.counter_total(&format!("metric.{n}"))).sum();
    assert_eq!(total, 100_000, "every point is somewhere");
    assert!(seen.series().len() <= 10_010, "{}", seen.series().len());
    let folded = seen.dropped(DropReason::SeriesLimit) + seen.dropped(DropReason::ProcessLimit);
    assert_eq!(folded, 90_000);
}

#[test]
fn values_that_are_no_numbers_are_refused() {
    let ((), seen) = testing::capture(|| {
        gauge!("g").set(f64::NAN);
        histogram!("h").record(f64::NEG_INFINITY);
        timer!("t").handle().record(-0.5);
    });
    assert_eq!(seen.gauge("g", &[]), None);
    assert_eq!(seen.histogram("h", &[]).count, 0);
    assert_eq!(seen.dropped(DropReason::NotFinite), 2);
    assert_eq!(seen.dropped(DropReason::NegativeDuration), 1);
}

#[test]
fn captures_do_not_see_each_other() {
    let workers: Vec<_> = (1..=8_u64)
        .map(|worker| {
            std::thread::spawn(move || {
                for _ in 0..50 {
                    let ((), seen) = testing::capture(|| {
                        for _ in 0..worker {
                            counter!("shared.name", "who" => "all").increment(1);
                            counter!("shared.dynamic", "who" => worker).increment(1);
                        }
                    });
                    assert_eq!(seen.counter("shared.name", &[("who", "all")]), worker);
                    assert_eq!(seen.series().len(), 2);
                }
            })
        })
        .collect();
    workers.into_iter().for_each(|worker| worker.join().unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_capture_follows_tasks() {
    let ((), seen) = testing::capture_async(async {
        let tasks: Vec<_> = (0..20)
            .map(|_| {
                lightship::spawn(async {
                    tokio::task::yield_now().await;
                    counter!("tasks").increment(1);
                    tokio::time::sleep(Duration::from_millis(1)).await;
                    counter!("tasks").increment(1);
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        // Not carried over: it belongs to nobody.
        tokio::spawn(async { counter!("tasks").increment(100) }).await.unwrap();
    })
    .await;
    assert_eq!(seen.counter("tasks", &[]), 40);
}

#[test]
fn a_panic_leaves_no_scope_behind() {
    let caught = std::panic::catch_unwind(|| testing::capture(|| panic!("the code under test")));
    assert!(caught.is_err());
    let ((), seen) = testing::capture(|| counter!("after").increment(1));
    assert_eq!(seen.counter("after", &[]), 1);
}

#[test]
fn denied_and_hostile_tags_never_become_series() {
    let ((), seen) = testing::capture(|| {
        counter!("c", "password" => "hunter2", "route" => "/a\nb").increment(1);
    });
    assert_eq!(seen.counter("c", &[("route", "/a_b")]), 1);
    assert_eq!(seen.dropped(DropReason::TagDenied), 1);
    assert_eq!(seen.dropped(DropReason::TagChanged), 1);
}

/// What backends show of `body`, with rules that find `staff_0001` and the like.
#[cfg(all(feature = "prometheus", feature = "dogstatsd"))]
fn shown(body: impl FnOnce(&lightship::Telemetry)) -> (String, lightship::Status) {
    use lightship::{Detector, DogStatsd, Logs, Otlp, Prometheus, Redaction};
    let staff = Detector::prefixed("staff", "staff_", 4);
    let telemetry = lightship::builder("facade")
        .without_environment()
        .redaction(Redaction::default().detector(staff))
        .otlp(Otlp::disabled())
        .dogstatsd(DogStatsd::default().address("udp://127.0.0.1:9"))
        .prometheus(Prometheus::default().no_listener())
        .logs(Logs::disabled())
        .notices(|_| {})
        .build()
        .unwrap();
    telemetry.scope(|| body(&telemetry));
    (telemetry.prometheus_text() + &telemetry.dogstatsd_text(), telemetry.status())
}

#[test]
#[cfg(all(feature = "prometheus", feature = "dogstatsd"))]
fn nobody_is_named_by_a_metric() {
    let (shown, status) = shown(|telemetry| {
        lightship::describe_counter!("logins", "Of staff_0001 and others.");
        for n in 0..50 {
            counter!(format!("user.staff_{n:04}.logins")).increment(1);
        }
        let now = std::time::SystemTime::now();
        counter!("logins", "who" => "staff_0001", "of.staff_0001" => "x").increment_at(2, now);
        gauge!("seen", "who" => format!("by staff_{:04}", 2)).set_at(1, now);
        gauge!("queue", "who" => "staff_0004").observe(|| 4.0);
        timer!("took", "who" => "staff_0003").stop();
        set!("active", "who" => "staff_0004").insert("staff_0005");
        metrics::with_local_recorder(&telemetry.recorder(), || {
            metrics::describe_gauge!("library", "Of staff_0006.");
            metrics::gauge!("library", "who" => "staff_0007").set(1.0);
            metrics::histogram!("library.staff_0008").record(1.0);
        });
    });
    for line in [
        "# HELP logins_total Of [REDACTED:staff] and others.",
        "user_redacted_logins_total 50",
        "user.redacted.logins:50|c|#service:facade",
        "logins_total{who=\"redacted\"} 2",
        "queue{who=\"redacted\"} 4",
        "library{who=\"redacted\"} 1",
        "lightship_redactions_total{kind=\"staff\",sink=\"metrics\"}",
    ] {
        assert!(shown.contains(line), "{line}\n{shown}");
    }
    assert!(!shown.contains("staff_0"), "{shown}");
    let of_texts = |row: &&lightship::RedactionCount| row.sink == "texts" && row.kind == "staff";
    assert_eq!(status.redactions.iter().find(of_texts).unwrap().count, 2);
    assert!(status.redacted() >= 50 + 2);
}

#[test]
#[cfg(all(feature = "prometheus", feature = "dogstatsd"))]
fn what_was_redacted_does_not_count_against_a_keys_limit() {
    let (shown, _) = shown(|_| {
        for n in 0..150 {
            counter!("logins", "who" => n).increment(1);
        }
        counter!("logins", "who" => format!("staff_{:04}", 1)).increment(1);
    });
    assert!(shown.contains("logins_total{who=\"_other\"} 50\n"), "{shown}");
    assert!(shown.contains("logins_total{who=\"redacted\"} 1\n"), "{shown}");
}
