//! A page of what services put into tags and attributes, before and after.
//!
//! `cargo run --example safe_tags`. Nothing has to be there, and nothing leaves this machine.

use lightship::{Detector, Redaction, Redactor, Tag, counter, hashed, secret, short, truncated};

/// Values that the type bounds: as many series as variants, whatever comes in.
#[derive(Debug, Clone, Copy, Tag)]
enum Report {
    Blood,
    Genome,
}

fn main() -> Result<(), lightship::Error> {
    // In production the key comes from LIGHTSHIP_HASH_KEY.
    let telemetry = lightship::builder("clinic")
        .hash_key("an example's key, known to everybody")
        .prometheus(lightship::Prometheus::default().listen("127.0.0.1:0"))
        .install()?;

    println!("== Attributes, fields and tags, before and after ==\n");
    page(&telemetry.redactor(), &realistic());

    println!("\n== The same rules on a text ==\n");
    let body = error_body();
    println!("before  {body}\nafter   {}", telemetry.redactor().text(&body));

    println!("\n== Rules of your own ==\n");
    let rules = Redaction::default()
        .deny("blood_type")
        .allow("support.email")
        .detector(Detector::prefixed("clinic_key", "clinic_", 12));
    let own = [
        ("patient.bloodType", "AB-".to_owned()),
        ("support.email", "help@clinic.example".to_owned()),
        ("note", "signed with clinic_k3y0f4ll0fu5".to_owned()),
    ];
    page(&rules.build()?, &own);

    println!("\n== Values that are safe by how they are made ==\n");
    let (session, user) =
        ("0b1d9a3c-59f1-4a61-9d6c-4f6f3a1f2b77", "auth0|5f7c8ec7c33c6c004bbafe82");
    let message = format!("no reply from the laboratory after {} s ", 30).repeat(8);
    for report in [Report::Blood, Report::Genome] {
        counter!(
            "reports",
            "report" => report,
            "session" => short(session),
            "user" => hashed(user),
            "error" => truncated(&message, 60),
            "key" => secret("nobody sees me"),
        )
        .increment(1);
    }

    println!("   (what Prometheus gets)\n");
    // What a thousand tenants do to a metric: the hundred first keep their names, the route stays.
    for n in 0..1_000 {
        let tenant = format!("tenant-{n}");
        counter!("requests", "route" => "/reports", "tenant" => &tenant).increment(1);
    }
    let text = telemetry.prometheus_text();
    show(&text, "reports_total{", 2);
    println!("\n== A thousand values of one tag ==\n");
    show(&text, "requests_total{", 2);
    println!("   ...");
    show(&text, "requests_total{route=\"/reports\",tenant=\"_other\"}", 1);

    println!("\n== What the policy did, as the page counts it ==\n");
    show(&text, "lightship_redactions_total{", 20);
    show(&text, "lightship_cardinality_overflow_total{", 20);
    Ok(())
}

/// Each value as a span's attribute or a log's field, and as a metric's tag.
fn page(redactor: &Redactor, values: &[(&str, String)]) {
    println!("{:<26} {:<44} {:<40} tag of a metric", "key", "before", "attribute, field");
    for (key, value) in values {
        let attribute = redactor.attribute(key, value);
        let attribute = if *attribute == **value { "=".into() } else { attribute };
        let tag = redactor.tag(key, value);
        let tag = match tag.as_deref() {
            None => "(no such tag)",
            Some(same) if same == value => "=",
            Some(other) => other,
        };
        println!("{key:<26} {:<44} {:<40} {tag}", cut(value, 44), cut(&attribute, 40));
    }
}

fn cut(text: &str, chars: usize) -> String {
    match text.chars().count() > chars {
        true => text.chars().take(chars - 3).chain("...".chars()).collect(),
        false => text.to_owned(),
    }
}

fn show(text: &str, begin: &str, lines: usize) {
    text.lines().filter(|line| line.starts_with(begin)).take(lines).for_each(|line| {
        println!("   {line}");
    });
}

/// The secrets are made here, so that nobody takes them for real ones.
fn realistic() -> Vec<(&'static str, String)> {
    let token = format!("ghp_{}", "Ab3".repeat(12));
    let jwt = format!("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MiJ9.{}", "sig".repeat(9));
    let mut page: Vec<(&'static str, String)> = Vec::new();
    let mut add = |key, value: &str| page.push((key, value.to_owned()));
    add("http.route", "/users/{id}/reports");
    add("url.full", "https://ada:s3cret@api.example.com/v1?page=2&token=t0k3n");
    add("user_agent.original", "Mozilla/5.0 (X11; Linux x86_64) Chrome/120.0.0.0");
    add("user.email", "ada@example.com");
    add("user.id", "4711");
    add("session", "0b1d9a3c-59f1-4a61-9d6c-4f6f3a1f2b77");
    add("client.address", "203.0.113.77");
    add("server.address", "10.1.2.3");
    add("db.password", "hunter2");
    add("dbPasswordLength", "7");
    add("git.remote", &format!("push with {token} failed"));
    add("reason", &format!("denied: Bearer {jwt}"));
    add("error", "no account for ada.lovelace%40example.com");
    add("note", "card 4111 1111 1111 1111 declined, order 4111111111111112");
    add("note", "call +49 170 1234567 about DE89 3704 0044 0532 0130 00");
    add("note", "SSN 536-22-8726, build 2026-11-21");
    add("gen_ai.request.model", "gpt-4o-2024-08-06");
    add("gen_ai.usage.input_tokens", "1200");
    add("trace", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    add("code.function.name", "db::add");
    add("k8s.pod.name", "upload-7d9c6b5f4-x2x9q");
    add("deployed", "1763683200000");
    add("error", "invalid password for user");
    page
}

fn error_body() -> String {
    "{\"user\":\"ada\",\"email\":\"ada@example.com\",\"password\":\"hunter2\",\"retries\":3,\
     \"upstream\":\"postgres://app:s3cret@db.internal:5432/clinic\",\"request\":\"9f1c\"}"
        .to_owned()
}
