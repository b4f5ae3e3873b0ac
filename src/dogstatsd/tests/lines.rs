//! What the lines say, one by one.

use super::support::{FakeAgent, Line, parse_line};
use super::*;
use crate::dogstatsd::line::Constants;
use crate::dogstatsd::{AlertType, CheckStatus, Event, Priority, ServiceCheck};
use crate::metrics::reading::Kind as Metric;
use crate::scrub::{Detector, Redaction};
use crate::status::{DropReason, Drops};
use crate::tag::{hashed, secret, short};

/// What a flush would send over UDP.
fn lines(source: &Arc<TestSource>, settings: &DogStatsdSettings) -> Vec<String> {
    Rig::new(settings, source).flusher.preview()
}

fn udp() -> DogStatsdSettings {
    settings(Address::Udp { host: "127.0.0.1".into(), port: 9 })
}

#[test]
fn every_kind_has_its_line() {
    let source = TestSource::new();
    let counter = source.series(Metric::Counter, "requests", &[("endpoint", "/users")]);
    let gauge = source.series(Metric::Gauge, "queue", &[]);
    let histogram = source.series(Metric::Histogram, "size", &[]);
    let distribution = source.series(Metric::Distribution, "spread", &[]);
    let timer = source.series(Metric::Timer, "query", &[]);
    let set = source.series(Metric::Set, "users", &[]);
    source.increment(counter, 3);
    source.set(gauge, -1.5);
    [2.0, 2.0, 9.25].iter().for_each(|&value| source.record(histogram, value));
    source.record(distribution, 0.1);
    source.record(timer, 0.001_234_567);
    source.insert(set, u64::MAX);
    source.increment_at(counter, 1, 1_700_000_000);
    source.set_at(gauge, 7.0, 1_700_000_001);
    assert_eq!(
        lines(&source, &udp()),
        [
            "requests:1|c|#endpoint:/users,service:api,env:test|T1700000000",
            "queue:7|g|#service:api,env:test|T1700000001",
            "requests:2|c|#endpoint:/users,service:api,env:test",
            "queue:-1.5|g|#service:api,env:test",
            "size:2:2:9.25|h|#service:api,env:test",
            "spread:0.1|d|#service:api,env:test",
            "query:1.234567|ms|#service:api,env:test",
            "users:-1|s|#service:api,env:test",
        ]
    );
}

/// Agents read every value as a float.
#[test]
fn dollars_are_counts_of_fractions() {
    let source = TestSource::new();
    let cost = source.series(Metric::Cost, "llm_cost_usd", &[("model", "gpt-4o")]);
    let agent = FakeAgent::udp();
    let mut rig = Rig::new(&settings(address_of(&agent.kind())), &source);
    for (pico, line) in [
        (750_000, "llm_cost_usd:0.00000075|c|#model:gpt-4o,service:api,env:test"),
        (1_250_000_000_000, "llm_cost_usd:1.25|c|#model:gpt-4o,service:api,env:test"),
    ] {
        source.increment(cost, pico);
        assert_eq!(rig.flusher.preview(), [line]);
        rig.flush_all();
    }
    assert!(rig.flusher.preview().is_empty(), "what was sent is not sent again");
}

#[test]
fn origin_and_constant_tags_are_on_every_line() {
    let settings = DogStatsdSettings {
        tags: vec![
            ("service".into(), "api".into()),
            ("version".into(), "1.4.2".into()),
            ("team".into(), "a".into()),
            ("team".into(), "b".into()),
            ("Team".into(), "A".into()),
            ("bare".into(), String::new()),
            ("api_key".into(), "hunter2".into()),
            ("env".into(), "Prod".into()),
        ],
        entity_id: Some("75a2b6d5-3949".into()),
        external_data: Some("it-false,cn-Web|\npu-1".into()),
        cardinality: Some("low"),
        ..udp()
    };
    let drops = Drops::new();
    let constants = Constants::new(&settings, Some("ci-0f"), &drops);
    let tail = "service:api,version:1.4.2,team:a,team:b,bare,env:prod,\
                dd.internal.entity_id:75a2b6d5-3949|c:ci-0f|e:it-false,cn-ebpu-1|card:low";
    let event = Event::new("a", "b").tag("team", "b").tag("z", 1).line(&constants, 1_432, &drops);
    assert_eq!(
        event.unwrap(),
        format!("_e{{1,1}}:a|b|#team:b,z:1,{}", tail.replace("team:b,", ""))
    );
    let check = ServiceCheck::new("db", CheckStatus::Ok).line(&constants, 1_432, &drops);
    assert_eq!(check.unwrap(), format!("_sc|db|0|#{tail}"));
    assert_eq!(drops.get(DropReason::TagDenied), 1);
}

