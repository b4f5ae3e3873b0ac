//! What the options of `#[observe]` do.

use super::{calls, counted_and_timed};
use lightship::testing::{capture, capture_async};
use lightship::{TagRef, TagValue, observe, span_tree};

const HERE: &str = module_path!();
const NAME: &str = "named.by.a.constant";

struct Request {
    id: u64,
    tenant: String,
}

#[derive(Clone, Copy, lightship::Tag)]
enum Plan {
    Free,
}

#[observe(
    name = "handle",
    kind = "server",
    fields(id = request.id, request.tenant = %request.tenant, ?size, later = Empty, "a-b" = 1),
    skip(request),
)]
fn handles(request: &Request, size: Option<u8>) -> u64 {
    tracing::Span::current().record("later", "now");
    request.id
}

#[test]
fn a_span_has_the_fields_that_were_named() {
    let (_, seen) = capture(|| handles(&Request { id: 7, tenant: "acme".into() }, Some(3)));
    let span = seen.span("handle").unwrap();
    assert_eq!(span.kind, "server");
    for (key, value) in [
        ("id", "7"),
        ("request.tenant", "acme"),
        ("size", "Some(3)"),
        ("later", "now"),
        ("a-b", "1"),
    ] {
        assert_eq!(span.attribute(key), Some(value), "{key} of {span:?}");
    }
    assert_eq!(calls(&seen, "handles", HERE, "ok"), 1, "metrics keep the function's own name");
}

#[observe(tags(plan = plan, shard = request.id % 4, tenant = request.tenant, region = "eu"))]
async fn tagged(request: Request, plan: Plan) -> Result<usize, std::fmt::Error> {
    let Request { tenant, .. } = request;
    if tenant.is_empty() { Err(std::fmt::Error) } else { Ok(tenant.len()) }
}

#[observe(tags(region = "eu", version = 2, beta = true))]
fn tagged_by_literals() {}

#[observe(metrics = false, tags(plan = plan))]
fn tagged_without_metrics(plan: Plan) -> u8 {
    plan as u8
}

#[tokio::test]
async fn tags_are_on_the_span_and_the_metrics() {
    let (_, seen) = capture_async(async {
        let request = |tenant: &str| Request { id: 5, tenant: tenant.into() };
        tagged(request("acme"), Plan::Free).await.unwrap();
        tagged(request(""), Plan::Free).await.unwrap_err();
        tagged_by_literals();
        tagged_without_metrics(Plan::Free);
    })
    .await;
    let own = |function| [("function", function), ("module", HERE)];
    let (ok, free) = ([("outcome", "ok"), ("result", "ok")], [("plan", "free"), ("shard", "1")]);
    let mut tags =
        [&own("tagged")[..], &ok, &free, &[("tenant", "acme"), ("region", "eu")]].concat();
    assert_eq!(counted_and_timed(&seen, &tags), 1);
    let failed = [("outcome", "error"), ("result", "error"), ("error_type", "Error")];
    tags = [&own("tagged")[..], &failed, &free, &[("tenant", ""), ("region", "eu")]].concat();
    assert_eq!(counted_and_timed(&seen, &tags), 1);
    let literals = [("region", "eu"), ("version", "2"), ("beta", "true")];
    tags = [&own("tagged_by_literals")[..], &ok, &literals].concat();
    assert_eq!(counted_and_timed(&seen, &tags), 1);
    let span = seen.span("tagged").unwrap();
    for (key, value) in [("plan", "free"), ("shard", "1"), ("tenant", "acme"), ("region", "eu")] {
        assert_eq!(span.attribute(key), Some(value), "{span:?}");
    }
    assert_eq!(seen.span("tagged_by_literals").unwrap().attribute("version"), Some("2"));
    assert_eq!(seen.span("tagged_without_metrics").unwrap().attribute("plan"), Some("free"));
    assert_eq!(seen.counter_total("function.calls"), 3);
}

