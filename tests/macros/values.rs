//! Values that say what may become of them, and tags that a call gets while it runs, in all that the
//! attributes and macros take.

use super::counted_and_timed;
use lightship::testing::{Captured, capture, capture_async};
use lightship::{
    Tag, counted, counter, detail, distribution, gauge, hashed, histogram, observe, secret, set,
    short, tag, timed, timer, truncated,
};
use std::fmt::Error;

const HERE: &str = module_path!();
const ID: &str = "0d5f3f0e-8f2c-4a57-9f0d-3c0b7a5f5c11";

#[derive(Clone, Copy, Tag)]
enum Plan {
    Paid,
    #[tag(rename = "trial")]
    OnTrial,
}

/// The values of a tag, in the order in which their series came up.
fn values(seen: &Captured, metric: &str, key: &str) -> Vec<String> {
    let series = seen.series();
    let of_metric = series.iter().filter_map(|series| {
        series.strip_prefix(metric)?.strip_prefix('{')?.strip_suffix('}').map(str::to_owned)
    });
    let value = |tags: String| {
        let mut pairs = tags.split(',').filter_map(|pair| pair.split_once('='));
        pairs.find(|(known, _)| *known == key).map(|(_, value)| value.to_owned())
    };
    of_metric.filter_map(value).collect()
}

fn is_hash(text: &str) -> bool {
    text.len() == 16 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// A call's own tags, how it ended, and these.
fn tags_of<'a>(
    function: &'a str,
    outcome: &[(&'a str, &'a str)],
    given: &[(&'a str, &'a str)],
) -> Vec<(&'a str, &'a str)> {
    [&[("function", function), ("module", HERE)], outcome, given].concat()
}

const OK: [(&str, &str); 2] = [("outcome", "ok"), ("result", "ok")];
const FAILED: [(&str, &str); 3] =
    [("outcome", "error"), ("result", "error"), ("error_type", "Error")];

#[test]
fn every_metric_takes_them() {
    let ((), seen) = capture(|| {
        for _ in 0..2 {
            counter!("counter", "user" => hashed(ID), "patient" => short(ID)).increment(1);
            gauge!("gauge", "user" => hashed(&7)).set(1);
            histogram!("histogram", "question" => truncated("what is this", 4)).record(1);
            distribution!("distribution", "user" => short(&ID.to_owned())).record(1);
            timer!("timer", "session" => short(ID)).handle().record(1);
            set!("set", "user" => hashed(ID)).insert(hashed(ID));
            counter!("secret", "diagnosis" => secret("J45"), "ok" => true).increment(1);
            counter!("slice", &[("user", hashed(ID))]).increment(1);
        }
    });
    for metric in ["counter", "gauge", "set", "slice"] {
        let found = values(&seen, metric, "user");
        assert!(found.len() == 1 && is_hash(&found[0]), "{metric}: {found:?}");
    }
    assert_eq!(values(&seen, "counter", "user"), values(&seen, "slice", "user"));
    assert_ne!(values(&seen, "counter", "user"), values(&seen, "gauge", "user"));
    assert_eq!(values(&seen, "counter", "patient"), ["0d5f3f0e"]);
    assert_eq!(values(&seen, "histogram", "question"), ["what"]);
    assert_eq!(values(&seen, "distribution", "user"), ["0d5f3f0e"]);
    assert_eq!(values(&seen, "timer", "session"), ["0d5f3f0e"], "the key alone would deny it");
    assert_eq!(seen.counter("secret", &[("ok", "true")]), 2);
    // Within a capture every call finds its series anew.
    assert_eq!(seen.dropped(lightship::DropReason::TagDenied), 2);
    assert!(!seen.to_string().contains("8f2c") && !seen.to_string().contains("J45"), "{seen}");
}

#[test]
fn a_text_and_what_is_made_of_it_are_series_of_their_own() {
    let ((), seen) = capture(|| {
        for _ in 0..2 {
            counter!("kinds", "k" => "abc", "plan" => Plan::Paid).increment(1);
            counter!("kinds", "k" => hashed("abc"), "plan" => Plan::Paid).increment(1);
            counter!("kinds", "k" => truncated("abc", 2), "plan" => Plan::OnTrial).increment(1);
        }
    });
    let found = values(&seen, "kinds", "k");
    assert!(found.len() == 3 && is_hash(&found[1]), "{found:?}");
    assert_eq!(seen.counter("kinds", &[("k", "abc"), ("plan", "paid")]), 2);
    assert_eq!(seen.counter("kinds", &[("k", &found[1]), ("plan", "paid")]), 2);
    assert_eq!(seen.counter("kinds", &[("k", "ab"), ("plan", "trial")]), 2);
}

