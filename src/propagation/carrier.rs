//! What contexts travel in: headers of any kind.

use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasher;

/// Headers that a context can be read from. Names are in lower case, and headers' own names may be in
/// any.
pub trait Extract {
    /// Shows `visit` every value of a header, in their order.
    fn values(&self, name: &str, visit: &mut dyn FnMut(&str));
}

/// Headers that a context can be written to.
pub trait Inject {
    /// Sets a header, in the place of what it had.
    fn set(&mut self, name: &'static str, value: &str);
}

impl Extract for http::HeaderMap {
    fn values(&self, name: &str, visit: &mut dyn FnMut(&str)) {
        self.get_all(name).iter().filter_map(|value| value.to_str().ok()).for_each(visit);
    }
}

impl Inject for http::HeaderMap {
    fn set(&mut self, name: &'static str, value: &str) {
        if let Ok(value) = http::HeaderValue::from_str(value) {
            self.insert(http::HeaderName::from_static(name), value);
        }
    }
}

macro_rules! maps {
    ($($map:ty $(: $hasher:ident)?),*) => {$(
        impl$(<$hasher: BuildHasher>)? Extract for $map {
            fn values(&self, name: &str, visit: &mut dyn FnMut(&str)) {
                let named = |(key, _): &(&String, &String)| key.eq_ignore_ascii_case(name);
                self.iter().filter(named).for_each(|(_, value)| visit(value));
            }
        }

        impl$(<$hasher: BuildHasher>)? Inject for $map {
            fn set(&mut self, name: &'static str, value: &str) {
                self.retain(|key, _| !key.eq_ignore_ascii_case(name));
                self.insert(name.to_owned(), value.to_owned());
            }
        }
    )*};
}

maps!(HashMap<String, String, S>: S, BTreeMap<String, String>);
