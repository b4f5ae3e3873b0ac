use super::*;
use crate::scrub::Policy;
use proptest::prelude::*;

fn scrubbed(text: &str) -> String {
    scrub(&Policy::shared_default(), text, 4_096)
}

#[test]
fn harmless_json_stays_as_it_is_written() {
    for text in [
        r#"{"kind":"pdf","pages":12, "tags" : ["a", {"b": null}], "ok":true}"#,
        "[]",
        "{\n\t\"name\": \"caf\\u00e9 \\\"x\\\"\",\r\n \"n\": -1.5e+3\n}",
        r#"{"token_count":5,"author":"x"}"#,
        r#""text""#,
        "",
    ] {
        assert_eq!(scrubbed(text), text);
    }
}

#[test]
fn values_go_by_their_keys() {
    for (text, shown) in [
        (r#"{"password":"canary"}"#, r#"{"password":"[REDACTED]"}"#),
        (r#"{"a":{"b":[{"apiKey" : "canary"}]}}"#, r#"{"a":{"b":[{"apiKey" : "[REDACTED]"}]}}"#),
        (r#"{"password":["canary",{"a":"canary}"}],"b":1}"#, r#"{"password":"[REDACTED]","b":1}"#),
        (r#"{"secret":{"a":{"b":"canary"}},"c":2}"#, r#"{"secret":"[REDACTED]","c":2}"#),
        (r#"{"pin":4711,"b":3}"#, r#"{"pin":"[REDACTED]","b":3}"#),
        (r#"{"password":null,"otp":true}"#, r#"{"password":null,"otp":true}"#),
        (r#"{"\u0070assword":"canary"}"#, r#"{"\u0070assword":"[REDACTED]"}"#),
        (r#"{"secrets":[["canary"],"canary"],"c":"d"}"#, r#"{"secrets":"[REDACTED]","c":"d"}"#),
        (r#"{"x":[{"password":"canary"},"y"]}"#, r#"{"x":[{"password":"[REDACTED]"},"y"]}"#),
    ] {
        assert_eq!(scrubbed(text), shown);
    }
}

#[test]
fn json_in_strings_is_json() {
    let inside = r#"{"password":"canary","secret":{"a":{"b":"canary"}},"kind":"pdf"}"#;
    let mut text = inside.to_owned();
    for _ in 0..MAX_NESTED {
        text = serde_json::json!({ "payload": text }).to_string();
        let shown = scrubbed(&text);
        assert!(!shown.contains("canary"), "{shown}");
        assert!(shown.contains("pdf"), "{shown}");
        assert!(serde_json::from_str::<serde_json::Value>(&shown).is_ok(), "{shown}");
    }
}

#[test]
fn what_is_no_json_is_a_text() {
    for text in [
        "password=canary",
        "{password: 'canary'}",
        "--\npassword: canary",
        r#"{"a":"{password=canary}"}"#,
        "\u{feff}{\"password\":\"canary\"}",
    ] {
        let shown = scrubbed(text);
        assert!(!shown.contains("canary") && shown.contains("[REDACTED"), "{shown}");
    }
}

#[test]
fn json_may_end_anywhere() {
    let text = r#"{"a":[{"password":"canary-1","b":"c"}],"secret":{"x":["canary-2"]},"d":"e"}"#;
    for end in 0..text.len() {
        let shown = scrubbed(&text[..end]);
        assert!(!shown.contains("can"), "{shown}");
    }
}

#[test]
fn what_ends_with_the_text_is_not_shown() {
    for (text, shown) in [
        (r#"{"to":"call ada@exam"#, r#"{"to":"call"#),
        (r#"{"to":"ada@exam"#, r#"{"to":""#),
        (r#"{"a":{"card":41111111"#, r#"{"a":{"card":"#),
        (r#"{"a":"{\"to\":\"ada@exam"#, r#"{"a":""#),
        ("17", "17"),
    ] {
        assert_eq!(scrubbed(text), shown);
    }
}

#[test]
fn a_value_across_the_limit_goes_whole() {
    let pad = "x".repeat(80);
    let text = format!("{{\"a\":\"{pad}\",\"password\":\"canary-{}\"}}", "y".repeat(100));
    for limit in 90..130 {
        let shown = scrub(&Policy::shared_default(), &text, limit);
        assert!(!shown.contains("can"), "{shown}");
    }
    // Nothing is shown that begins behind the limit.
    assert_eq!(scrub(&Policy::shared_default(), r#"{"a":1,"b":"c"}"#, 7), r#"{"a":1,"#);
}

proptest! {
    #[test]
    fn nothing_makes_it_panic(
        text in r#"([{}\[\]:, "\\]|password|a|1|true|é|\\u0|"[a-zé]{0,4}"){0,60}"#,
        limit in 0_usize..120,
    ) {
        scrub(&Policy::shared_default(), &text, limit);
    }

    #[test]
    fn json_stays_json_and_is_scrubbed_once(
        keys in prop::collection::vec("[a-z]{1,8}|password|apiKey", 1..8),
        value in ".{0,20}",
    ) {
        let mut object = serde_json::json!({ "leaf": value });
        for key in keys {
            object = serde_json::json!({ key: [object, 17, null, value] });
        }
        let policy = Policy::shared_default();
        let shown = scrub(&policy, &object.to_string(), 1 << 20);
        prop_assert!(serde_json::from_str::<serde_json::Value>(&shown).is_ok(), "{}", shown);
        prop_assert_eq!(scrub(&policy, &shown, 1 << 20), shown);
    }
}