#[timed("visit", "patient" => short(&patient))]
#[counted("visits", "patient" => hashed(&patient))]
async fn visit(patient: String) -> usize {
    tokio::task::yield_now().await;
    let moved = patient;
    moved.len()
}

#[observe(
    fields(session = short(&session), user.id = hashed(&user), plan = plan, shown = %short(&user), none = secret(&user)),
    tags(user = hashed(&user), asked = truncated(&question, 4), diagnosis = secret(&user))
)]
async fn asks(session: String, user: String, question: String, plan: Plan) -> Result<usize, Error> {
    tokio::task::yield_now().await;
    let moved = (session, user, question);
    if moved.2.is_empty() { Err(Error) } else { Ok(moved.0.len()) }
}

#[tokio::test]
async fn functions_take_them_from_arguments_that_move_away() {
    let text = str::to_owned;
    let (_, seen) = capture_async(async {
        visit(text(ID)).await;
        asks(text("s-123456789"), text(ID), text("what is this"), Plan::OnTrial).await.unwrap();
        asks(text("s-123456789"), text(ID), text(""), Plan::Paid).await.unwrap_err();
    })
    .await;
    assert_eq!(values(&seen, "visit", "patient"), ["0d5f3f0e"]);
    assert!(is_hash(&values(&seen, "visits", "patient")[0]));
    let users = values(&seen, "function.calls", "user");
    assert!(users.len() == 2 && is_hash(&users[0]) && users[0] == users[1], "{users:?}");
    let own = [("user", &*users[0]), ("asked", "what")];
    assert_eq!(counted_and_timed(&seen, &tags_of("asks", &OK, &own)), 1);
    let own = [("user", &*users[0]), ("asked", "")];
    assert_eq!(counted_and_timed(&seen, &tags_of("asks", &FAILED, &own)), 1);
    let span = seen.span("asks").unwrap();
    assert_eq!(span.attribute("user"), Some(&*users[0]), "the hash is that of the metric");
    assert!(span.attribute("user.id").is_some_and(is_hash), "{span:?}");
    assert_ne!(span.attribute("user.id"), span.attribute("user"), "it is one for each key");
    for (key, value) in [
        ("session", "s-123456"),
        ("plan", "trial"),
        ("shown", "0d5f3f0e"),
        ("none", "[REDACTED]"),
        ("diagnosis", "[REDACTED]"),
        ("asked", "what"),
    ] {
        assert_eq!(span.attribute(key), Some(value), "{span:?}");
    }
}

#[derive(Debug)]
#[allow(dead_code, reason = "shown by `Debug`")]
struct Visit<'a> {
    patient: Option<lightship::Short>,
    note: lightship::Truncated<'a>,
    text: String,
}

#[test]
fn spans_and_lines_show_them_wherever_they_stand() {
    let visit = || Visit {
        patient: Some(short(ID)),
        note: truncated("a long note", 6),
        text: hashed(ID).to_string(),
    };
    let (said, seen) = capture(|| {
        let span = tracing::info_span!("visit", session = %short(ID), sid = tracing::field::Empty);
        let _entered = span.enter();
        span.record("sid", tracing::field::display(short(ID)));
        detail("patient", short(ID));
        detail("plan", Plan::Paid);
        detail("text", truncated("a long note", 6));
        detail("hidden", secret(ID));
        tracing::info!(user = %hashed(ID), visit = ?visit(), "seen {}", hashed(ID));
        hashed(ID).to_string()
    });
    assert!(is_hash(&said), "{said}");
    let span = seen.span("visit").unwrap();
    for (key, value) in [
        ("session", "0d5f3f0e"),
        ("sid", "0d5f3f0e"),
        ("patient", "0d5f3f0e"),
        ("plan", "paid"),
        ("text", "a long"),
        ("hidden", "[REDACTED]"),
    ] {
        assert_eq!(span.attribute(key), Some(value), "{span:?}");
    }
    let line = seen.log("seen").unwrap();
    assert!(line.contains(&format!("\"message\":\"seen {said}\"")), "{line}");
    assert!(line.contains("patient: Some(0d5f3f0e), note: a long, text: "), "{line}");
    let all = format!("{seen} {:?}", seen.spans());
    assert!(!all.contains("8f2c") && !all.contains(['\u{fdd0}', '\u{fdd1}']), "{all}");
    assert!(!all.contains("fdd0"), "{all}");
}

#[observe(tags(plan = Plan::OnTrial, region = "eu"))]
fn decides(cached: bool) -> Result<(), Error> {
    tag("cache", if cached { "hit" } else { "miss" });
    tag("plan", Plan::Paid);
    tag("outcome", "strange");
    helper();
    within(7);
    if cached { Ok(()) } else { Err(Error) }
}

