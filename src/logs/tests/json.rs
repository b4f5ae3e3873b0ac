//! Lines for machines.

use super::*;
use crate::logs::limits::{MAX_LOG_LINE_BYTES, MAX_LOG_MESSAGE_CHARS, MAX_LOG_VALUE_CHARS};
use serde_json::{Value, json};
use std::fmt;
use tracing::{error, info, info_span, warn};

fn rig() -> Rig {
    Rig::new(LogLines::Json)
}

impl Rig {
    fn json(&self, body: impl FnOnce()) -> Value {
        let line = self.line(body);
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))
    }
}

#[test]
fn a_line_has_what_datadog_and_people_look_for() {
    let rig = Rig { ids: Some(IDS), ..rig() };
    let line = rig.line(|| {
        let _outer = info_span!("request", route = "/upload").entered();
        let _inner = info_span!("store").entered();
        info!(target: "upload::http", documents = 3, kind = "pdf", ok = true, "stored");
    });
    let (time, rest) = line.strip_prefix("{\"timestamp\":\"").unwrap().split_at(27);
    assert!(time.starts_with("20") && time.ends_with('Z'), "{time}");
    assert_eq!(
        rest,
        "\",\"level\":\"INFO\",\"target\":\"upload::http\",\"message\":\"stored\",\"documents\":3,\
         \"kind\":\"pdf\",\"ok\":true,\"span\":\"store\",\
         \"trace_id\":\"4bf92f3577b34da6a3ce929d0e0e4736\",\"span_id\":\"00f067aa0ba902b7\",\
         \"dd.trace_id\":\"11803532876627986230\",\"dd.span_id\":\"67667974448284343\",\
         \"service\":\"upload\",\"env\":\"test\",\"version\":\"1.4.2\"}"
    );
}

#[test]
fn without_a_span_there_are_no_ids() {
    let json = rig().json(|| warn!("alone"));
    let keys: Vec<_> = json.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["env", "level", "message", "service", "target", "timestamp", "version"]);
    assert_eq!(json["level"], "WARN");
}

#[test]
fn an_explicit_parent_is_the_span_of_its_event() {
    let json = rig().json(|| {
        let named = info_span!("named");
        let _other = info_span!("other").entered();
        info!(parent: &named, "x");
    });
    assert_eq!(json["span"], "named");
    let json = rig().json(|| {
        let _other = info_span!("other").entered();
        info!(parent: None, "x");
    });
    assert_eq!(json.get("span"), None);
}

#[test]
fn values_keep_their_types() {
    let json = rig().json(|| {
        info!(
            small = -7_i64,
            large = u64::MAX,
            wide = 12_u128,
            widest = u128::MAX,
            negative = i128::from(i64::MIN),
            half = 0.5,
            tiny = 1e-300,
            nan = f64::NAN,
            infinite = f64::INFINITY,
            no = false,
            nothing = None::<u64>,
            debug = ?Some("x"),
            display = %"y",
            message = 17,
        );
    });
    for (key, value) in [
        ("small", json!(-7)),
        ("large", json!(u64::MAX)),
        ("wide", json!(12)),
        ("widest", json!(u128::MAX.to_string())),
        ("negative", json!(i64::MIN)),
        ("half", json!(0.5)),
        ("tiny", json!(1e-300)),
        ("nan", Value::Null),
        ("infinite", Value::Null),
        ("no", json!(false)),
        ("debug", json!("Some(\"x\")")),
        ("display", json!("y")),
        ("message", json!("17")),
    ] {
        assert_eq!(json[key], value, "{key}");
    }
    assert_eq!(json.get("nothing"), None);
}

#[test]
fn an_error_comes_with_its_sources() {
    let failure = failure();
    let rig = rig();
    let json = rig.json(|| error!(error = &failure as &dyn std::error::Error, "sorry"));
    assert_eq!(json["error"], "upload failed: connection\nreset");
}

#[test]
fn taken_names_go_below_fields_and_ours_mean_what_they_say() {
    let rig = Rig { ids: Some(IDS), ..rig() };
    let json = rig.json(|| {
        let _span = info_span!("request").entered();
        info!(
            status = 503,
            service = "theirs",
            trace_id = "theirs",
            span = "theirs",
            dd.trace_id = "theirs",
            host = "db-1",
            free = 1,
            level = "ERROR",
            fields = 2,
            r#type = "pdf",
            "x"
        );
    });
    assert_eq!(json["service"], "upload");
    assert_eq!(json["level"], "INFO");
    assert_eq!(json["span"], "request");
    assert_eq!(json["trace_id"], "4bf92f3577b34da6a3ce929d0e0e4736");
    assert_eq!((&json["free"], &json["type"]), (&json!(1), &json!("pdf")));
    let below = json!({
        "status": 503, "service": "theirs", "trace_id": "theirs", "span": "theirs",
        "dd.trace_id": "theirs", "host": "db-1", "level": "ERROR", "fields": 2,
    });
    assert_eq!(json["fields"], below);
}

#[test]
fn of_two_fields_with_one_name_the_first_is_written() {
    let rig = rig();
    let line = rig.line(|| info!(a = 1, a = 2, status = 3, status = 4, "x"));
    assert!(line.contains("\"a\":1") && !line.contains("\"a\":2"), "{line}");
    assert!(line.contains("\"fields\":{\"status\":3}"), "{line}");
    assert_eq!(rig.dropped(DropReason::TagDuplicate), 2);
}

