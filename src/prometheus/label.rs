//! Tags become labels.

use metrics_exporter_prometheus::formatting::sanitize_label_key;

/// The labels of one series, written once and used at every scrape.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Labels {
    /// `key="value",key="value"`, sorted by key. Escaping keeps different values different, so the
    /// text is the identity of the series within its family.
    pub(super) text: String,
    /// Keys that are Prometheus' own and were renamed.
    pub(super) renamed: u64,
    /// Labels left out because their key was taken.
    pub(super) collided: u64,
}

impl Labels {
    /// `bucketed` tells that the family needs `le` for itself.
    pub(super) fn new<'a>(tags: impl Iterator<Item = (&'a str, &'a str)>, bucketed: bool) -> Self {
        let mut renamed = 0;
        // An empty label is no label to Prometheus; leaving it out makes that visible.
        let mut labels: Vec<(String, &str)> = tags
            .filter(|(_, value)| !value.is_empty())
            .map(|(key, value)| {
                let key = sanitize_label_key(key);
                match is_reserved(&key, bucketed) {
                    true => {
                        renamed += 1;
                        (format!("exported_{key}"), value)
                    }
                    false => (key, value),
                }
            })
            .collect();
        // Stable, so that of two labels with one key the first tag wins.
        labels.sort_by(|(a, _), (b, _)| a.cmp(b));
        let before = labels.len();
        labels.dedup_by(|(later, _), (earlier, _)| later == earlier);
        let collided = (before - labels.len()) as u64;
        let mut text = String::new();
        for (key, value) in &labels {
            write_label(&mut text, key, value);
        }
        Labels { text, renamed, collided }
    }
}

/// Appends one label, after a comma where there is one already.
pub(super) fn write_label(labels: &mut String, key: &str, value: &str) {
    if !labels.is_empty() {
        labels.push(',');
    }
    labels.push_str(key);
    labels.push_str("=\"");
    for c in value.chars() {
        match c {
            '\\' => labels.push_str("\\\\"),
            '"' => labels.push_str("\\\""),
            '\n' => labels.push_str("\\n"),
            c => labels.push(c),
        }
    }
    labels.push('"');
}

fn is_reserved(key: &str, bucketed: bool) -> bool {
    key.starts_with("__") || key == "quantile" || (bucketed && key == "le")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn labels(tags: &[(&str, &str)], bucketed: bool) -> Labels {
        Labels::new(tags.iter().copied(), bucketed)
    }

    #[test]
    fn values_are_escaped_exactly() {
        let labels = labels(&[("path", "C:\\new"), ("quote", "\"a\"\nb|#é😀")], false);
        assert_eq!(labels.text, r#"path="C:\\new",quote="\"a\"\nb|#é😀""#);
        assert_eq!((labels.renamed, labels.collided), (0, 0));
    }

    #[test]
    fn of_keys_that_collide_the_first_wins() {
        let labels = labels(&[("user.id", "1"), ("user_id", "2"), ("zone", "3")], false);
        assert_eq!(labels.text, r#"user_id="1",zone="3""#);
        assert_eq!(labels.collided, 1);
    }

    #[test]
    fn an_empty_value_is_left_out_and_takes_no_key() {
        let labels = labels(&[("user.id", ""), ("user_id", "2")], false);
        assert_eq!((labels.text.as_str(), labels.collided), (r#"user_id="2""#, 0));
    }

    #[test]
    fn reserved_keys_are_renamed() {
        let tags = [("__name__", "a"), ("le", "1"), ("quantile", "0.5"), ("日本", "b")];
        let labels_of_a_histogram = labels(&tags, true);
        assert_eq!(
            labels_of_a_histogram.text,
            r#"exported___="b",exported___name__="a",exported_le="1",exported_quantile="0.5""#
        );
        assert_eq!(labels_of_a_histogram.renamed, 4);
        assert!(labels(&tags, false).text.ends_with(r#",le="1""#));
    }

    proptest! {
        #[test]
        fn different_values_stay_different(a in "[\\\\\"\n n]{0,6}", b in "[\\\\\"\n n]{0,6}") {
            let text = |value: &str| labels(&[("k", value)], false).text;
            prop_assert_eq!(text(&a) == text(&b), a == b);
        }
    }
}
