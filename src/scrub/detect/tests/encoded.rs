//! What is percent-encoded is judged as what it stands for.

use super::*;

/// As `encodeURIComponent` does it.
fn encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[test]
fn what_shows_once_something_is_replaced_is_replaced_too() {
    assert_eq!(scrubbed("dob%208.8.8.8="), "dob%20[REDACTED:medical_id].0/24=");
}

#[test]
fn what_goes_goes_encoded_too() {
    let token = ["gh", "p_", &"aB3d".repeat(9)].concat();
    for (before, secret, after) in [
        ("password = ", "hunter2x", " (wrong)"),
        ("{ \"apiKey\" : \"", "k3y-0f-th3-sh0p", "\", \"n\": 1 }"),
        ("{\"body\":\"{\\\"secret\\\":\\\"", "s3cr3tx", "\\\",\\\"n\\\":1}\"}"),
        ("[smtp]\npasswd = \"", "p4ssw0rd", "\"\nport = 25"),
        ("GET / HTTP/1.1\r\nAuthorization: Bearer ", "aB3dE5fG7h", "\r\nHost: x"),
        ("GET / HTTP/1.1\r\nCookie: ", "a=b1; c=d2", "\r\nHost: x"),
        ("clone with ", token.as_str(), ", again"),
        ("postgres://app:", "p/w?x", "@db/orders"),
        ("/users?q=", "ann@example.com", "&n=1"),
        ("pay ", "4111 1111 1111 1111", " now"),
        ("to ", "DE89 3704 0044 0532 0130 00", ", ref 7"),
        ("call ", "(415) 555-0132", " now"),
        ("peer=[", "2606:2800:220:1::1", "]:443"),
        ("SSN ", "123456789", " unknown"),
        ("born: DOB ", "04/07/1981", ", x"),
        ("GET /fhir/Patient/", "88213", "/x"),
    ] {
        let text = [before, secret, after].concat();
        let (once, secret_once) = (encoded(&text), encoded(secret));
        for (text, secret) in [(&once, &secret_once), (&encoded(&once), &encoded(&secret_once))] {
            let scrubbed = scrubbed(text);
            assert!(!scrubbed.contains(secret.as_str()), "{text}: {scrubbed}");
            assert!(scrubbed.contains("[REDACTED:"), "{scrubbed}");
        }
    }
}

#[test]
fn what_stays_stays_encoded_too() {
    for text in [
        "password=***",
        "{\"password\":\"***\"}",
        "token: ${TOKEN}",
        "Authorization: Bearer <token>",
        "Cookie: [REDACTED]",
        "https://ann@host.example/path",
        "auth::session::token::verify",
        "order 4111 1111 1111 1112",
        "{\"properties\":{\"password\":{\"type\":\"string\"}}}",
        "100% of 20%",
        "{\"model\":\"gpt-4o\",\"tokens\":[1,2]}",
    ] {
        let once = encoded(text);
        assert_eq!(scrubbed(&once), once, "{text}");
        let twice = encoded(&once);
        assert_eq!(scrubbed(&twice), twice, "{text}");
    }
}

#[test]
fn what_is_encoded_inside_of_what_is_not_goes_whole() {
    for (text, expected) in [
        ("/x?token=ab%26cd%20ef&n=1", "/x?token=[REDACTED:secret]&n=1"),
        (
            "/x?next=https%3A%2F%2Fy%3Ftoken%3Dhunter2%2526more%26n%3D1",
            "/x?next=https%3A%2F%2Fy%3Ftoken%3D[REDACTED:secret]%26n%3D1",
        ),
        ("\u{e9}%C3%A9%20ann%40example.com\u{e9}", "\u{e9}%C3%A9%20[REDACTED:email]\u{e9}"),
    ] {
        assert_eq!(scrubbed(text), expected);
    }
}
