//! Functions of every form.

use super::{calls, errors};
use lightship::testing::{capture, capture_async};
use lightship::{counted, observe, span_tree, timed};
use std::fmt::Display;
use std::panic::Location;

const HERE: &str = module_path!();

struct Store {
    items: Vec<String>,
}

impl Store {
    #[observe]
    fn new(items: &[&str]) -> Self {
        Store { items: items.iter().map(|item| (*item).to_owned()).collect() }
    }

    #[observe]
    fn get(&self, at: usize) -> Option<&str> {
        Some(self.items.get(at)?.as_str())
    }

    #[observe]
    fn last(&mut self) -> &mut String {
        if self.items.is_empty() {
            self.items.push(String::new());
        }
        let last = self.items.len() - 1;
        &mut self.items[last]
    }

    #[observe]
    fn put(mut self: Box<Self>, item: String) -> Box<Self> {
        self.items.push(item);
        self
    }

    #[observe]
    fn into_items(self) -> impl Iterator<Item = String> {
        self.items.into_iter().rev()
    }

    #[observe]
    async fn joined(&self, by: &str) -> String {
        tokio::task::yield_now().await;
        self.items.join(by)
    }
}

#[observe]
fn longest<'a>(first: &'a str, second: &'a str) -> &'a str {
    if first.len() > second.len() { first } else { second }
}

#[observe]
fn largest<T, const N: usize>(all: [T; N]) -> Option<T>
where
    T: PartialOrd + Copy,
{
    let mut largest = *all.first()?;
    for one in all {
        if one > largest {
            largest = one;
        }
    }
    Some(largest)
}

#[observe]
fn shown(shows: impl Display, (left, right): (u8, u8)) -> impl Display {
    format!("{shows} {left} {right}")
}

#[observe]
fn either(fine: bool) -> Result<impl Display, impl std::fmt::Debug> {
    if fine { Ok("fine") } else { Err("wrong") }
}

/// # Safety
///
/// `number` is valid.
#[observe]
#[allow(unsafe_code, reason = "it is what is tested")]
unsafe fn read(number: *const u8) -> u8 {
    // SAFETY: the caller's promise.
    unsafe { *number }
}

#[observe]
extern "C" fn foreign(number: u8) -> u8 {
    number
}

#[observe]
fn never_returns(reason: &str) -> ! {
    std::panic::panic_any(reason.to_owned())
}

#[observe]
fn counts_down(mut from: u32, seen: &mut Vec<u32>) {
    #![allow(clippy::while_immutable_condition)]
    while from > 0 {
        seen.push(from);
        if from == 2 {
            return;
        }
        from -= 1;
    }
}

#[test]
fn methods_and_generics_do_what_they_did() {
    let ((), seen) = capture(|| {
        let mut store = Store::new(&["a", "bb"]);
        assert_eq!((store.get(1), store.get(7)), (Some("bb"), None));
        store.last().push('c');
        let store = Box::new(store).put("d".to_owned());
        assert_eq!(store.into_items().collect::<Vec<_>>(), ["d", "bbc", "a"]);
        assert_eq!(longest("a", "bb"), "bb");
        assert_eq!(largest([1, 3, 2]), Some(3));
        assert_eq!(largest::<f64, 0>([]), None);
        assert_eq!(shown("a", (1, 2)).to_string(), "a 1 2");
        assert!(either(true).is_ok() && either(false).is_err());
        #[allow(unsafe_code, reason = "it is what is tested")]
        // SAFETY: a reference is valid.
        let seven = unsafe { read(&7) };
        assert_eq!((seven, foreign(8)), (7, 8));
        let mut counted = Vec::new();
        counts_down(4, &mut counted);
        assert_eq!(counted, [4, 3, 2]);
    });
    for function in ["new", "last", "put", "into_items", "longest", "shown", "read", "foreign"] {
        assert_eq!(calls(&seen, function, HERE, "ok"), 1, "{function}");
    }
    assert_eq!(calls(&seen, "get", HERE, "ok"), 2);
    assert_eq!(calls(&seen, "largest", HERE, "ok"), 2, "no `Result` fails");
    assert_eq!(errors(&seen, "either", HERE, "str"), 1);
    assert_eq!(seen.spans().len() as u64, seen.counter_total("function.calls"));
}