/// A value of somebody's own.
struct Digits(u64);

impl TagValue for Digits {
    fn tag_ref(&self) -> TagRef<'_> {
        TagRef::unsigned(self.0.ilog10().into())
    }
}

#[observe(tags(digits = Digits(n)))]
fn measured(n: u64) {
    let _ = n;
}

#[test]
fn anything_that_is_a_tag_value_is_a_tag() {
    let ((), seen) = capture(|| measured(1_000));
    let tags = [("function", "measured"), ("module", HERE), ("outcome", "ok"), ("result", "ok")];
    assert_eq!(counted_and_timed(&seen, &[&tags[..], &[("digits", "3")]].concat()), 1);
}

#[observe(name = NAME, level = "debug", target = "else::where", ret, err(Debug, level = "warn"))]
fn told(fine: bool) -> Result<u8, String> {
    if fine { Ok(5) } else { Err("x".repeat(1_000)) }
}

#[observe(err)]
fn says_why() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    Err("the disk\nis full")?;
    Ok(())
}

#[observe(ret(Display, level = "trace"))]
async fn shows() -> &'static str {
    "shown"
}

#[tokio::test]
async fn errors_and_values_are_told_where_that_is_asked_for() {
    let (_, seen) = capture_async(async {
        told(true).unwrap();
        told(false).unwrap_err();
        says_why().unwrap_err();
        shows().await
    })
    .await;
    let line =
        |text| -> serde_json::Value { serde_json::from_str(seen.log(text).unwrap()).unwrap() };
    let returned = line("named.by.a.constant returned");
    assert_eq!(returned["level"], "DEBUG");
    assert!(seen.log("named.by.a.constant returned").unwrap().contains('5'));
    let failed = line("named.by.a.constant failed");
    assert_eq!(failed["level"], "WARN");
    assert!(seen.log("named.by.a.constant failed").unwrap().contains("else::where"));
    let span = seen.spans().iter().find(|span| span.name == NAME && span.failed()).unwrap();
    assert_eq!(failed["span_id"], span.span_id.as_str());
    assert_eq!(span.error.as_deref().unwrap(), format!("\"{}", "x".repeat(199)));
    let span = seen.span("says_why").unwrap();
    assert_eq!(span.error.as_deref(), Some("the disk_is full"));
    assert_eq!(span.attribute("error.type"), Some("Error"));
    assert_eq!(line("says_why failed")["level"], "ERROR");
    assert!(seen.log("shows returned").unwrap().contains("shown"), "{seen}");
    assert_eq!(seen.logs().len(), 4, "{seen}");
}

#[observe(parent = None)]
fn starts_anew() {}

#[observe(parent = above)]
fn below(above: &tracing::Span) {}

#[test]
fn a_parent_can_be_chosen() {
    let ((), seen) = capture(|| {
        let other = tracing::info_span!("other");
        let _outer = tracing::info_span!("outer").entered();
        starts_anew();
        below(&other);
    });
    let trees = seen.span_trees();
    assert_eq!(trees.len(), 3, "{trees:?}");
    assert!(trees.contains(&span_tree! { "other" { "below" } }), "{trees:?}");
    assert!(trees.contains(&span_tree! { "starts_anew" }), "{trees:?}");
}

mod elsewhere {
    pub(super) use lightship as ours;
}

#[observe("short name", crate = elsewhere::ours, level = 2, skip_all)]
fn through_another_path(_n: u8) -> u8 {
    1
}

#[observe(level = tracing::Level::WARN, metrics = true)]
fn by_path_of_level() {}

#[test]
fn options_have_the_forms_that_tracing_has() {
    let (_, seen) = capture(|| {
        by_path_of_level();
        through_another_path(0)
    });
    assert_eq!(seen.span_trees(), [span_tree! { "by_path_of_level" }, span_tree! { "short name" }]);
}
