//! Tokens and credentials: read from where they are, shown nowhere.

use super::*;

fn with_file(path: &str) -> Builder {
    plain().prometheus(Prometheus::default().bearer_token_file(path))
}

fn token_of(resolved: Resolved) -> Option<String> {
    let token = resolved.settings.prometheus.unwrap().token;
    token.map(|token| token.expose().to_owned())
}

#[test]
fn a_token_file_is_read_without_its_last_newline() {
    for (name, content) in [("lf", "hunter2\n"), ("crlf", "hunter2\r\n"), ("bare", "hunter2")] {
        let file = Scratch::new(name, content);
        assert_eq!(token_of(resolved(&with_file(file.path()), &[])).as_deref(), Some("hunter2"));
        let set = [("LIGHTSHIP_ADMIN_TOKEN_FILE", file.path())];
        assert_eq!(token_of(resolved(&plain(), &set)).as_deref(), Some("hunter2"));
    }
    let largest = Scratch::new("largest", "x".repeat(4_096));
    assert_eq!(token_of(resolved(&with_file(largest.path()), &[])).map(|t| t.len()), Some(4_096));
}

#[test]
fn a_token_file_that_cannot_be_used_is_a_problem_that_names_it() {
    let empty = Scratch::new("empty", "\n");
    let large = Scratch::new("large", "x".repeat(4_097));
    let binary = Scratch::new("binary", [0xff, 0xfe]);
    let spaced = Scratch::new("spaced", "hunter2 \nhunter2");
    let directory = std::env::temp_dir();
    for (path, why) in [
        ("/nowhere/token", "No such file"),
        (empty.path(), "is empty"),
        (large.path(), "larger than 4096 bytes"),
        (binary.path(), "is not text"),
        (spaced.path(), "has spaces"),
        (directory.to_str().unwrap(), "not a regular file"),
        ("", "can't be read"),
    ] {
        let problems = problems(&with_file(path), &[]);
        assert_eq!(problems.len(), 1, "{path}: {problems:?}");
        assert!(problems[0].starts_with("prometheus.bearer_token_file: `"), "{problems:?}");
        assert!(problems[0].contains(path) && problems[0].contains(why), "{problems:?}");
        assert!(!problems[0].contains("hunter2"), "{problems:?}");
    }
}

#[test]
fn a_token_variable_that_cannot_be_used_closes_the_page() {
    for (name, raw) in
        [("LIGHTSHIP_ADMIN_TOKEN", "hunter2 x"), ("LIGHTSHIP_ADMIN_TOKEN_FILE", "/nowhere/token")]
    {
        let Resolved { settings, warnings, explanation } = resolved(&plain(), &[(name, raw)]);
        let reason = settings.prometheus.unwrap_err();
        assert_eq!(reason, format!("{name} can't be used, and the page must not be open"));
        assert!(settings.dogstatsd.is_ok());
        assert!(warnings[0].starts_with(name) && warnings[0].ends_with("; the page is off"));
        assert!(!warnings[0].contains("hunter2"), "{warnings:?}");
        assert!(!explanation.to_string().contains("hunter2"));
    }
}

#[test]
fn files_are_left_alone_where_nothing_listens() {
    let off = [("OTEL_SDK_DISABLED", "true")];
    assert!(resolved(&with_file("/nowhere/token"), &off).settings.prometheus.is_err());
    let disabled = Prometheus { disabled: true, ..Prometheus::default().bearer_token_file("/no") };
    assert!(resolved(&plain().prometheus(disabled), &[]).settings.prometheus.is_err());
}

#[test]
fn the_token_comes_before_the_file_in_variables() {
    let set = [("LIGHTSHIP_ADMIN_TOKEN", "a"), ("LIGHTSHIP_ADMIN_TOKEN_FILE", "/nowhere/token")];
    let resolved = resolved(&plain(), &set);
    assert!(resolved.warnings[0].starts_with("LIGHTSHIP_ADMIN_TOKEN_FILE: "));
    assert_eq!(token_of(resolved).as_deref(), Some("a"));
}

#[test]
fn the_explanation_shows_no_secret() {
    let file = Scratch::new("shown", "hunter2\n");
    let set = [
        ("DD_DOGSTATSD_URL", "udp://user:hunter2@agent:8125"),
        ("DD_AGENT_HOST", "user:hunter2@agent"),
        ("DD_TAGS", "api_key:hunter2,session.token:hunter2"),
        ("OTEL_RESOURCE_ATTRIBUTES", "db.password=hunter2,hunter2"),
        ("OTEL_METRICS_EXPORTER", "prometheus,otlp"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://user:hunter2@collector:4318"),
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "https://collector/v1/traces?key=hunter2"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20hunter2,hunter2,hunter2 x=hunter2"),
    ];
    let token = plain().prometheus(Prometheus::default().bearer_token("hunter2"));
    let token = token.otlp(Otlp::default().header("api-key", "hunter2"));
    for builder in [token, with_file(file.path())] {
        let Resolved { settings, warnings, explanation } = resolved(&builder, &set);
        assert_eq!(settings.resource.attributes, []);
        for text in [format!("{explanation}"), format!("{explanation:?}"), format!("{settings:?}")]
        {
            assert!(!text.contains("hunter2"), "{text}");
            assert!(text.contains("********"), "{text}");
        }
        assert_eq!(warnings.len(), 6, "{warnings:?}");
        let target = settings.otlp.unwrap().traces.unwrap();
        let authorization = target.headers.iter().find(|(name, _)| name == "authorization");
        assert_eq!(authorization.unwrap().1.expose(), "Bearer hunter2");
        assert!(format!("{:?}", target.endpoint).contains("?********"));
    }
}
