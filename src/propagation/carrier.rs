//! What contexts travel in: headers of any kind.

use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasher;

/// Headers that a context can be read from: those of HTTP, of a message in a queue, of a job.
///
/// There are implementations for [`http::HeaderMap`], for maps of strings, and for vectors and slices
/// of pairs.
///
/// # Examples
///
/// A queue whose messages have headers of their own, such as Kafka's:
///
/// ```
/// use lightship::propagation::{self, Extract};
///
/// struct Message {
///     headers: Vec<(String, Vec<u8>)>,
/// }
///
/// impl Extract for Message {
///     fn values(&self, name: &str, visit: &mut dyn FnMut(&str)) {
///         for (key, value) in &self.headers {
///             if key.eq_ignore_ascii_case(name) {
///                 visit(&String::from_utf8_lossy(value));
///             }
///         }
///     }
/// }
///
/// let message = Message { headers: Vec::new() };
/// propagation::extract(&message).run(|| {
///     let _span = tracing::info_span!("process", otel.kind = "consumer").entered();
/// });
/// ```
///
/// tonic's metadata is a map of HTTP headers inside: `extract(request.metadata().as_ref())`, or
/// `extract(&metadata.clone().into_headers())`.
pub trait Extract {
    /// Shows `visit` every value of a header, in their order. `name` is in lower case; headers' own
    /// names may be in any.
    fn values(&self, name: &str, visit: &mut dyn FnMut(&str));
}

/// Headers that a context can be written to.
///
/// There are implementations for [`http::HeaderMap`], for maps of strings and for vectors of pairs.
///
/// # Examples
///
/// ```
/// use lightship::propagation::{self, Inject};
///
/// #[derive(Default)]
/// struct Message {
///     headers: Vec<(&'static str, Vec<u8>)>,
/// }
///
/// impl Inject for Message {
///     fn set(&mut self, name: &'static str, value: &str) {
///         self.remove(name);
///         self.headers.push((name, value.as_bytes().to_vec()));
///     }
///
///     fn remove(&mut self, name: &'static str) {
///         self.headers.retain(|(key, _)| *key != name);
///     }
/// }
///
/// let mut message = Message::default();
/// propagation::inject(&mut message);
/// ```
///
/// For tonic, inject into a `http::HeaderMap` and make the metadata of it with
/// `MetadataMap::from_headers`, or inject in a tower layer below the client, which has such a map.
pub trait Inject {
    /// Sets a header, in the place of what it had. `name` is in lower case; the value is visible ASCII
    /// and spaces.
    fn set(&mut self, name: &'static str, value: &str);

    /// Takes away a header that a request copied from another one may have, and that says nothing of
    /// this context. Does nothing unless implemented, which is right where headers are always new.
    fn remove(&mut self, name: &'static str) {
        let _ = name;
    }
}

impl<E: Extract + ?Sized> Extract for &E {
    fn values(&self, name: &str, visit: &mut dyn FnMut(&str)) {
        (**self).values(name, visit);
    }
}

impl<I: Inject + ?Sized> Inject for &mut I {
    fn set(&mut self, name: &'static str, value: &str) {
        (**self).set(name, value);
    }

    fn remove(&mut self, name: &'static str) {
        (**self).remove(name);
    }
}

impl Extract for http::HeaderMap {
    fn values(&self, name: &str, visit: &mut dyn FnMut(&str)) {
        // What is no text is shown as such, for two headers are not one because one is broken.
        self.get_all(name)
            .iter()
            .for_each(|value| visit(&String::from_utf8_lossy(value.as_bytes())));
    }
}

impl Inject for http::HeaderMap {
    fn set(&mut self, name: &'static str, value: &str) {
        // A map has an end, and `from_static` wants names that are right.
        let lower = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if name.is_empty() || !name.bytes().all(lower) {
            return;
        }
        if let Ok(value) = http::HeaderValue::from_str(value) {
            let _ = self.try_insert(http::HeaderName::from_static(name), value);
        }
    }

    fn remove(&mut self, name: &'static str) {
        http::HeaderMap::remove(self, name);
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
                Inject::remove(self, name);
                self.insert(name.to_owned(), value.to_owned());
            }

            fn remove(&mut self, name: &'static str) {
                self.retain(|key, _| !key.eq_ignore_ascii_case(name));
            }
        }
    )*};
}

maps!(HashMap<String, String, S>: S, BTreeMap<String, String>);

impl<K: AsRef<str>, V: AsRef<str>> Extract for [(K, V)] {
    fn values(&self, name: &str, visit: &mut dyn FnMut(&str)) {
        let named = |(key, _): &&(K, V)| key.as_ref().eq_ignore_ascii_case(name);
        self.iter().filter(named).for_each(|(_, value)| visit(value.as_ref()));
    }
}

impl<K: AsRef<str>, V: AsRef<str>, const N: usize> Extract for [(K, V); N] {
    fn values(&self, name: &str, visit: &mut dyn FnMut(&str)) {
        self.as_slice().values(name, visit);
    }
}

impl<K: AsRef<str>, V: AsRef<str>> Extract for Vec<(K, V)> {
    fn values(&self, name: &str, visit: &mut dyn FnMut(&str)) {
        self.as_slice().values(name, visit);
    }
}

impl<K, V> Inject for Vec<(K, V)>
where
    K: AsRef<str> + From<&'static str>,
    V: for<'a> From<&'a str>,
{
    fn set(&mut self, name: &'static str, value: &str) {
        Inject::remove(self, name);
        self.push((name.into(), value.into()));
    }

    fn remove(&mut self, name: &'static str) {
        self.retain(|(key, _)| !key.as_ref().eq_ignore_ascii_case(name));
    }
}
