//! What must go, and what must stay beside it.

use super::*;

fn repeated(letters: &str, count: usize) -> String {
    letters.chars().cycle().take(count).collect()
}

/// `before` + secret + `after` becomes `before` + placeholder + `after`, in whatever it is put.
fn goes(kind: &str, cases: &[(&str, &str, &str)]) {
    let mut wrong = Vec::new();
    let mut check = |text: &str, expected: &str| {
        let scrubbed = scrubbed(text);
        if scrubbed != expected {
            wrong.push((text.to_owned(), scrubbed));
        }
    };
    for (before, secret, after) in cases {
        let text = format!("{before}{secret}{after}");
        let expected = format!("{before}[REDACTED:{kind}]{after}");
        check(&text, &expected);
        check(&expected, &expected);
        let beside = |text: &str| format!("\u{e9}\u{1f980} {text} \u{1f980}\u{e9}");
        check(&beside(&text), &beside(&expected));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn private_keys() {
    let body = repeated("MIIEaBc9", 64);
    for (title, line) in [
        ("PRIVATE KEY", "\n"),
        ("RSA PRIVATE KEY", "\n"),
        ("OPENSSH PRIVATE KEY", "\\n"),
        ("PGP PRIVATE KEY BLOCK", "\n\n"),
    ] {
        let key = format!("-----BEGIN {title}-----{line}{body}{line}-----END {title}-----");
        goes("private_key", &[("key: ", &key, " and more"), ("", &key, "")]);
        let cut = format!("-----BEGIN {title}-----{line}{body}");
        assert_eq!(scrubbed(&format!("a {cut}")), "a [REDACTED:private_key]");
    }
    let encoded =
        format!("k=-----BEGIN%20PRIVATE%20KEY-----%0A{body}%0A-----END%20PRIVATE%20KEY-----&x=1");
    assert_eq!(scrubbed(&encoded), "k=[REDACTED:private_key]&x=1");
    let in_json = format!(
        r#"{{"private_key":"-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n","a":1}}"#
    );
    assert!(!scrubbed(&in_json).contains("MIIE") && scrubbed(&in_json).ends_with(r#""a":1}"#));
}

#[test]
fn passwords_in_urls() {
    goes(
        "url_password",
        &[
            ("postgres://app:", "hunter2", "@db.internal:5432/shop"),
            ("redis://:", "p%40ss!w#rd", "@10.0.0.1:6379/0"),
            ("connecting to https://ann:", "s3:cr@et", "@example.com/a?b=c"),
            ("amqp://u:", "a/b+c", "@mq/v"),
            ("https:\\/\\/u:", "hunter2", "@h.example\\/a"),
            ("url=postgres%3A%2F%2Fapp%3A", "hunter2", "%40db%2Fshop"),
        ],
    );
}

#[test]
fn tokens() {
    let jwt = format!(
        "eyJ{}.eyJ{}.{}",
        repeated("hbGciOi9", 33),
        repeated("zdWIiOiI", 21),
        repeated("a_B-9", 43)
    );
    goes(
        "jwt",
        &[
            ("jwt is ", &jwt, "."),
            ("/callback/", &jwt, "/x"),
            ("", jwt.rsplit_once('.').unwrap().0, " x"),
        ],
    );
    let random = |count| repeated("aB3dE5fG7h", count);
    for token in [
        format!("AKIA{}", repeated("Q2ZX7", 16)),
        format!("ASIA{}", repeated("Q2ZX7", 16)),
        format!("ghp_{}", random(36)),
        format!("gho_{}", repeated("a", 36)),
        format!("github_pat_{}_{}", random(22), random(59)),
        format!("glpat-{}", random(20)),
        format!("sk_live_{}", random(24)),
        format!("rk_live_{}", random(16)),
        format!("whsec_{}", random(32)),
        format!("xoxb-{}-{}", repeated("1234", 12), random(24)),
        format!("AIza{}", random(35)),
        format!("sk-{}", random(48)),
        format!("sk-proj-{}", random(60)),
        format!("sk-ant-api03-{}", random(80)),
        format!("hf_{}", random(34)),
        format!("npm_{}", random(36)),
        format!("SG.{}.{}", random(22), random(43)),
        format!("pylf_v1_{}", random(30)),
        format!("123456789:AA{}", random(33)),
    ] {
        goes(
            "token",
            &[
                ("found ", &token, " in log"),
                ("", &token, ""),
                ("(", &token, ")"),
                ("{\\\"a\\\":\\\"", &token, "\\\"}"),
                ("a\\n", &token, "\\n"),
                ("x=%22", &token, "%22"),
            ],
        );
    }
    let hook = format!("T{}/B{}/{}", repeated("A0", 8), repeated("B0", 8), random(24));
    goes("token", &[("https://hooks.slack.com/services/", &hook, " failed")]);
    let bot = format!("123456789:AA{}", random(33));
    goes("token", &[("https://api.telegram.org/bot", &bot, "/getMe")]);
}

#[test]
fn who_knows_a_hook_may_write_there() {
    let path = repeated("T0B1/", 25);
    goes(
        "token",
        &[
            ("https://hooks.slack.com/services/", &path, ""),
            ("to hooks.slack.com/services/", &path, " again"),
            ("discord.com/api/webhooks/", &path, "?a"),
        ],
    );
}

#[test]
fn headers() {
    let opaque = repeated("aB3dE5fG7h", 24);
    goes(
        "authorization",
        &[
            ("Authorization: Bearer ", &opaque, ""),
            ("authorization: Basic ", "YWxhZGRpbjpvcGVuc2VzYW1l", "\r\nHost: a"),
            ("-H 'Authorization: Token ", &opaque, "' -v"),
            ("Authorization: ", &opaque, " end"),
            ("{\"Authorization\":\"Bearer ", &opaque, "\"}"),
            ("{\\\"authorization\\\":\\\"Bearer ", &opaque, "\\\"}"),
            ("Authorization=Bearer%20", &opaque, "&a=1"),
            ("sent Bearer ", &opaque, " to b"),
            ("Proxy-Authorization: Digest ", "username=\"ann\", response=\"6629fae4\"", "\n"),
            ("curl with Basic ", "YWxhZGRpbjpvcGVuc2VzYW1l", " failed"),
            ("Authorization: Basic ", "YTpi", ""),
            ("sent Bearer  ", &opaque, " to b"),
            ("{\"m\":\"Authorization: Digest ", "username=\\\"ann\\\", nonce=\\\"6629\\\"", "\"}"),
        ],
    );
    goes(
        "cookie",
        &[
            ("Cookie: ", "sid=abc123; theme=dark", ""),
            ("GET /\r\ncookie: ", "a=b", "\r\nHost: x"),
            ("Set-Cookie: ", "id=a3fWa; Expires=Wed, 21 Oct 2026 07:28:00 GMT; HttpOnly", "\nX: y"),
            ("{\"Cookie\":\"", "sid=abc123; theme=dark", "\"}"),
            ("Cookie: ", "aB3dE5fG7haB3dE5fG7h", ""),
        ],
    );
}

#[test]
fn secrets_behind_their_names() {
    goes(
        "secret",
        &[
            ("password=", "hunter2", ""),
            ("DB_PASSWORD=", "hunter2", " HOST=db"),
            ("password: ", "hunter2", ", user: ann"),
            ("Password = ", "hunter2", "; Server=db"),
            ("login failed, pwd=", "correct-horse", ", retry"),
            ("{\"password\":\"", "hunter2", "\",\"a\":1}"),
            ("{\"password\": \"", "with \\\" quote, and comma", "\"}"),
            ("{\\\"password\\\":\\\"", "x", "\\\",\\\"a\\\":1}"),
            ("{\\\\\\\"apiKey\\\\\\\":\\\\\\\"", "x1", "\\\\\\\"}"),
            ("{'client_secret': '", "abc def", "'}"),
            ("%22password%22%3A%22", "hunter2", "%22%2C"),
            ("%7B%5C%22password%5C%22%3A%5C%22", "hunter2", "%5C%22%7D"),
            ("a=1&password%3D", "hunter2", "%26b=2"),
            ("\\u0022password\\u0022:\\u0022", "hunter2", "\\u0022"),
            ("{\"pin\": ", "1234", ", \"a\": 2}"),
            ("{\"cvv\":", "123", "}"),
            ("\"ssn\":\"", "123456789", "\""),
            ("api key: ", "abc123", ""),
            ("Api-Key: ", "abc123", "\r\n"),
            ("x-api-key: ", "0a1b2c", " x"),
            ("access_token=", "abcdef", "&next=/"),
            ("date of birth: ", "1980-02-01", ", x"),
            ("DOB: ", "12 March 1980", ""),
            ("full name: ", "Ann Lee", ", aged"),
            ("patient name: ", "M\u{fc}ller", ""),
            ("credit card: ", "4111 1111 1111 1112", ""),
            ("phone: ", "030 123456", ""),
            ("home address: ", "1 Elm Street, Springfield", "; x"),
            ("passphrase: ", "correct horse battery staple", ""),
            ("Config { token: \"", "abc", "\", port: 1 }"),
            ("Config { token: Some(\"", "abc", "\"), port: 1 }"),
            ("user[password]=", "hunter2", "&a=1"),
            ("config[\"password\"] = \"", "hunter2", "\""),
            ("user%5Bpassword%5D=", "hunter2", "&a=1"),
            ("\"passwords\": [\"", "a\", \"b", "\"]"),
            ("\u{65e5}\u{672c}password=", "hunter2", ""),
            ("client_secret => '", "x y", "'"),
            ("Server=a;Password=", "p@ss#1", ";Database=b"),
            ("\\npassword=", "hunter2", "\\n"),
            ("token: ", "abc123def", ""),
            ("sessionToken=", "abc", ""),
            ("PGPASSWORD=", "hunter2", " psql -h db"),
            ("pw=", "hunter2", ""),
            ("otp code: ", "483920", ""),
            ("patient_id=", "88213", "&a"),
            ("medical record number: ", "MR-448812", " of"),
            ("{&quot;password&quot;:&quot;", "hunter2", "&quot;}"),
        ],
    );
}

#[test]
fn parameters_of_queries() {
    goes(
        "secret",
        &[
            ("https://a.example/x?X-Amz-Signature=", "fe5f80f7", "&y=1"),
            ("/cb?sig=", "abcd1234", ""),
            ("/cb?a=1&SIGNATURE=", "abcd1234", "#top"),
            ("/cb?code=", "SplxlOBeZQQYbYS6WxSbIA", "&state=xyz"),
            ("/maps?key=", "abc123def", ""),
            ("/x?auth=", "abc123def", "&a"),
            ("/x?a=1&amp;token=", "abcdef", "&amp;b=2"),
            ("/x?a=1\\u0026token=", "abcdef", "\\u0026b=2"),
            ("access_token=", "abcdef", "&b=2"),
        ],
    );
}

#[test]
fn mail_addresses() {
    goes(
        "email",
        &[
            ("", "ann@example.com", ""),
            ("from <", "ann.lee+tag@mail.example.co.uk", ">, to"),
            ("user=", "ann%40example.com", "&a=1"),
            ("to%3D", "ann%2Btag%40example.com", "%26"),
            ("by ", "ANN@EXAMPLE.COM", "."),
            ("{\"to\":\"", "o'ann@example.com".trim_start_matches("o'"), "\"}"),
            ("a\\n", "ann@example.com", "\\n"),
            ("\u{65e5}", "ann@example.com", "\u{65e5}"),
            ("", "ann\\u0040example.com", " x"),
            ("mailto:", "ann@example.museum", "?subject=x"),
            ("", "ann@m\u{fc}ller.de", " x"),
        ],
    );
}

#[test]
fn numbers_of_cards_and_accounts() {
    goes(
        "card",
        &[
            ("paid with ", "4111111111111111", ""),
            ("", "4111 1111 1111 1111", " ok"),
            ("card ", "5555-5555-5555-4444", ", x"),
            ("", "378282246310005", ""),
            ("", "3782 822463 10005", ""),
            ("", "3056 930902 5904", ""),
            ("", "6011111111111117", ""),
            ("", "30569309025904", ""),
            ("", "4111 1111 1111 1111", " 12/29 123"),
            ("", "4111111111111111", " 123"),
            ("n=%22", "4111%201111%201111%201111", "%22"),
            ("a\\n", "4111111111111111", "\\n"),
            ("\u{65e5}", "4222222222222", "\u{65e5}"),
            ("", "2223003122003222", "."),
        ],
    );
    goes(
        "iban",
        &[
            ("to ", "DE89370400440532013000", ""),
            ("to ", "DE89 3704 0044 0532 0130 00", " now"),
            ("", "GB29 NWBK 6016 1331 9268 19", "."),
            ("", "NO9386011117947", ","),
            ("", "GB29NWBK60161331926819", ""),
            ("", "MT84MALT011000012345MTLCAST001S", ""),
            ("", "FR14 2004 1010 0505 0001 3M02 606", ""),
        ],
    );
    goes(
        "ssn",
        &[
            ("ssn ", "123-45-6789", ""),
            ("", "123-45-6789", " 42"),
            ("", "123-45-6789", " on file"),
            ("SSN ", "123456789", ""),
            ("ssn is ", "123456789", "."),
            ("a\\n", "123-45-6789", "\\n"),
        ],
    );
}

#[test]
fn phones() {
    goes(
        "phone",
        &[
            ("call ", "+14155550132", ""),
            ("call ", "+1 415 555 0132", " now"),
            ("", "+1 (415) 555-0132", ""),
            ("", "+44 20 7946 0958", ", x"),
            ("", "+49-30-12345678", ""),
            ("", "(415) 555-0132", ""),
            ("", "415-555-0132", "."),
            ("", "415.555.0132", ""),
            ("call ", "415 555 0132", " now"),
            ("", "1-415-555-0132", ""),
            ("to=", "%2B14155550132", "&a"),
            ("{\"a\":\"", "+14155550132", "\"}"),
        ],
    );
}

#[test]
fn addresses_keep_their_network() {
    for (text, expected) in [
        ("93.184.216.34", "93.184.216.0/24"),
        ("client 93.184.216.34:443 gone", "client 93.184.216.0/24:443 gone"),
        ("from 8.8.8.8.", "from 8.8.8.0/24."),
        ("ip=203.0.113.7, x", "ip=203.0.113.0/24, x"),
        ("http://93.184.216.34/a", "http://93.184.216.0/24/a"),
        ("93.184.216.34/32", "93.184.216.0/24"),
        ("2606:2800:220:1:248:1893:25c8:1946", "2606:2800:220::/48"),
        ("from [2606:2800:220:1::1]:443", "from [2606:2800:220::/48]:443"),
        ("peer 2a00:1450:4001:81b::200e, x", "peer 2a00:1450:4001::/48, x"),
        ("client 1.2.3.4 sent", "client 1.2.3.0/24 sent"),
    ] {
        assert_eq!(scrubbed(text), expected);
        assert_eq!(scrubbed(expected), expected);
    }
}

#[test]
fn medical_ids() {
    goes(
        "medical_id",
        &[
            ("MRN ", "12345678", ""),
            ("MRN#", "12345678", " seen"),
            ("mrn no. ", "1234567", ""),
            ("MRN ", "A1234567", ""),
            ("NHS ", "943 476 5919", ""),
            ("NHS number ", "9434765919", "."),
            ("NHS: ", "943 476 5919", ""),
            ("MBI ", "1EG4-TE5-MK73", ""),
            ("MBI: ", "1EG4TE5MK73", ""),
            ("DOB ", "1980-02-01", ""),
            ("DOB ", "02/01/1980", ", x"),
            ("GET /Patient/", "123", "/record"),
            ("Patient/", "4f9d2a7c-1", ""),
        ],
    );
    for (text, gone) in
        [("MRN: 1234567", "1234567"), ("mrn=1234567", "1234567"), ("patient id: P12345", "P12345")]
    {
        assert!(!scrubbed(text).contains(gone), "{text}");
    }
}

#[test]
fn elements() {
    goes(
        "secret",
        &[
            ("<user>bob</user><password>", "it is hunter2 &amp; more", "</password><n>1</n>"),
            ("<apiKey>", "c0ffee42c0ffee", "</apiKey>"),
        ],
    );
    for kept in [
        "<password></password>",
        "<password>***</password>",
        "<password><value>1</value></password>",
        "Option<Password>::new(hunter2)",
        "<token_type>Bearer</token_type>",
        "a <password> b",
        "HashMap<Token, u64></Token>",
    ] {
        assert_eq!(scrubbed(kept), kept);
    }
}
