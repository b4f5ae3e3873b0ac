//! Which path is answered by whom.

use super::auth::Token;
use super::request::Request;
use super::response::Response;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

type Handler = Box<dyn Fn(&Request) -> Response + Send + Sync>;

/// The pages of the listener. `/` lists them unless it is one of them.
#[derive(Default)]
pub(crate) struct Routes(Vec<Route>);

struct Route {
    path: &'static str,
    token: Option<Token>,
    handler: Handler,
}

impl Routes {
    pub(crate) fn new() -> Self {
        Routes::default()
    }

    /// Answers GET and HEAD of this path, for those alone who bring this bearer token; `None` is
    /// everybody.
    #[must_use]
    pub(crate) fn get_with_token(
        mut self,
        path: &'static str,
        token: Option<&str>,
        handler: impl Fn(&Request) -> Response + Send + Sync + 'static,
    ) -> Self {
        let (token, handler) = (token.map(Token::new), Box::new(handler));
        self.0.push(Route { path, token, handler });
        self
    }

    /// The answer to a request; a panic of a handler ends here.
    pub(super) fn answer(&self, request: &Request, service: &str) -> Response {
        let route = self.0.iter().find(|route| route.path == request.path);
        if route.is_none() && request.path != "/" {
            let pages = self.list();
            return Response::text(404, format!("There is no such page. There are:\n{pages}"));
        }
        if !matches!(request.method.as_str(), "GET" | "HEAD") {
            return Response::text(405, "GET or HEAD it.\n").header("Allow", "GET, HEAD");
        }
        let Some(route) = route else {
            return Response::text(
                200,
                format!("{service}, watched by lightship\n{}", self.list()),
            );
        };
        if route.token.as_ref().is_some_and(|token| !token.is_in(request.authorization())) {
            return Response::text(401, "This page wants a bearer token.\n")
                .header("WWW-Authenticate", "Bearer");
        }
        catch_unwind(AssertUnwindSafe(|| (route.handler)(request)))
            .unwrap_or_else(|_| Response::text(500, "The page could not be made.\n"))
    }

    fn list(&self) -> String {
        self.0.iter().map(|route| format!("{}\n", route.path)).collect()
    }
}

impl fmt::Debug for Routes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|route| route.path)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(method: &str, path: &str) -> (u16, String) {
        let routes = Routes::new()
            .get_with_token("/health", None, |_| Response::text(200, "fine"))
            .get_with_token("/broken", None, |_| panic!("a handler's own"))
            .get_with_token("/metrics", Some("s3cret"), |_| Response::text(200, "numbers"));
        let request = Request { method: method.into(), path: path.into(), ..Request::default() };
        let response = routes.answer(&request, "api");
        (response.status, String::from_utf8(response.into_bytes("api", true)).unwrap())
    }

    #[test]
    fn each_path_has_its_answer() {
        assert_eq!(ask("GET", "/health").0, 200);
        assert_eq!(ask("HEAD", "/health").0, 200);
        assert_eq!(ask("GET", "/health/").0, 404);
        assert_eq!(ask("GET", "/broken").0, 500);
        let (status, missing) = ask("GET", "/nowhere");
        assert_eq!(status, 404);
        assert!(missing.ends_with("/health\n/broken\n/metrics\n"), "{missing}");
        let (status, index) = ask("GET", "/");
        assert_eq!(status, 200);
        assert!(index.ends_with("api, watched by lightship\n/health\n/broken\n/metrics\n"));
    }

    #[test]
    fn other_methods_and_missing_tokens_are_refused() {
        let (status, refused) = ask("POST", "/health");
        assert_eq!(status, 405);
        assert!(refused.contains("\r\nAllow: GET, HEAD\r\n"), "{refused}");
        assert_eq!(ask("DELETE", "/").0, 405);
        let (status, refused) = ask("GET", "/metrics");
        assert_eq!(status, 401);
        assert!(refused.contains("\r\nWWW-Authenticate: Bearer\r\n"), "{refused}");
        assert!(!refused.contains("numbers") && !refused.contains("s3cret"));
    }
}
