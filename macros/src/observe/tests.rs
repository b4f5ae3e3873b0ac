//! What is said of mistakes, and which functions make futures.

use super::{expand, workflow};
use crate::function::Function;

const SYNC: &str = "fn f(path: &str, (left, right): (u8, u8)) -> Result<u8, Error> { g() }";

fn expanded(options: &str, function: &str) -> Result<String, Vec<String>> {
    let function = Function::parse("observe", function.parse().unwrap());
    let expanded = function.and_then(|function| expand(options.parse().unwrap(), &function));
    let texts = |error: syn::Error| error.into_iter().map(|one| one.to_string()).collect();
    expanded.map(|tokens| tokens.to_string()).map_err(texts)
}

#[test]
fn every_mistake_is_told_with_what_would_be_right() {
    for (options, message) in [
        ("feilds(a)", "unknown option `feilds`; options are `name`, `level`,"),
        ("feilds(a)", "`metrics` and `crate`"),
        ("name = \"a\", name = \"b\"", "`name` specified more than once"),
        ("\"a\", name = \"b\"", "`name` specified more than once"),
        ("name = 1", "`name` is a string, or the path of a constant"),
        ("name", "`name` takes a value: `name = \"..\"`"),
        ("level = \"loud\"", "`loud` is no level; levels are `trace`, `debug`, `info`, `warn` and"),
        ("level = 0", "`0` is no level"),
        ("kind = \"srv\"", "`srv` is no kind of span; kinds are `internal`, `server`,"),
        ("metrics = 1", "`metrics` is `true` or `false`"),
        ("skip(body)", "no argument `body` to skip; arguments are `path`, `left` and `right`"),
        ("fields = 1", "`fields` takes a list: `fields(key = value, ..)`"),
        ("fields(\"a\")", "this field has no value"),
        ("tags(a)", "a tag is written as `key = value`"),
        ("tags(a = ?b)", "a `lightship::TagValue` as it is"),
        ("tags(outcome = 1)", "`outcome` is a tag of every call already"),
        ("fields(a = 1), tags(a = 1)", "`a` specified more than once"),
        ("kind = \"client\", fields(otel.kind = \"x\")", "`otel.kind` specified more than once"),
        ("err(Dbg)", "unknown option `Dbg` of `err`; options are `Debug`, `Display` and `level`"),
        ("err = 1", "`err` takes no value"),
        ("err ret", "a comma is missing"),
        ("crate = 1", "`crate` is the path of lightship"),
    ] {
        let told = expanded(options, SYNC).unwrap_err();
        assert!(told.iter().any(|one| one.contains(message)), "{options}: {told:?}");
    }
}

#[test]
fn all_mistakes_are_told_at_once() {
    let options = "a, level = \"b\", kind = \"c\", skip(d), tags(e), err(f), name = \"fine\", g";
    assert_eq!(expanded(options, SYNC).unwrap_err().len(), 7);
}

#[test]
fn a_workflow_takes_options_of_its_own() {
    let told = |options: &str| {
        let function = Function::parse("workflow", SYNC.parse().unwrap()).unwrap();
        workflow(options.parse().unwrap(), &function).map_err(|error| error.to_string())
    };
    for options in ["metrics = false", "tags(a = 1)", "kind = \"client\"", "feilds(a)"] {
        let error = told(options).unwrap_err();
        let message = "; options are `name`, `err`, `ret` and `crate`";
        assert!(error.starts_with("unknown option") && error.ends_with(message), "{error}");
    }
    let named = told("\"report\", err").unwrap().to_string();
    assert!(named.contains("Workflow :: start (\"report\")"), "{named}");
    assert!(told("").unwrap().to_string().contains("Workflow :: start (\"f\")"));
}

#[test]
fn functions_that_cannot_be_observed_are_refused() {
    for (function, message) in [
        ("const fn f() {}", "can't be on a `const fn`"),
        ("struct S;", "goes on a function or a method with a body"),
        ("fn f();", "there is no body"),
        ("fn f() -> impl Future<Output = u8> { g() }", "not an async block"),
        ("fn f() -> Pin<Box<dyn Future<Output = ()> + Send>> { Box::pin(g()) }", "not an async"),
        ("fn f() -> BoxFuture<'static, u8> { g().boxed() }", "not an async block"),
    ] {
        let told = expanded("", function).unwrap_err();
        assert!(told[0].contains(message), "{function}: {told:?}");
    }
}

#[test]
fn an_async_block_at_the_end_is_found() {
    for function in [
        "fn f() -> impl Future<Output = u8> { async { 1 } }",
        "fn f() -> Alias { let a = 1; Box::pin(async move { a }) }",
        "fn f() -> BoxFuture<'static, u8> { async { 1 }.boxed() }",
        "fn f() -> Alias { (Box::pin(async { 1 }) as Pin<Box<dyn Future<Output = u8>>>) }",
        "async fn f() -> u8 { 1 }",
    ] {
        let made = expanded("", function).unwrap();
        assert!(made.contains("Cancelled") && made.contains(". await"), "{function}: {made}");
    }
    for function in ["fn f() -> u8 { async { 1 }; 2 }", "fn f() -> u8 { spawn(async { 1 }) }"] {
        let made = expanded("", function).unwrap();
        assert!(made.contains("Panics"), "{function}: {made}");
    }
}

#[test]
fn a_broken_body_is_left_to_the_compiler() {
    let made = expanded("", "fn f() -> u8 { let = ; }").unwrap();
    assert!(made.contains("let = ;"), "{made}");
}
