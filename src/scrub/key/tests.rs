use super::*;

fn strings(list: &[&str]) -> Vec<String> {
    list.iter().map(|entry| (*entry).to_owned()).collect()
}

fn rules() -> KeyRules {
    KeyRules::new(true, &[], &[], &[], false)
}

fn own(deny: &[&str], allow: &[&str], pseudonymise: &[&str], strict: bool) -> KeyRules {
    KeyRules::new(true, &strings(deny), &strings(allow), &strings(pseudonymise), strict)
}

#[test]
fn secrets_and_persons_are_denied_however_they_are_spelt() {
    for key in [
        "password",
        "dbPassword",
        "DB_PASSWORD",
        "http.request.header.authorization",
        "api_key",
        "apiKey",
        "api-key",
        "X-Api-Key",
        "date_of_birth",
        "credit.card",
        "token",
        "user.email",
        "patientName",
        "session",
        "sid",
        "PHPSESSID.sid",
        "password2",
        "secret.value",
        "private_key_pem",
        "connectionString",
        "billing.address",
        "home_address",
        "card_number",
        "phoneNumber",
        "contact.phone",
        "patient_id",
        "medicalRecord",
        "mysql_pwd",
        "x-csrf-token",
        "idToken",
        "AWSSecretAccessKey",
        "cookies",
        "http.request.header.set-cookie",
        "DB_PASS",
        "nhs_number",
        "clientSecret",
        "client_secret",
        "jwt",
        "firstName",
        "last_name",
        "social_security_no",
    ] {
        assert_eq!(rules().class(key), KeyClass::Denied, "{key}");
    }
}

#[test]
fn look_alikes_pass() {
    for key in [
        "author",
        "tokenizer",
        "secretary",
        "passenger",
        "password_length",
        "token_type",
        "keys",
        "key",
        "service.name",
        "tokens_total",
        "route",
        "cookie_count",
        "name",
        "address",
        "",
        "http.route",
        "authority",
        "pinned",
        "spinner",
        "max_tokens",
        "auth.method",
        "session_count",
        "email_verified",
        "phone_type",
        "primary_key",
        "cache.key",
        "passed",
        "opinion",
        "company",
        "pane",
        "server.address",
        "id",
        "order.id",
        "request_id",
        "password_expires_at",
        "token_ttl",
        "file.name",
        "string",
        "messaging.kafka.message.key",
        "vectorization",
        "idempotency_key",
        "thread.name",
    ] {
        let class = rules().class(key);
        assert!(matches!(class, KeyClass::Plain(_)), "{key}: {class:?}");
    }
}

#[test]
fn other_classes() {
    for key in
        ["user.id", "userId", "enduser.id", "customer_id", "accountID", "session.id", "client_id"]
    {
        assert_eq!(rules().class(key), KeyClass::Pseudonym, "{key}");
    }
    for key in ["cloud.account.id", "aws_account_id"] {
        assert_eq!(rules().class(key), KeyClass::Plain(Hint { ip: true }), "{key}");
    }
    for key in [
        "client.address",
        "http.request.header.x-forwarded-for",
        "user.ip",
        "remote_addr",
        "x-real-ip",
        "REMOTE_ADDR",
        "clientIp",
    ] {
        assert_eq!(rules().class(key), KeyClass::Ip, "{key}");
    }
    for key in ["trace_id", "dd.span_id", "traceparent"] {
        assert_eq!(rules().class(key), KeyClass::Allowed, "{key}");
    }
    for key in ["service.version", "os.name", "browser", "app.build", "snmp.oid"] {
        assert_eq!(rules().class(key), KeyClass::Plain(Hint { ip: false }), "{key}");
    }
    for key in [
        "gen_ai.request.model",
        "gen_ai.usage.cache_read.input_tokens",
        "gen_ai.conversation.id",
        "gen_ai.input.messages",
        "gen_ai.system_instructions",
        "gen_ai.tool.call.arguments",
    ] {
        assert_eq!(rules().class(key), KeyClass::Plain(Hint::NONE), "{key}");
    }
}

#[test]
fn the_users_rules_come_first_and_denying_before_allowing() {
    let rules = own(
        &["patient_file", "ci.secret"],
        &["ci.*", "build.token"],
        &["tenant", "ci.user"],
        false,
    );
    let expected = [
        ("form.patientFile", KeyClass::Denied),
        ("ci.secret", KeyClass::Denied),
        ("ci.password", KeyClass::Allowed),
        ("Build.Token", KeyClass::Allowed),
        ("build.tokens.token", KeyClass::Denied),
        ("tenant", KeyClass::Pseudonym),
        ("app.tenant", KeyClass::Pseudonym),
        ("ci.user", KeyClass::Pseudonym),
        ("tenant.size", KeyClass::Plain(Hint::NONE)),
    ];
    for (key, class) in expected {
        assert_eq!(rules.class(key), class, "{key}");
    }
}

#[test]
fn strict_rules_let_through_what_is_listed() {
    let rules = own(&[], &["kind"], &["shop.customer"], true);
    for key in ["note", "document.title", "order.id"] {
        assert_eq!(rules.class(key), KeyClass::Unlisted, "{key}");
    }
    assert_eq!(rules.class("kind"), KeyClass::Allowed);
    assert_eq!(rules.class("http.route"), KeyClass::Plain(Hint::NONE));
    assert_eq!(rules.class("password"), KeyClass::Denied);
    assert_eq!(rules.class("user.id"), KeyClass::Pseudonym);
    assert_eq!(rules.class("trace_id"), KeyClass::Allowed);
}

#[test]
fn without_built_in_rules_only_the_users_count() {
    let rules = KeyRules::new(false, &strings(&["note"]), &[], &[], false);
    assert_eq!(rules.class("password"), KeyClass::Plain(Hint::NONE));
    assert_eq!(rules.class("a.note"), KeyClass::Denied);
    assert_eq!(rules.label(b"password"), Label::Harmless);
    assert_eq!(rules.label(b"my_note"), Label::Secret);
}

#[test]
fn sessions_are_told_by_their_last_word() {
    for key in ["session", "sid", "user.session", "SESSION"] {
        assert!(rules().is_session(key), "{key}");
    }
    for key in ["session.id", "sessions", "side", "", "password.session", "secret_sid"] {
        assert!(!rules().is_session(key), "{key}");
    }
    let own = KeyRules::new(true, &["session".to_owned()], &[], &[], false);
    assert!(!own.is_session("user.session") && own.is_session("sid"), "the user's word counts");
}

#[test]
fn labels_say_what_their_values_look_like() {
    for (label, expected) in [
        ("password", Label::Secret),
        ("api_key", Label::Secret),
        ("access_token", Label::Opaque),
        ("auth", Label::Weak),
        ("phone", Label::Digits),
        ("cookie", Label::Cookie),
        ("Proxy-Authorization", Label::Authorization),
        ("patient_name", Label::Name),
        ("home_address", Label::Address),
        ("dob", Label::Date),
        ("email", Label::Mail),
        ("passphrase", Label::Phrase),
        ("key", Label::Harmless),
        ("token_count", Label::Harmless),
    ] {
        assert_eq!(rules().label(label.as_bytes()), expected, "{label}");
    }
    assert_eq!(rules().spaced_label(b"the api key"), Label::Secret);
    assert_eq!(rules().spaced_label(b"password for key"), Label::Harmless);
    assert!(rules().is_query_secret(b"X-Amz-Signature") && rules().is_query_secret(b"sig"));
    assert!(!rules().is_query_secret(b"page"));
}
