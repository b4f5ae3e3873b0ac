//! Every text of a line passes the policy of its instance.

use super::*;
use crate::scrub::{Detector, Redaction, Sensitive};
use serde_json::Value as Json;
use tracing::{error, info, info_span};

const FORMATS: [LogLines; 2] = [LogLines::Json, LogLines::Text { colours: false }];
const FOUND: &str = "[REDACTED:staff]";

fn rig(format: LogLines, rules: Redaction) -> (Rig, Arc<Policy>) {
    let policy = Arc::new(rules.compile(None));
    (Rig::with(format, Arc::clone(&policy)), policy)
}

fn staff() -> Redaction {
    Redaction::default().detector(Detector::prefixed("staff", "STAFF-", 4))
}

fn json(rig: &Rig, body: impl FnOnce()) -> Json {
    serde_json::from_str(&rig.line(body)).unwrap()
}

#[test]
fn what_is_found_is_replaced_wherever_it_stands() {
    #[derive(Debug)]
    struct Visit<'a> {
        _of: &'a str,
    }
    let who = "STAFF-4711";
    let failure = Failure("no room", Some(Box::new(Failure("for STAFF-4711", None))));
    for format in FORMATS {
        let (rig, policy) = rig(format, staff());
        let line = rig.line(|| {
            let _outer = info_span!("visit of STAFF-4711").entered();
            let _inner = info_span!("room STAFF-4711").entered();
            error!(
                target: "ward::STAFF-4711",
                note = who,
                shown = %format_args!("by {who}"),
                debug = ?Visit { _of: who },
                error = &failure as &dyn std::error::Error,
                status = who,
                "seen by {who}"
            );
        });
        assert!(!line.contains("4711"), "{line}");
        // Of the names that a line shows, JSON has one span's.
        let names = if format == LogLines::Json { 2 } else { 3 };
        assert_eq!(line.matches(FOUND).count(), 6 + names, "{line}");
        assert!(line.contains(&format!("ward::{FOUND}")), "{line}");
        assert_eq!(policy.redactions(), [("staff", "logs", 6 + names as u64)]);
        // A literal message too, and what is clean stays.
        assert!(rig.line(|| info!("STAFF-4711 is here")).contains(&format!("{FOUND} is here")));
        assert!(rig.line(|| info!(target: "ward", "clean")).contains("clean"));
    }
}

#[test]
fn a_record_of_the_log_crate_is_scrubbed_with_its_target() {
    for format in FORMATS {
        let (rig, _) = rig(format, staff());
        let line = rig.line(|| {
            let record = log::Record::builder()
                .level(log::Level::Info)
                .target("ward::STAFF-4711")
                .args(format_args!("seen by STAFF-4711"))
                .build();
            tracing_log::format_trace(&record).unwrap();
        });
        assert!(line.contains(&format!("ward::{FOUND}")), "{line}");
        assert!(line.contains(&format!("seen by {FOUND}")) && !line.contains("4711"), "{line}");
    }
}

#[test]
fn a_field_is_shown_as_its_key_allows() {
    let rules = Redaction::default().pseudonymise("rank").allow("build.email");
    for format in FORMATS {
        let (rig, policy) = rig(format, rules.clone());
        let line = rig.line(|| {
            info!(
                user.id = "ada",
                rank = 17,
                client.address = "8.8.8.8",
                api_key = true,
                build.email = "x",
                rows = 12,
                dd.rank = 17,
                "x"
            );
        });
        let name = |key, value| format!("h1:{}", policy.pseudonym(key, value).as_str());
        for shown in [name("user.id", "ada"), name("rank", "17"), name("dd.rank", "17")] {
            assert!(line.contains(&shown), "{shown}: {line}");
        }
        assert!(line.contains("8.8.8.0") && !line.contains("8.8.8.8"), "{line}");
        assert!(line.contains("[REDACTED]") && !line.contains("true"), "{line}");
        assert!(!line.contains("rank=17") && !line.contains("rank\":17"), "{line}");
        assert_eq!(rig.dropped(DropReason::TagDenied), 1);
        let expected =
            [("denied_key", "logs", 1), ("pseudonym_key", "logs", 3), ("ip_key", "logs", 1)];
        assert_eq!(policy.redactions(), expected);
        if format == LogLines::Json {
            let json: Json = serde_json::from_str(&line).unwrap();
            assert_eq!((&json["rows"], &json["build.email"]), (&12.into(), &"x".into()));
            assert_eq!(json["fields"]["dd.rank"], name("dd.rank", "17"));
        }
    }
}

