//! What autometrics' published dashboards ask Prometheus for.

use lightship::{DogStatsd, Logs, Otlp, Prometheus, observe};

#[observe]
fn answers(fine: bool) -> Result<u8, std::fmt::Error> {
    if fine { Ok(1) } else { Err(std::fmt::Error) }
}

fn page(builder: lightship::Builder) -> String {
    let telemetry = builder
        .without_environment()
        .version("1.4.2")
        .otlp(Otlp::disabled())
        .dogstatsd(DogStatsd::disabled())
        .prometheus(Prometheus::default().no_listener())
        .logs(Logs::disabled())
        .build()
        .unwrap();
    telemetry.scope(|| {
        answers(true).unwrap();
        answers(false).unwrap_err();
    });
    telemetry.prometheus_text()
}

#[test]
fn the_page_has_the_names_and_labels_of_the_dashboards() {
    let page = page(lightship::builder("dashboards"));
    let has = |start: &str, labels: &[&str], end: &str| {
        let is_it = |line: &&str| {
            line.starts_with(start)
                && labels.iter().all(|label| line.contains(label))
                && line.ends_with(end)
        };
        assert!(page.lines().any(|line| is_it(&line)), "{start} {labels:?} in\n{page}");
    };
    let function = "function=\"answers\"";
    let module = &format!("module=\"{}\"", module_path!());
    has("function_calls_total{", &[function, module, "result=\"ok\"", "outcome=\"ok\""], " 1");
    let failed = [function, module, "result=\"error\"", "error_type=\"Error\""];
    has("function_calls_total{", &failed, " 1");
    has("function_calls_duration_seconds_bucket{", &[function, module, "le=\"0.005\""], " 1");
    has("function_calls_duration_seconds_count{", &failed, " 1");
    // Joined by `on (instance, job)`, so that there is one of it and no more.
    let builds: Vec<_> = page.lines().filter(|line| line.starts_with("build_info")).collect();
    assert_eq!(builds, ["build_info{version=\"1.4.2\"} 1"]);
}

#[test]
fn a_build_is_known_by_what_the_resource_says() {
    let builder = lightship::builder("dashboards")
        .tag("git.commit.sha", "abc")
        .tag("vcs.ref.head.name", "main");
    assert!(
        page(builder).contains("build_info{branch=\"main\",commit=\"abc\",version=\"1.4.2\"} 1")
    );
}
