//! Routes: paths with their parameters' names in the place of values.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// The template that a request's path was matched by, such as `/documents/{id}`: it names spans and
/// is the tag `http.route` of metrics, so there have to be few.
///
/// With the feature `axum` a [`ServerLayer`](super::ServerLayer) finds axum's own. Other frameworks may
/// put a `Route` into the extensions of a request before the layer sees it, or of its response; or tell
/// [`ServerLayer::route`](super::ServerLayer::route) how to find it.
///
/// Routes of `&'static str` and axum's are bounded by the program. Others count against the limit on a
/// tag's values (100, unless [`Builder::cardinality`](crate::Builder::cardinality) says otherwise).
///
/// # Examples
///
/// ```
/// use http::Response;
/// use lightship::http::Route;
///
/// let mut response = Response::new("a document");
/// response.extensions_mut().insert(Route::from("/documents/{id}"));
/// ```
#[derive(Clone)]
pub struct Route(Text);

#[derive(Clone)]
enum Text {
    Literal(&'static str),
    Made(Arc<str>),
    #[cfg(feature = "axum")]
    Matched(axum::extract::MatchedPath),
}

impl Route {
    /// The route as text.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Text::Literal(text) => text,
            Text::Made(text) => text,
            #[cfg(feature = "axum")]
            Text::Matched(path) => path.as_str(),
        }
    }

    /// Whether the program has only so many of them.
    pub(super) fn is_bounded(&self) -> bool {
        !matches!(self.0, Text::Made(_))
    }

    /// Whether it makes the same tag.
    pub(super) fn is_same(&self, other: &Route) -> bool {
        self.is_bounded() == other.is_bounded() && self.as_str() == other.as_str()
    }

    /// The one that a router left in a request or a response.
    pub(super) fn left_in(extensions: &http::Extensions) -> Option<Self> {
        if let Some(route) = extensions.get::<Route>() {
            return Some(route.clone());
        }
        #[cfg(feature = "axum")]
        if let Some(path) = extensions.get::<axum::extract::MatchedPath>() {
            return Some(Route(Text::Matched(path.clone())));
        }
        None
    }
}

impl From<&'static str> for Route {
    fn from(route: &'static str) -> Self {
        Route(Text::Literal(route))
    }
}

impl From<String> for Route {
    fn from(route: String) -> Self {
        Route(Text::Made(route.into()))
    }
}

impl From<Cow<'static, str>> for Route {
    fn from(route: Cow<'static, str>) -> Self {
        match route {
            Cow::Borrowed(route) => route.into(),
            Cow::Owned(route) => route.into(),
        }
    }
}

impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Route").field(&self.as_str()).finish()
    }
}