#[test]
fn a_password_is_redacted() {
    let rig = rig();
    let json = rig.json(|| {
        info!(password = "hunter2", db.password = ?"hunter2", api_key = 7, tokens = 5, "x");
    });
    for key in ["password", "db.password", "api_key"] {
        assert_eq!(json[key], "[REDACTED]", "{key}");
    }
    assert_eq!(json["tokens"], 5);
    assert_eq!(rig.dropped(DropReason::TagDenied), 3);
}

#[test]
fn more_fields_than_are_remembered() {
    let rig = rig();
    let json = rig.json(|| {
        info!(
            a0 = 0,
            a1 = 1,
            a2 = 2,
            a3 = 3,
            a4 = 4,
            a5 = 5,
            a6 = 6,
            a7 = 7,
            a8 = 8,
            a9 = 9,
            b0 = 0,
            b1 = 1,
            b2 = 2,
            b3 = 3,
            b4 = 4,
            b5 = 5,
            b6 = 6,
            b7 = 7,
            b8 = 8,
            b9 = 9,
            c0 = 0,
            c1 = 1,
            c2 = 2,
            c3 = 3,
            c4 = 4,
            c5 = 5,
            c6 = 6,
            c7 = 7,
            c8 = 8,
            c9 = 9,
            d0 = 0,
            d1 = 1,
            password = "hunter2",
            status = 200,
            "x"
        );
    });
    assert_eq!((&json["c9"], &json["d1"]), (&json!(9), &json!(1)));
    assert_eq!(json["password"], "[REDACTED]");
    assert_eq!(json["fields"], json!({ "status": 200 }));
}

#[test]
fn what_is_too_long_is_cut_and_counted() {
    let rig = rig();
    let long = "é".repeat(3 * MAX_LOG_MESSAGE_CHARS);
    let json = rig.json(|| info!(short = 1, long, shown = %long, "{long}"));
    let chars = |key: &str| json[key].as_str().unwrap().chars().count();
    assert_eq!(chars("long"), MAX_LOG_VALUE_CHARS + 1);
    assert_eq!(chars("shown"), MAX_LOG_VALUE_CHARS + 1);
    assert_eq!(chars("message"), MAX_LOG_MESSAGE_CHARS + 1);
    assert_eq!(json["short"], 1);
    assert_eq!(rig.dropped(DropReason::TextChanged), 3);
    assert_eq!(rig.dropped(DropReason::Oversize), 0);
}

#[test]
fn a_line_that_is_full_stays_json_with_all_that_is_ours() {
    let rig = Rig { ids: Some(IDS), ..rig() };
    let n = "\u{1}".repeat(MAX_LOG_VALUE_CHARS);
    let line = rig.line(|| {
        let _span = info_span!("request").entered();
        info!(a = n, b = n, c = n, d = n, e = n, status = n, g = 1, "{n}");
    });
    assert!(line.len() < MAX_LOG_LINE_BYTES, "{}", line.len());
    let json: Value = serde_json::from_str(&line).unwrap();
    assert_eq!((&json["service"], &json["span"]), (&json!("upload"), &json!("request")));
    assert_eq!(json["dd.span_id"], "67667974448284343");
    assert_eq!(json.get("e"), None);
    assert_eq!(rig.dropped(DropReason::Oversize), 1);
}

#[test]
fn values_that_panic_or_log_harm_nobody() {
    struct Panics;
    impl fmt::Display for Panics {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            panic!("a value of the host")
        }
    }
    struct LogsItself<'a>(&'a Dispatch);
    impl fmt::Display for LogsItself<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            emit(self.0, "inside", &tracing::field::display(LogsItself(self.0)));
            f.write_str("outside")
        }
    }
    let rig = rig();
    let json = rig.json(|| info!(broken = %Panics, after = 1, "x"));
    assert_eq!((&json["broken"], &json["after"]), (&json!("[panicked]"), &json!(1)));
    let dispatch = rig.dispatch();
    let text = rig.text(|| info!(value = %LogsItself(&dispatch), status = 1, "last"));
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!((3..10).contains(&lines.len()), "{text}");
    let last = lines.last().unwrap();
    assert_eq!((&last["message"], &last["value"]), (&json!("last"), &json!("outside")));
    assert_eq!(last["fields"], json!({ "status": 1 }));
    assert!(lines.iter().all(|line| line["password"] != "hunter2"));
    assert_eq!(lines[0]["value"], "[nested]");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn one_event_is_one_line_of_json(message in hostile_text(), text in hostile_text(), number in any::<f64>()) {
        let rig = rig();
        let json = rig.json(|| info!(text, shown = %text, number, "{message}"));
        prop_assert_eq!(json["message"].as_str().unwrap(), message);
        prop_assert_eq!(json["text"].as_str().unwrap(), &text);
        prop_assert_eq!(json["shown"].as_str().unwrap(), &text);
        if number.is_finite() {
            // The reader of the test is off by a bit at times.
            let off = json["number"].as_f64().unwrap() / number - 1.0;
            prop_assert!(number == 0.0 || off.abs() < 1e-14);
        }
    }
}
