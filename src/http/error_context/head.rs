//! What the head of a request tells of it.

use super::body::Media;
use super::fields::{Field, Fields};
use crate::http::body_preview::BodyPreview;
use crate::http::method;
use crate::http::request_id::RequestId;
use crate::http::route::Route;
use crate::http::url::Query;
use http::header::{CONTENT_LENGTH, USER_AGENT};
use http::uri::PathAndQuery;
use http::{Extensions, HeaderMap, HeaderName, HeaderValue, Method, Uri};

/// A longer query is not looked at whole.
const MAX_QUERY_BYTES: usize = 2_048;

/// All of a request's head that an error may tell. Clones of parts of it are references.
#[derive(Debug, Clone)]
pub(in crate::http) struct Seen<'a> {
    pub(in crate::http) method: &'static str,
    pub(in crate::http) route: Option<Route>,
    pub(in crate::http) target: Option<&'a PathAndQuery>,
    pub(in crate::http) user_agent: Option<&'a HeaderValue>,
    pub(in crate::http) id: Option<RequestId>,
    pub(in crate::http) media: Media,
    pub(in crate::http) size: Option<u64>,
    pub(in crate::http) preview: Option<&'a BodyPreview>,
}

impl<'a> Seen<'a> {
    pub(super) fn of(
        method: &Method,
        uri: &'a Uri,
        headers: &'a HeaderMap,
        extensions: &'a Extensions,
    ) -> Self {
        let id = extensions.get::<RequestId>().cloned();
        Seen {
            method: method::known(method),
            route: Route::left_in(extensions),
            target: uri.path_and_query(),
            user_agent: headers.get(USER_AGENT),
            id: id.or_else(|| RequestId::came_in(headers)),
            media: Media::of(headers),
            size: text(headers, CONTENT_LENGTH).and_then(|length| length.parse().ok()),
            preview: extensions.get(),
        }
    }

    pub(super) fn tell(&self, fields: &mut Fields) {
        fields.set(Field::Method, self.method);
        if let Some(route) = &self.route {
            fields.set(Field::Route, route.as_str());
        }
        if let Some(query) = self.target.and_then(|target| target.query()) {
            fields.set(Field::Query, &Query(whole_pairs(query)).to_string());
        }
        if let Some(agent) = self.user_agent.and_then(|agent| agent.to_str().ok()) {
            fields.set(Field::UserAgent, agent);
        }
        if let Some(id) = &self.id {
            fields.set(Field::RequestId, id.as_str());
        }
        if let Some(media_type) = self.media.name() {
            fields.set(Field::MediaType, &media_type);
        }
        if let Some(size) = self.size {
            fields.set_number(Field::BodySize, size);
        }
    }
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// A long query up to the last `&` that there is room for: half a value is told from a whole one by
/// nobody.
fn whole_pairs(query: &str) -> &str {
    let Some(bytes) = query.as_bytes().get(..MAX_QUERY_BYTES) else { return query };
    let end = bytes.iter().rposition(|byte| matches!(byte, b'&' | b';')).unwrap_or(0);
    query.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_query_ends_with_a_pair() {
        let pair = "page=12345&";
        let long = pair.repeat(1_000);
        let pairs = whole_pairs(&long);
        assert!(pairs.len() < MAX_QUERY_BYTES && pairs.len() > MAX_QUERY_BYTES - 2 * pair.len());
        assert!(pairs.ends_with("=12345"), "{pairs}");
        assert_eq!(whole_pairs("a=1&b"), "a=1&b");
        assert_eq!(whole_pairs(&format!("é{}", "x".repeat(5_000))), "");
    }
}
