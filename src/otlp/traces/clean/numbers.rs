//! Whole numbers that arrive as texts: `tracing-opentelemetry` knows no unsigned ones, and a
//! backend can't sum, range or chart a text.

use opentelemetry::Value;

/// Keys that hold a whole number by OpenTelemetry's conventions, where the last word does not tell.
const KEYS: &[&str] = &[
    "http.response.status_code",
    "http.status_code",
    "rpc.grpc.status_code",
    "thread.id",
    "gen_ai.request.seed",
    "code.line.number",
];
/// What a key's last word tells to be a whole number, after a `.` or a `_`: `server.port`,
/// `http.response.body.size`, `messaging.batch.message_count`, `retry.attempt`, `elapsed_ms`.
const LAST_WORDS: &[&str] = &[
    "port", "size", "count", "tokens", "bytes", "length", "len", "attempt", "attempts", "retry",
    "retries", "rows", "pid", "lineno", "depth", "offset", "total", "index", "ms", "us", "ns",
    "millis", "micros", "nanos", "secs", "seconds",
];
/// `gen_ai.usage.input_tokens` and all the others, but for what it costs.
const USAGE: &str = "gen_ai.usage.";
const COST: &str = "gen_ai.usage.cost";

pub(super) fn is_integer(key: &str) -> bool {
    let last = key.rsplit(['.', '_']).next().unwrap_or(key);
    LAST_WORDS.contains(&last)
        || KEYS.contains(&key)
        || (key.starts_with(USAGE) && !key.starts_with(COST))
}

/// Makes a text that is a whole number one. `007`, `+1` and what `i64` can't hold stay texts.
pub(super) fn coerce(value: &mut Value) {
    let Value::String(text) = value else { return };
    let text = text.as_str();
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_canonical = !digits.starts_with(['0', '+', '-']) || text == "0";
    if let Some(number) = text.parse().ok().filter(|_| is_canonical) {
        *value = Value::I64(number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_count_something_are_known() {
        for key in [
            "http.response.status_code",
            "http.request.body.size",
            "http.request.resend_count",
            "server.port",
            "client.port",
            "network.peer.port",
            "db.response.returned_rows",
            "db.operation.batch.size",
            "rows",
            "retry.attempt",
            "attempt",
            "retry",
            "messaging.batch.message_count",
            "gen_ai.usage.input_tokens",
            "gen_ai.usage.cache_read.input_tokens",
            "gen_ai.usage.anything",
            "gen_ai.request.max_tokens",
            "elapsed_ms",
        ] {
            assert!(is_integer(key), "{key}");
        }
    }

    #[test]
    fn others_are_left_alone() {
        for key in [
            "user.id",
            "db.response.status_code",
            "gen_ai.usage.cost",
            "gen_ai.usage.cost.amount",
            "support",
            "discount",
            "zip",
            "version",
            "http.route",
            "",
        ] {
            assert!(!is_integer(key), "{key}");
        }
    }

    #[test]
    fn only_what_is_surely_a_number_becomes_one() {
        let coerced = |text: &'static str| {
            let mut value = Value::from(text);
            coerce(&mut value);
            value
        };
        for (text, number) in
            [("0", 0), ("200", 200), ("-5", -5), ("9223372036854775807", i64::MAX)]
        {
            assert_eq!(coerced(text), Value::I64(number));
        }
        for text in ["", "007", "-0", "+1", "--1", "1.5", "9223372036854775808", " 1", "many", "-"]
        {
            assert_eq!(coerced(text), Value::from(text));
        }
        let mut value = Value::F64(1.0);
        coerce(&mut value);
        assert_eq!(value, Value::F64(1.0));
    }
}