#[test]
fn an_event_says_all_it_knows() {
    let constants = Constants::new(&udp(), None, &Drops::new());
    let event = Event::new("deploy | 1", "line 1\r\nline 2|t:error")
        .timestamp(std::time::UNIX_EPOCH + Duration::from_secs(1_700_000_000))
        .hostname("web-1")
        .aggregation_key("a|b")
        .source_type("nginx")
        .priority(Priority::Low)
        .alert_type(AlertType::Warning)
        .tag("User.Password", "hunter2")
        .tag("region", "EU 1");
    let line = event.line(&constants, 1_432, &Drops::new()).unwrap();
    assert!(!line.contains("hunter2"));
    let parsed = parse_line(&line).unwrap();
    let event = parsed.event().unwrap();
    assert_eq!(
        (event.title.as_str(), event.text.as_str()),
        ("deploy | 1", "line 1\nline 2|t:error")
    );
    assert_eq!(event.timestamp, Some(1_700_000_000));
    assert_eq!(event.hostname.as_deref(), Some("web-1"));
    assert_eq!(event.aggregation_key.as_deref(), Some("a_b"));
    assert_eq!(event.source_type.as_deref(), Some("nginx"));
    assert_eq!(event.priority.as_deref(), Some("low"));
    assert_eq!(event.alert_type.as_deref(), Some("warning"));
    assert_eq!(event.tags, ["region:eu_1", "service:api", "env:test"]);
}

#[test]
fn an_event_is_byte_for_byte_what_the_reference_client_sends() {
    let constants = Constants::new(&udp(), None, &Drops::new());
    let event = Event::new("deploy | 1", "line 1\nline 2|t:error")
        .timestamp(std::time::UNIX_EPOCH + Duration::from_secs(1_700_000_000))
        .hostname("web-1")
        .aggregation_key("a_b")
        .source_type("nginx")
        .priority(Priority::Low)
        .alert_type(AlertType::Warning)
        .tag("region", "eu_1");
    // The Python package `datadog` 0.56, given the same.
    let reference = r"_e{10,22}:deploy | 1|line 1\nline 2|t:error|d:1700000000|h:web-1|k:a_b|p:low|s:nginx|t:warning|#region:eu_1,service:api,env:test";
    assert_eq!(event.line(&constants, 1_432, &Drops::new()).unwrap(), reference);
}

#[test]
fn events_and_checks_pass_the_rules_before_they_are_cut() {
    let staff = Detector::prefixed("staff", "staff_", 4);
    let policy = Arc::new(Redaction::default().detector(staff).compile(None));
    let tags = vec![("desk".to_owned(), "staff_0001".to_owned())];
    let settings = DogStatsdSettings { policy: Arc::clone(&policy), tags, ..udp() };
    let (drops, who) = (Drops::new(), "staff_0002");
    let constants = Constants::new(&settings, None, &drops);
    // Begins before the cut and ends behind it.
    let text = format!("{}{who}{}", "x ".repeat(1_988), "0".repeat(40));
    let event = Event::new(format!("by {who}"), text)
        .hostname(who)
        .aggregation_key(format!("of {who}"))
        .source_type(who)
        .tag("who", who)
        .tag("by", crate::hashed("staff_0002"))
        .tag("not", crate::secret("staff_0002"))
        .tag("api_key", "x");
    let expected = format!(
        "_e{{19,3992}}:by [REDACTED:staff]|{}[REDACTED:staff]|h:_REDACTED_staff_|k:of _REDACTED_staff_\
         |s:_REDACTED_staff_|#who:redacted,desk:redacted",
        "x ".repeat(1_988)
    );
    let line = event.line(&constants, 8_000, &drops).unwrap();
    let name = policy.pseudonym("by", "staff_0002");
    assert_eq!(line, expected.replace("|#", &format!("|#by:{},", name.as_str())));
    let check = ServiceCheck::new(format!("db of {who}"), CheckStatus::Ok)
        .message(format!("{who} is in"))
        .hostname(who)
        .tag("who", who);
    let expected = "_sc|db of redacted|0|h:_REDACTED_staff_|#who:redacted,desk:redacted\
                    |m:[REDACTED:staff] is in";
    assert_eq!(check.line(&constants, 8_000, &drops).unwrap(), expected);
    let mut counts = policy.redactions();
    counts.sort_unstable();
    let expected = [("denied_key", "metrics", 2), ("staff", "metrics", 3), ("staff", "texts", 8)];
    assert_eq!(counts, expected);
}

