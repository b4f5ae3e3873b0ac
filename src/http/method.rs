//! Methods, which a client may make up: what is not known counts as one.

use http::Method;

/// What a method is called that is none of the known ones.
const OTHER: &str = "_OTHER";

/// The methods of RFC 9110 and RFC 5789; anything else is `_OTHER`.
pub(super) fn known(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "POST" => "POST",
        "PUT" => "PUT",
        "DELETE" => "DELETE",
        "HEAD" => "HEAD",
        "OPTIONS" => "OPTIONS",
        "PATCH" => "PATCH",
        "CONNECT" => "CONNECT",
        "TRACE" => "TRACE",
        _ => OTHER,
    }
}

/// What a client wrote, where `known` does not say it.
pub(super) fn original<'a>(known: &str, method: &'a Method) -> Option<&'a str> {
    (known == OTHER).then(|| method.as_str())
}

/// How it stands in a span's name.
pub(super) fn in_name(known: &'static str) -> &'static str {
    if known == OTHER { "HTTP" } else { known }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_up_methods_are_one() {
        let made_up = Method::from_bytes(b"get").unwrap();
        assert_eq!(known(&made_up), "_OTHER");
        assert_eq!(original(known(&made_up), &made_up), Some("get"));
        assert_eq!(in_name(known(&made_up)), "HTTP");
        assert_eq!(known(&Method::PATCH), "PATCH");
        assert_eq!(original("PATCH", &Method::PATCH), None);
    }
}
