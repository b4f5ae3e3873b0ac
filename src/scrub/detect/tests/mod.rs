mod encoded;
mod found;
mod kept;
mod properties;

use super::super::key::{Hint, KeyRules};
use super::super::kind::{Kind, Sensitive};
use super::*;

fn rules() -> KeyRules {
    KeyRules::new(true, &[], &[], &[], false)
}

fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::BuiltIn(kind) => kind.as_str(),
        Kind::Custom(_) => "custom",
    }
}

fn findings(text: &str) -> Vec<Finding> {
    let findings = Detectors::new(|_| true).find(text, Hint::NONE, &rules());
    assert!(findings.is_empty() || !Detectors::is_harmless(text), "{text:?} {findings:?}");
    findings
}

/// What becomes of a text.
fn scrubbed(text: &str) -> String {
    scrubbed_to(text, usize::MAX)
}

fn scrubbed_to(text: &str, max_chars: usize) -> String {
    replace(text, &findings(text), max_chars, findings, name).into_owned()
}

#[test]
fn detectors_that_are_off_find_nothing() {
    let text = "mail ann@example.com or call +14155550132";
    let keys = rules();
    let phones = Detectors::new(|kind| kind == Sensitive::Phone);
    let kinds = |detectors: &Detectors| -> Vec<_> {
        detectors.find(text, Hint::NONE, &keys).iter().map(|found| name(found.kind)).collect()
    };
    assert_eq!(kinds(&phones), ["phone"]);
    assert!(kinds(&Detectors::new(|_| false)).is_empty());
}

#[test]
fn a_hint_turns_addresses_off() {
    let detectors = Detectors::new(|_| true);
    assert!(detectors.find("93.184.216.34", Hint { ip: false }, &rules()).is_empty());
    assert_eq!(detectors.find("93.184.216.34", Hint::NONE, &rules()).len(), 1);
}

#[test]
fn the_users_words_count_in_texts_too() {
    let keys = KeyRules::new(true, &["badge".to_owned()], &[], &[], false);
    let found = Detectors::new(|_| true).find("badge=abcdef, pages=12", Hint::NONE, &keys);
    assert_eq!(found, [Finding { start: 6, end: 12, kind: Kind::BuiltIn(Sensitive::Secret) }]);
}

#[test]
fn the_shortest_of_each_kind_are_found_in_short_texts() {
    for text in [
        "xoxb-abcdefghi1",
        "xapp-abcdefghi1",
        &format!("sk_live_{}", "a".repeat(16)),
        &format!("glpat-{}", "a".repeat(20)),
        &format!("AKIA{}", "B".repeat(16)),
        &format!("discord.com/api/webhooks/{}", "a".repeat(20)),
        "NO09ABCDEFGHIJK",
        "123-45-6789",
        "8.8.8.8",
        "Patient/1",
        "a@b.co",
        "pwd=hunter2",
    ] {
        assert_eq!(findings(text).len(), 1, "{text}");
    }
}

#[test]
fn values_of_address_keys_are_masked() {
    for (value, masked) in [
        ("93.184.216.34", "93.184.216.0/24"),
        (" 93.184.216.34:443", " 93.184.216.0/24:443"),
        ("93.184.216.34, 10.0.0.1", "93.184.216.0/24, 10.0.0.1"),
        ("2606:2800:220:1:248:1893:25c8:1946", "2606:2800:220::/48"),
        ("[2606:2800:220:1::1]:443", "2606:2800:220::/48:443"),
        ("::ffff:93.184.216.34", "93.184.216.0/24"),
        ("1.2.3.4", "1.2.3.0/24"),
    ] {
        assert_eq!(mask_ip(value).as_deref(), Some(masked), "{value}");
        assert_eq!(mask_ip(masked), None, "{masked}");
    }
    for value in [
        "",
        "10.0.0.1",
        "127.0.0.1:80",
        "::1",
        "fe80::1",
        "localhost",
        "93.184.216.0/24",
        "100.64.0.9",
    ] {
        assert_eq!(mask_ip(value), None, "{value}");
    }
}
