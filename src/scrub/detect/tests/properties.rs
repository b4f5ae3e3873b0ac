//! What holds for any text at all.

use super::*;
use proptest::prelude::*;

/// Pieces that detectors look for, whole and in part, and what stands between such.
const PIECES: &[&str] = &[
    "password",
    "apiKey",
    "token",
    "api key",
    "cookie",
    "Set-Cookie",
    "authorization",
    "session",
    "auth",
    "phone",
    "dob",
    "full name",
    "home address",
    "passphrase",
    "card number",
    "ssn",
    "MRN",
    "NHS",
    "MBI",
    "DOB",
    "email",
    "REDACTED",
    "key",
    "code",
    "sig",
    "Bearer",
    "Basic",
    "Digest",
    "Patient",
    "bot",
    "git",
    "version",
    "ip",
    "=",
    ":",
    "%3D",
    "%3A",
    "\\u003d",
    "@",
    "%40",
    "\\u0040",
    "://",
    "%3A%2F%2F",
    ":\\/\\/",
    "/",
    "//",
    "?",
    "&",
    "&amp;",
    "\\u0026",
    "%26",
    "#",
    " ",
    "  ",
    "\n",
    "\\n",
    "%20",
    "+",
    "%2B",
    "\t",
    "\"",
    "\\\"",
    "\\\\\\\"",
    "'",
    "%22",
    "\\u0022",
    "[",
    "]",
    "{",
    "}",
    "(",
    ")",
    "<",
    ">",
    "|",
    ",",
    ";",
    ".",
    "-",
    "_",
    "--",
    "-----",
    "-----BEGIN ",
    "-----END ",
    "PRIVATE KEY-----",
    "%",
    "%2",
    "%25",
    "\\",
    "\\u",
    "\\u00",
    "$",
    "${",
    "***",
    "xxx",
    "null",
    "[REDACTED:",
    "[REDACTED:token]",
    "...",
    "h1:",
    "ghp_",
    "sk-",
    "AKIA",
    "AIza",
    "SG.",
    "eyJ",
    ".eyJ",
    "xoxb-",
    "glpat-",
    "hf_",
    "aB3dE5fG7haB3dE5fG7h",
    "aB3dE5fG7haB3dE5fG7haB3dE5fG7haB3dE5fG7h",
    "Q2ZX7Q2ZX7Q2ZX7Q",
    "hunter2",
    "abc",
    "Ann",
    "Lee",
    "a",
    "A",
    "x",
    "4111",
    "1111",
    "4111111111111111",
    "378282246310005",
    "123-45-6789",
    "123456789",
    "415",
    "555",
    "0132",
    "4155550132",
    "1",
    "0",
    "DE89370400440532013000",
    "GB29",
    "NWBK",
    "6016 1331 9268 19",
    "93.184.216.34",
    "8.8.8.8",
    "1.2.3.4",
    "10.0.0.1",
    "/24",
    "/32",
    "2606:2800:220:1::1",
    "::",
    "db::add",
    "943 476 5919",
    "1EG4-TE5-MK73",
    "1980-02-01",
    "example.com",
    "ann@example.com",
    ".com",
    "\u{e9}",
    "\u{1f980}",
    "\u{200d}",
    "\u{fe0f}",
    "\u{65e5}",
    "\u{a0}",
    "\u{2026}",
    "\u{0}",
];

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => prop::collection::vec(prop::sample::select(PIECES), 0..14).prop_map(|pieces| pieces.concat()),
        1 => ".{0,80}",
        1 => "[ -~]{0,80}",
    ]
}

/// Tokens as short as they may be, account numbers and the like, and what stands beside them.
fn short_text() -> impl Strategy<Value = String> {
    const STEMS: &[&str] = &[
        "xoxb-",
        "xoxe-",
        "xapp-",
        "glpat-",
        "ghp_",
        "rk_live_",
        "sk_live_",
        "sk-",
        "whsec_",
        "AKIA",
        "patient/",
        "Patient/",
        "discord.com/api/webhooks/",
        "mrn",
        "SG.",
        "eyJ",
        "GB29NWBK",
        "de89",
        "NO93",
        "-",
        "_",
        ".",
        "/",
        "",
        "1.",
        "415-",
        "123-45-",
        "4539",
    ];
    let pieces = prop::collection::vec(
        prop_oneof![
            prop::sample::select(STEMS).prop_map(str::to_owned),
            "[a-z0-9]{1,9}",
            "[0-9]{1,4}[.-]"
        ],
        1..6,
    );
    let plain = PIECES.iter().filter(|piece| !piece.contains(['=', ':', '@', '%', ' ', '\\', '+']));
    let plain = prop::collection::vec(prop::sample::select(plain.collect::<Vec<_>>()), 0..6);
    (pieces, plain).prop_map(|(pieces, plain)| {
        pieces.concat() + &plain.into_iter().copied().collect::<String>()
    })
}

fn holds(text: &str, max_chars: usize) -> Result<(), TestCaseError> {
    let found = findings(text);
    let mut floor = 0;
    for finding in &found {
        prop_assert!(finding.start >= floor && finding.start < finding.end, "{text:?} {found:?}");
        prop_assert!(text.get(finding.start..finding.end).is_some(), "{text:?} {finding:?}");
        floor = finding.end;
    }
    let whole = scrubbed(text);
    prop_assert_eq!(scrubbed(&whole), whole.clone(), "of {:?}", text);
    let cut = scrubbed_to(text, max_chars);
    prop_assert!(cut.chars().count() <= max_chars);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_096, ..ProptestConfig::default() })]

    #[test]
    fn what_is_told_at_a_glance_has_nothing(text in short_text()) {
        prop_assert!(!Detectors::is_harmless(&text) || findings(&text).is_empty(), "{text:?}");
    }
}

proptest! {
    #[test]
    fn texts_are_scrubbed_once_and_bounded(text in text(), max_chars in 0_usize..60) {
        holds(&text, max_chars)?;
    }

    #[test]
    fn long_runs_of_a_piece_do_no_harm(piece in prop::sample::select(PIECES), count in 1_usize..400) {
        holds(&piece.repeat(count), 100)?;
    }
}
