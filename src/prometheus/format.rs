//! The two formats, and which of them a scraper wants.

/// How the page is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Format {
    /// Prometheus text 0.0.4: what everybody reads, people too.
    Text,
    /// OpenMetrics 1.0.
    OpenMetrics,
}

/// How well one range of an `Accept` header fits: its specificity, and its quality in thousandths.
type Fit = (u8, u16);

impl Format {
    pub(crate) fn content_type(self) -> &'static str {
        match self {
            Format::Text => "text/plain; version=0.0.4; charset=utf-8",
            Format::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }

    /// The format that an `Accept` header asks for. Text unless OpenMetrics is named and wanted
    /// at least as much; also text where neither is accepted, as a page is more use than a 406.
    pub(crate) fn negotiate(accept: &str) -> Format {
        let (mut text, mut open): (Option<Fit>, Option<Fit>) = (None, None);
        for range in accept.split(',') {
            let Some(range) = Range::parse(range) else { continue };
            text = text.max(range.fit("text", "plain", "0.0.4"));
            open = open.max(range.fit("application", "openmetrics-text", "1.0.0"));
        }
        let quality = |fit: Option<Fit>| fit.map_or(0, |(_, quality)| quality);
        let named = open.is_some_and(|(specificity, quality)| specificity >= 2 && quality > 0);
        match named && quality(open) >= quality(text) {
            true => Format::OpenMetrics,
            false => Format::Text,
        }
    }
}

/// One media range of an `Accept` header.
struct Range<'a> {
    kind: &'a str,
    subtype: &'a str,
    version: Option<&'a str>,
    quality: u16,
}

impl<'a> Range<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let (kind, subtype) = parts.next()?.split_once('/')?;
        let mut range = Range { kind, subtype, version: None, quality: 1000 };
        for (key, value) in parts.filter_map(|part| part.split_once('=')) {
            let value = value.trim().trim_matches('"');
            if key.trim().eq_ignore_ascii_case("version") {
                range.version = Some(value);
            } else if key.trim().eq_ignore_ascii_case("q") {
                range.quality = quality(value);
            }
        }
        Some(range)
    }

    /// `None` unless the range covers this media type. The more specific range decides on the
    /// quality of a type, whatever a broader one says.
    fn fit(&self, kind: &str, subtype: &str, version: &str) -> Option<Fit> {
        let specificity = match (self.kind, self.subtype, self.version) {
            ("*", "*", _) => 0,
            (k, "*", _) if k.eq_ignore_ascii_case(kind) => 1,
            (k, s, v) if k.eq_ignore_ascii_case(kind) && s.eq_ignore_ascii_case(subtype) => match v
            {
                None => 2,
                Some(v) if v == version => 3,
                Some(_) => return None,
            },
            _ => return None,
        };
        Some((specificity, self.quality))
    }
}

/// A `q` value in thousandths; one that can't be read says that the range is not wanted.
fn quality(text: &str) -> u16 {
    match text.parse::<f32>() {
        Ok(q) if (0.0..=1.0).contains(&q) => (q * 1000.0) as u16,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn real_scrapers_get_what_they_prefer() {
        let prometheus_2 = "application/openmetrics-text;version=1.0.0,\
             application/openmetrics-text;version=0.0.1;q=0.75,\
             text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
        let prometheus_3 = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,\
             application/openmetrics-text;version=0.0.1;q=0.4,\
             text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,\
             text/plain;version=0.0.4;q=0.2,*/*;q=0.1";
        let with_protobuf = "application/vnd.google.protobuf;proto=io.prometheus.client.\
             MetricFamily;encoding=delimited,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        assert_eq!(Format::negotiate(prometheus_2), Format::OpenMetrics);
        assert_eq!(Format::negotiate(prometheus_3), Format::OpenMetrics);
        assert_eq!(Format::negotiate(with_protobuf), Format::Text);
        assert_eq!(Format::negotiate(browser), Format::Text);
    }

    #[test]
    fn qualities_and_versions_count() {
        for (accept, wanted) in [
            ("", Format::Text),
            ("*/*", Format::Text),
            ("application/*", Format::Text),
            ("application/json", Format::Text),
            ("application/openmetrics-text", Format::OpenMetrics),
            ("Application/OpenMetrics-Text; Version=\"1.0.0\"", Format::OpenMetrics),
            ("text/plain, application/openmetrics-text", Format::OpenMetrics),
            ("text/plain, application/openmetrics-text;q=0.9", Format::Text),
            ("text/plain;q=0.8, application/openmetrics-text;q=0.9", Format::OpenMetrics),
            ("application/openmetrics-text;version=0.0.1, text/plain;q=0.1", Format::Text),
            ("application/openmetrics-text;q=0", Format::Text),
            ("application/openmetrics-text;q=0, */*", Format::Text),
            ("application/openmetrics-text;q=two", Format::Text),
            ("application/openmetrics-text;q=0.1, text/plain;q=0, */*", Format::OpenMetrics),
            (";;;,,,/=q", Format::Text),
        ] {
            assert_eq!(Format::negotiate(accept), wanted, "{accept}");
        }
    }
}