#[test]
fn what_is_empty_or_too_long_is_mended_or_refused() {
    let constants = Constants::new(&udp(), None, &Drops::new());
    let drops = Drops::new();
    let line = Event::new("", " \r\n").line(&constants, 1_432, &drops).unwrap();
    assert_eq!(parse_line(&line).unwrap().event().unwrap().text, "(no title)");
    let long = Event::new("title", "ö\n".repeat(5_000));
    let line = long.line(&constants, 1_431, &drops).unwrap();
    assert!((1_420..=1_431).contains(&line.len()), "{}", line.len());
    parse_line(&line).unwrap();
    assert!(drops.get(DropReason::TextChanged) >= 1);
    assert!(long.line(&constants, 40, &drops).is_none());
    let check = ServiceCheck::new("db", CheckStatus::Unknown).message("x|\n".repeat(2_000));
    let line = check.line(&constants, 100, &drops).unwrap();
    assert!(line.len() <= 100 && parse_line(&line).is_ok(), "{line}");
    assert!(check.line(&constants, 10, &drops).is_none());
}

#[test]
fn a_cut_leaves_no_half_of_an_escape_or_a_letter() {
    use crate::dogstatsd::event::cut;
    assert_eq!(cut("a\\nb", 2, 100), "a");
    assert_eq!(cut("a\\nb", 3, 100), "a\\n");
    assert_eq!(cut("aöb", 2, 100), "a");
    assert_eq!(cut("aöb", 100, 2), "aö");
    assert_eq!(cut("ends with \\", 100, 100), "ends with \\");
}

#[test]
fn untouched_series_are_silent() {
    let agent = FakeAgent::udp();
    let source = TestSource::new();
    let gauge = source.series(Metric::Gauge, "gauge", &[]);
    source.series(Metric::Counter, "counter", &[]);
    let mut rig = Rig::new(&settings(address_of(&agent.kind())), &source);
    let mut sent = Vec::new();
    for write in [None, Some(1.0), None, Some(1.0), Some(f64::NAN)] {
        write.into_iter().for_each(|value| source.set(gauge, value));
        rig.flush_all();
        sent.push(rig.pipeline.status().sent);
    }
    assert_eq!(sent, [0, 1, 1, 2, 2]);
}

#[test]
fn a_line_longer_than_a_payload_is_counted_once_and_blocks_nobody() {
    let agent = FakeAgent::udp();
    let source = TestSource::new();
    let wide: Vec<(String, String)> =
        (0..9).map(|n| (format!("key{n}"), "ä".repeat(150))).collect();
    let wide: Vec<(&str, &str)> = wide.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    let (counter, histogram) = (
        source.series(Metric::Counter, "wide", &wide),
        source.series(Metric::Histogram, "wide.size", &wide),
    );
    let narrow = source.series(Metric::Counter, "narrow", &[]);
    let mut rig = Rig::new(&settings(address_of(&agent.kind())), &source);
    source.increment(counter, 5);
    (0..30).for_each(|n| source.record(histogram, f64::from(n)));
    for _ in 0..3 {
        source.increment(narrow, 1);
        rig.flush_all();
    }
    assert_eq!(rig.pipeline.drops().get(DropReason::Oversize), 1 + 30);
    assert_eq!(agent.wait_for(|lines| lines.len() >= 3).len(), 3);
}

