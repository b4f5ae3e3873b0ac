//! The status as JSON, for `/status`.

use crate::status::{CardinalityOverflow, PipelineState, PipelineStatus, RedactionCount, Status};
use std::fmt::Write;
use std::time::{SystemTime, UNIX_EPOCH};

/// One object: the service, its pipelines in order, what the rules kept out and what had to be folded.
/// Times are seconds since 1970.
pub(crate) fn status_json(status: &Status) -> String {
    let mut json = String::from("{\"service\":");
    string(&mut json, &status.service);
    json.push_str(",\"pipelines\":[");
    list(&mut json, &status.pipelines, pipeline_json);
    json.push_str("],\"redactions\":[");
    list(&mut json, &status.redactions, |json, RedactionCount { kind, sink, count }| {
        row(json, [("kind", kind), ("sink", sink)], *count);
    });
    json.push_str("],\"cardinality_overflows\":[");
    list(&mut json, &status.overflows, |json, CardinalityOverflow { metric, key, count }| {
        row(json, [("metric", metric), ("key", key)], *count);
    });
    json.push_str("]}\n");
    json
}

fn list<T>(json: &mut String, items: &[T], write: impl Fn(&mut String, &T)) {
    for (n, item) in items.iter().enumerate() {
        if n > 0 {
            json.push(',');
        }
        write(json, item);
    }
}

fn row(json: &mut String, texts: [(&str, &str); 2], count: u64) {
    json.push('{');
    for (name, text) in texts {
        json.extend(["\"", name, "\":"]);
        string(json, text);
        json.push(',');
    }
    // Writing into a `String` does not fail.
    let _ = write!(json, "\"count\":{count}}}");
}

fn pipeline_json(json: &mut String, pipeline: &PipelineStatus) {
    let (since, reason) = match &pipeline.state {
        PipelineState::Disabled { reason } => (None, Some(reason)),
        PipelineState::Degraded { since, reason } => (Some(*since), Some(reason)),
        _ => (None, None),
    };
    json.push_str("{\"name\":");
    string(json, pipeline.name);
    json.push_str(",\"state\":");
    string(json, pipeline.state.name());
    json.push_str(",\"reason\":");
    optional(json, reason, |json, reason| string(json, reason));
    json.push_str(",\"since\":");
    optional(json, since, time);
    json.push_str(",\"last_success\":");
    optional(json, pipeline.last_success, time);
    json.push_str(",\"last_error\":");
    optional(json, pipeline.last_error.as_ref(), |json, error| string(json, error));
    // Writing into a `String` does not fail.
    let _ =
        write!(json, ",\"spooled_bytes\":{},\"sent\":{}", pipeline.spooled_bytes, pipeline.sent);
    json.push_str(",\"dropped\":{");
    for (n, (reason, count)) in pipeline.dropped.iter().enumerate() {
        let comma = if n > 0 { "," } else { "" };
        let _ = write!(json, "{comma}\"{reason}\":{count}");
    }
    json.push_str("}}");
}

fn optional<T>(json: &mut String, value: Option<T>, write: impl Fn(&mut String, T)) {
    match value {
        Some(value) => write(json, value),
        None => json.push_str("null"),
    }
}

fn time(json: &mut String, at: SystemTime) {
    let since = at.duration_since(UNIX_EPOCH).unwrap_or_default();
    let _ = write!(json, "{}.{:03}", since.as_secs(), since.subsec_millis());
}

fn string(json: &mut String, text: &str) {
    json.push('"');
    for c in text.chars() {
        match c {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            c if c < ' ' => {
                let _ = write!(json, "\\u{:04x}", u32::from(c));
            }
            c => json.push(c),
        }
    }
    json.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::status::{DropReason, Notices, Pipeline};
    use serde_json::{Value, json};

    fn parsed(service: &str, pipelines: &[&Pipeline]) -> Value {
        let pipelines = pipelines.iter().map(|pipeline| pipeline.status()).collect();
        let status = Status::new(service, pipelines);
        serde_json::from_str(&status_json(&status)).unwrap()
    }

    #[test]
    fn hostile_text_stays_text() {
        let service = "a\"b\\c\n\u{1}é😀\u{2028}</script>";
        let empty = json!({
            "service": service, "pipelines": [], "redactions": [], "cardinality_overflows": []
        });
        assert_eq!(parsed(service, &[]), empty);
    }

    #[test]
    fn what_was_kept_out_and_what_was_folded_is_told() {
        let mut status = Status::new("api", Vec::new());
        let redacted = |kind, count| RedactionCount { kind, sink: "spans", count };
        status.redactions = vec![redacted("email", 2), redacted("denied_key", 1)];
        let (metric, key) = ("a \"b\"".to_owned(), "user".to_owned());
        status.overflows = vec![CardinalityOverflow { metric, key, count: 3 }];
        let json: Value = serde_json::from_str(&status_json(&status)).unwrap();
        let email = json!({ "kind": "email", "sink": "spans", "count": 2 });
        let denied = json!({ "kind": "denied_key", "sink": "spans", "count": 1 });
        assert_eq!(json["redactions"], json!([email, denied]));
        let folded = json!([{ "metric": "a \"b\"", "key": "user", "count": 3 }]);
        assert_eq!(json["cardinality_overflows"], folded);
    }

    #[test]
    fn a_pipeline_tells_everything() {
        let up = Pipeline::new("dogstatsd", Notices::new(|_| {}));
        let degraded = Pipeline::new("prometheus", Notices::new(|_| {}));
        up.delivered(3);
        up.dropped(DropReason::Oversize, u64::MAX);
        up.dropped(DropReason::Unknown, 1);
        degraded.failed("port \"9464\"");
        let status = parsed("api", &[&up, &degraded]);
        let [up, degraded] = [&status["pipelines"][0], &status["pipelines"][1]];
        assert_eq!(up["state"], "up");
        assert_eq!(up["sent"], 3);
        assert_eq!(up["dropped"], json!({ "oversize": u64::MAX, "unknown": 1 }));
        assert_eq!((&up["since"], &up["last_error"]), (&Value::Null, &Value::Null));
        assert!(up["last_success"].as_f64().unwrap() > 1.7e9);
        assert_eq!(
            (&degraded["state"], &degraded["name"]),
            (&json!("degraded"), &json!("prometheus"))
        );
        assert_eq!(degraded["reason"], "port \"9464\"");
        assert!(degraded["since"].as_f64().unwrap() > 1.7e9);
    }
}