#[test]
fn strict_rules_leave_fields_out_and_keep_the_message() {
    for format in FORMATS {
        let (rig, policy) = rig(format, Redaction::strict().allow("listed"));
        let line = rig.line(|| {
            info!(listed = "a", other = "b", status = "c", "STAFF-4711" = 1, "said");
        });
        assert!(line.contains("said") && line.contains("listed"), "{line}");
        assert!(!line.contains("other") && !line.contains("STAFF"), "{line}");
        assert_eq!(rig.dropped(DropReason::TagDenied), policy.redactions()[0].2);
    }
}

#[test]
fn a_name_with_a_finding_takes_its_field_along() {
    for format in FORMATS {
        let (rig, policy) = rig(format, staff());
        let line = rig.line(|| info!("of STAFF-4711" = 1, status = 2, rows = 12, "x"));
        assert!(!line.contains("STAFF") && line.contains("12"), "{line}");
        assert_eq!(rig.dropped(DropReason::TagDenied), 1);
        assert_eq!(policy.redactions(), [("staff", "logs", 1)]);
    }
}

#[test]
fn instances_of_one_process_keep_to_their_own_rules() {
    let (first, _) = rig(LogLines::Json, Redaction::empty());
    let (second, _) = rig(LogLines::Json, staff());
    let write = || info!(password = "x", note = "STAFF-4711", "said");
    for _ in 0..3 {
        let line = json(&first, write);
        assert_eq!((&line["password"], &line["note"]), (&"x".into(), &"STAFF-4711".into()));
        let line = json(&second, write);
        assert_eq!((&line["password"], &line["note"]), (&"[REDACTED]".into(), &FOUND.into()));
    }
}

#[test]
fn what_the_cut_would_split_is_seen_before_and_large_values_harm_nobody() {
    use crate::logs::limits::{MAX_LOG_MESSAGE_CHARS, MAX_LOG_VALUE_CHARS};
    let at =
        |chars: usize| format!("{} STAFF-4711 {}", "é".repeat(chars - 5), "\0".repeat(1 << 20));
    for format in FORMATS {
        let (rig, policy) = rig(format, staff());
        let (value, message) = (at(MAX_LOG_VALUE_CHARS), at(MAX_LOG_MESSAGE_CHARS));
        let line = rig.line(|| info!(value, shown = %value, debug = ?value, "{message}"));
        assert!(!line.contains("STAF") && line.contains('…'), "{}", line.len());
        assert_eq!(policy.redactions(), [("staff", "logs", 4)]);
        assert_eq!(rig.dropped(DropReason::TextChanged), 4);
        let nul = "\0STAFF-4711\0\u{2028}";
        let line = rig.line(|| info!(nul, shown = %nul, "{nul}"));
        assert!(!line.contains("4711") && !line.contains(['\0', '\u{2028}']), "{line}");
    }
}

#[test]
fn a_detector_that_panics_costs_the_value_and_nothing_else() {
    let broken = Detector::new("broken", |text| match text.contains("boom") {
        // No message: to write one with its backtrace takes longer than a detector may.
        true => std::panic::resume_unwind(Box::new("of the host")),
        false => Vec::new(),
    });
    for format in FORMATS {
        let (rig, policy) = rig(format, Redaction::empty().detector(broken.clone()));
        let line = rig.line(|| info!(note = "a boom", shown = %"boom", rows = 12, "boom"));
        assert!(!line.contains("boom") && line.contains("12"), "{line}");
        assert_eq!(line.matches("[REDACTED:unjudged]").count(), 3, "{line}");
        assert_eq!(policy.redactions(), [("unjudged", "logs", 3)]);
    }
}

#[test]
fn a_value_that_panics_is_scrubbed_as_far_as_it_came() {
    struct Panics;
    impl std::fmt::Display for Panics {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("of STAFF-4711, then ")?;
            panic!("a value of the host")
        }
    }
    let (rig, _) = rig(LogLines::Json, staff());
    let line = json(&rig, || info!(broken = %Panics, rows = 12, "x"));
    assert_eq!(line["broken"], format!("of {FOUND}, then [panicked]"));
    assert_eq!(line["rows"], 12);
}

#[test]
fn what_the_default_rules_find_stays_out() {
    let address = concat!("ada.lovelace", "@", "example.org");
    let (rig, policy) = rig(LogLines::Json, Redaction::default());
    let line = json(&rig, || info!(note = address, "mail to {address}"));
    let placeholder = format!("[REDACTED:{}]", Sensitive::Email.as_str());
    assert_eq!(
        (&line["note"], &line["message"]),
        (&placeholder.clone().into(), &format!("mail to {placeholder}").into())
    );
    assert_eq!(policy.redactions(), [("email", "logs", 2)]);
}