#[test]
fn values_of_events_and_checks_are_what_they_were_made_to_be() {
    let (settings, drops) = (udp(), Drops::new());
    let constants = Constants::new(&settings, None, &drops);
    let event = Event::new("a", "b").tag("user", hashed("ada")).tag("id", short("0123456789"));
    let event = event.tag("hidden", secret("ada"));
    assert!(!format!("{event:?}").contains("ada"));
    let event = event.line(&constants, 1_432, &drops).unwrap();
    let hash = settings.policy.pseudonym("user", "ada");
    let tags = format!("|#id:01234567,user:{},service:api,env:test", hash.as_str());
    assert!(event.ends_with(&tags), "{event}");
    let check = ServiceCheck::new("a", CheckStatus::Ok).tag("user", hashed("ada"));
    let check = check.line(&constants, 1_432, &drops).unwrap();
    assert!(check.contains(&format!("user:{}", hash.as_str())), "{check}");
    assert_eq!(drops.get(DropReason::TagDenied), 1);
}

#[test]
fn timestamped_increments_are_not_sent_again_with_the_total() {
    let agent = FakeAgent::udp();
    let source = TestSource::new();
    let counter = source.series(Metric::Counter, "a", &[]);
    let mut rig = Rig::new(&settings(address_of(&agent.kind())), &source);
    // Taken before the total has it: the cursor runs ahead and the total catches up.
    source.increment_at(counter, 5, 1_700_000_000);
    rig.flush_all();
    source.increment(counter, 5);
    rig.flush_all();
    source.increment(counter, 2);
    rig.flush_all();
    let lines = agent.wait_for(|lines| lines.len() >= 2);
    let sums: Vec<f64> = lines.iter().filter_map(Line::metric).map(|m| m.sum()).collect();
    assert_eq!(sums, [5.0, 2.0]);
}

#[test]
fn client_telemetry_tells_what_was_sent_and_nothing_of_itself() {
    let agent = FakeAgent::udp();
    let source = TestSource::new();
    let counter = source.series(Metric::Counter, "a", &[]);
    let timer = source.series(Metric::Timer, "b", &[]);
    let on = DogStatsdSettings { client_telemetry: true, ..settings(address_of(&agent.kind())) };
    let mut rig = Rig::new(&on, &source);
    source.increment(counter, 7);
    source.record(timer, 0.5);
    source.record(timer, 0.25);
    rig.queues.events.push("_e{1,1}:a|b".into());
    rig.flush_all();
    rig.flusher.client.make_due();
    rig.flush_all();
    rig.flusher.client.make_due();
    rig.flush_all();
    let lines = agent.wait_for(|lines| lines.len() >= 10);
    let own: Vec<(String, f64)> = lines
        .iter()
        .filter_map(Line::metric)
        .filter_map(|metric| {
            assert!(
                metric.name == "a" || metric.name == "b" || metric.tag("client") == Some("rust")
            );
            let name = metric.name.strip_prefix("datadog.dogstatsd.client.")?;
            assert_eq!(metric.tag("client_transport"), Some("udp"));
            let by_type = metric.tag("metrics_type").map(|kind| format!(".{kind}"));
            Some((format!("{name}{}", by_type.unwrap_or_default()), metric.sum()))
        })
        .collect();
    let expected = [
        ("metrics", 3.0),
        ("events", 1.0),
        ("packets_sent", 2.0),
        ("aggregated_context", 2.0),
        ("metrics_by_type.count", 1.0),
        ("metrics_by_type.timing", 2.0),
    ];
    for (name, value) in expected {
        assert!(own.contains(&(name.to_owned(), value)), "{name} {value}: {own:?}");
    }
    assert_eq!(own.len(), expected.len() + 1, "bytes_sent is the one more: {own:?}");
}