#[test]
fn a_function_that_never_returns_panics() {
    let (_, seen) = capture(|| std::panic::catch_unwind(|| never_returns("because")));
    assert_eq!(calls(&seen, "never_returns", HERE, "panic"), 1);
}

#[track_caller]
#[observe]
fn place() -> &'static Location<'static> {
    Location::caller()
}

#[observe]
#[track_caller]
fn place_if(
    wanted: bool,
    text: &str,
) -> Result<&'static Location<'static>, std::num::ParseIntError> {
    if !wanted {
        let _never: u8 = text.parse()?;
    }
    if text.is_empty() {
        return Ok(Location::caller());
    }
    let inner = || -> Option<u8> {
        if text == "1" {
            return None;
        }
        text.parse().ok()
    };
    inner();
    let place = Location::caller();
    text.parse::<u8>().map(|_| place)
}

#[observe]
#[track_caller]
fn line_of(line: &mut u32) {
    *line = Location::caller().line();
}

#[test]
fn a_caller_stays_the_caller() {
    let ((), seen) = capture(|| {
        assert_eq!((place().file(), place().line()), (file!(), line!()));
        assert_eq!(place_if(true, "").unwrap().line(), line!());
        assert_eq!(place_if(true, "1").unwrap().line(), line!());
        place_if(true, "x").unwrap_err();
        place_if(false, "y").unwrap_err();
        let mut line = 0;
        line_of(&mut line);
        assert_eq!(line, line!() - 1);
    });
    assert_eq!(calls(&seen, "place", HERE, "ok"), 2);
    assert_eq!(calls(&seen, "line_of", HERE, "ok"), 1);
    assert_eq!(calls(&seen, "place_if", HERE, "ok"), 2);
    assert_eq!(errors(&seen, "place_if", HERE, "ParseIntError"), 1);
    assert_eq!(errors(&seen, "place_if", HERE, "_OTHER"), 1, "it left by `?`");
}

trait Speaks {
    #[observe]
    fn speak(&self) -> &'static str {
        "hm"
    }

    fn name(&self) -> String;
}

struct Dog;

impl Speaks for Dog {
    #[observe(name = "dog.name")]
    fn name(&self) -> String {
        self.speak().to_owned()
    }
}

#[test]
fn methods_of_traits_are_functions() {
    let (name, seen) = capture(|| Dog.name());
    assert_eq!(name, "hm");
    assert_eq!(seen.span_trees(), [span_tree! { "dog.name" { "speak" } }]);
    assert_eq!(calls(&seen, "name", HERE, "ok"), 1);
}

#[timed("query", "table" => "documents")]
#[counted("queries")]
fn query(fine: bool) -> Result<u8, &'static str> {
    if !fine {
        return Err("no");
    }
    Ok(1)
}

#[timed("fetch", "kind" => kind, "size" => kind.len())]
#[counted("fetches", "kind" => kind)]
async fn fetch(kind: &str) -> usize {
    tokio::task::yield_now().await;
    kind.len()
}

#[tokio::test]
async fn metrics_alone_make_no_span() {
    let (_, seen) = capture_async(async {
        query(true).unwrap();
        query(false).unwrap_err();
        fetch("pdf").await;
        drop(fetch("never polled"));
        Store::new(&["a", "b"]).joined("-").await
    })
    .await;
    assert_eq!(seen.histogram("query", &[("table", "documents")]).count, 2);
    assert_eq!(seen.counter("queries", &[]), 2);
    assert_eq!(seen.histogram("fetch", &[("kind", "pdf"), ("size", "3")]).count, 1);
    assert_eq!(seen.counter_total("fetches"), 1);
    assert_eq!(seen.spans().len(), 2, "{seen}");
    assert_eq!(calls(&seen, "joined", HERE, "ok"), 1);
}