fn helper() {
    tag("pages", 12_u8);
    tag("user", hashed(ID));
}

#[observe]
fn within(n: u64) {
    tag("inner", n);
    tag("inner", n + 1);
    (0..12).for_each(|_| untagged());
}

#[observe]
fn untagged() {}

#[observe(metrics = false)]
fn span_alone() {
    tag("alone", true);
}

#[test]
fn a_tag_is_on_the_metrics_and_the_span_of_the_running_call() {
    let ((), seen) = capture(|| {
        tag("nowhere", 1_u8);
        decides(true).unwrap();
        decides(false).unwrap_err();
        untagged();
        span_alone();
        let _span = tracing::info_span!("bare").entered();
        tag("bare", 1_u8);
    });
    let user = values(&seen, "function.calls", "user");
    let given = |cache| {
        let user = ("user", &*user[0]);
        [("cache", cache), ("plan", "paid"), ("region", "eu"), ("pages", "12"), user]
    };
    assert_eq!(counted_and_timed(&seen, &tags_of("decides", &OK, &given("hit"))), 1);
    assert_eq!(counted_and_timed(&seen, &tags_of("decides", &FAILED, &given("miss"))), 1);
    assert_eq!(counted_and_timed(&seen, &tags_of("within", &OK, &[("inner", "8")])), 2);
    assert_eq!(counted_and_timed(&seen, &tags_of("untagged", &OK, &[])), 25);
    let span = seen.span("decides").unwrap();
    for (key, value) in [("cache", "hit"), ("plan", "paid"), ("pages", "12"), ("user", &user[0])] {
        assert_eq!(span.attribute(key), Some(value), "{span:?}");
    }
    assert_eq!(seen.span("within").unwrap().attribute("inner"), Some("8"));
    assert_eq!(seen.span("span_alone").unwrap().attribute("alone"), Some("true"));
    assert_eq!(seen.span("bare").unwrap().attribute("bare"), Some("1"));
    assert_eq!(seen.span("untagged").unwrap().attribute("cache"), None);
    assert_eq!(seen.counter_total("function.calls"), 29);
}

#[observe]
async fn goes_on(n: u64, tasks: bool) -> u64 {
    tag("n", n);
    tokio::task::yield_now().await;
    if n > 0 {
        Box::pin(goes_on(n - 1, false)).await;
    }
    if tasks {
        tokio::spawn(async { tag("elsewhere", 1_u8) }).await.unwrap();
    }
    tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    tag("later", "yes");
    n
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tag_follows_its_call_over_polls_and_threads() {
    let (_, seen) = capture_async(async {
        let calls: Vec<_> = (0..40).map(|_| lightship::spawn(goes_on(2, true))).collect();
        for call in calls {
            call.await.unwrap();
        }
        let half = goes_on(7, false);
        let half = tokio::time::timeout(std::time::Duration::ZERO, half).await;
        assert!(half.is_err());
    })
    .await;
    for (n, calls) in [("0", 40), ("1", 40), ("2", 40)] {
        let tags = tags_of("goes_on", &OK, &[("n", n), ("later", "yes")]);
        assert_eq!(counted_and_timed(&seen, &tags), calls, "{n} in\n{seen}");
    }
    let tags = tags_of("goes_on", &[("outcome", "cancelled")], &[("n", "7")]);
    assert_eq!(counted_and_timed(&seen, &tags), 1, "{seen}");
    assert!(values(&seen, "function.calls", "elsewhere").is_empty());
}

#[observe]
fn panics() {
    tag("before", "yes");
    std::panic::resume_unwind(Box::new(()));
}

#[observe]
fn crowded() {
    for key in ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"] {
        tag(key, 1_u8);
    }
}

#[test]
fn tags_outlive_a_panic_and_have_a_limit() {
    let ((), seen) = capture(|| {
        std::panic::catch_unwind(panics).unwrap_err();
        crowded();
        untagged();
    });
    let panicked = [("outcome", "panic"), ("result", "error")];
    let tags = tags_of("panics", &panicked, &[("before", "yes")]);
    assert_eq!(counted_and_timed(&seen, &tags), 1, "{seen}");
    let eight = ["a", "b", "c", "d", "e", "f", "g", "h"].map(|key| (key, "1"));
    assert_eq!(counted_and_timed(&seen, &tags_of("crowded", &OK, &eight)), 1, "{seen}");
    assert_eq!(seen.span("crowded").unwrap().attribute("j"), Some("1"));
    assert_eq!(counted_and_timed(&seen, &tags_of("untagged", &OK, &[])), 1);
}
