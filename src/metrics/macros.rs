//! The facade's macros: a static for each call site, and a look into it.

/// The target of a call site: the part that all macros of the facade share.
#[doc(hidden)]
#[macro_export]
macro_rules! __target {
    ($kind:ident, $name:literal $(, $key:literal => $value:literal)* $(,)?) => {{
        static SITE: $crate::__private::Site<$crate::__private::cell_of!($kind)> =
            $crate::__private::Site::new(
                $crate::__private::Kind::$kind,
                $name,
                &[$(($key, ::core::concat!($value))),*],
            );
        SITE.target()
    }};
    ($kind:ident, $name:literal $(, $key:literal => $value:expr)+ $(,)?) => {{
        static SITE: $crate::__private::DynamicSite =
            $crate::__private::DynamicSite::new($crate::__private::Kind::$kind);
        SITE.by_values::<$crate::__private::cell_of!($kind), _>($name, &[$(
            $crate::__private::RawTag::new(
                $key,
                &$value,
                const { $crate::__private::is_literal(::core::stringify!($value)) },
            )
        ),+])
    }};
    ($kind:ident, $name:expr $(, $key:expr => $value:expr)* $(,)?) => {{
        static SITE: $crate::__private::DynamicSite =
            $crate::__private::DynamicSite::new($crate::__private::Kind::$kind);
        SITE.by_all::<$crate::__private::cell_of!($kind)>(::core::convert::AsRef::as_ref(&$name), &[$(
            $crate::__private::RawTag::new(
                ::core::convert::AsRef::as_ref(&$key),
                &$value,
                const { $crate::__private::is_literal(::core::stringify!($value)) },
            )
        ),*])
    }};
    ($kind:ident, $name:expr, $tags:expr $(,)?) => {{
        static SITE: $crate::__private::DynamicSite =
            $crate::__private::DynamicSite::new($crate::__private::Kind::$kind);
        SITE.by_all::<$crate::__private::cell_of!($kind)>(
            ::core::convert::AsRef::as_ref(&$name),
            &$crate::__private::tags_of($tags),
        )
    }};
}

/// Which cell a kind of metric has.
#[doc(hidden)]
#[macro_export]
macro_rules! __cell_of {
    (Counter) => {
        $crate::__private::CounterCell
    };
    (Gauge) => {
        $crate::__private::GaugeCell
    };
    (Set) => {
        $crate::__private::SetCell
    };
    ($histogram:ident) => {
        $crate::__private::HistogramCell
    };
}

/// A [`Counter`](crate::Counter): a name, and tags as `"key" => value`.
///
/// With literals alone a call takes about two nanoseconds, with other values (anything that is a
/// [`TagValue`](crate::TagValue)) about ten once the thread has seen them; neither allocates. A
/// slice or map of pairs works too: `counter!("name", &pairs)`.
///
/// # Examples
///
/// ```
/// use lightship::counter;
///
/// let status = 201_u16;
/// counter!("api.requests", "endpoint" => "/users").increment(1);
/// counter!("api.responses", "endpoint" => "/users", "status" => status).increment(1);
/// let tags = [("queue", "parser"), ("shard", "7")];
/// counter!("jobs.done", &tags).increment(1);
/// ```
#[macro_export]
macro_rules! counter {
    ($($arguments:tt)+) => {
        $crate::__private::counter($crate::__target!(Counter, $($arguments)+))
    };
}

/// A [`Gauge`](crate::Gauge): a name, and tags as `"key" => value`.
///
/// # Examples
///
/// ```
/// use lightship::gauge;
///
/// gauge!("queue.size", "queue" => "parser").set(42);
/// gauge!("connections.open").increment(1);
/// gauge!("connections.open").decrement(1);
/// ```
#[macro_export]
macro_rules! gauge {
    ($($arguments:tt)+) => {
        $crate::__private::gauge($crate::__target!(Gauge, $($arguments)+))
    };
}

/// A [`Histogram`](crate::Histogram): a name, and tags as `"key" => value`. DogStatsD's type `h`.
///
/// # Examples
///
/// ```
/// use lightship::histogram;
///
/// histogram!("request.size", "service" => "api").record(512);
/// ```
#[macro_export]
macro_rules! histogram {
    ($($arguments:tt)+) => {
        $crate::__private::histogram($crate::__target!(Histogram, $($arguments)+))
    };
}

/// A [`Histogram`](crate::Histogram) of DogStatsD's type `d`, whose quantiles Datadog computes over
/// all hosts; elsewhere the same as [`histogram!`](crate::histogram).
///
/// # Examples
///
/// ```
/// lightship::distribution!("document.pages", "format" => "pdf").record(12);
/// ```
#[macro_export]
macro_rules! distribution {
    ($($arguments:tt)+) => {
        $crate::__private::histogram($crate::__target!(Distribution, $($arguments)+))
    };
}

/// A running [`Timer`](crate::Timer): a name, and tags as `"key" => value`.
///
/// # Examples
///
/// ```
/// use lightship::timer;
///
/// let _timer = timer!("db.query", "table" => "documents");
/// ```
#[macro_export]
macro_rules! timer {
    ($($arguments:tt)+) => {
        $crate::__private::timer($crate::__target!(Timer, $($arguments)+)).start()
    };
}

/// A [`Set`](crate::Set): a name, and tags as `"key" => value`.
///
/// # Examples
///
/// ```
/// lightship::set!("users.active", "plan" => "paid").insert("user-17");
/// ```
#[macro_export]
macro_rules! set {
    ($($arguments:tt)+) => {
        $crate::__private::set($crate::__target!(Set, $($arguments)+))
    };
}

/// Describes a counter: its unit if it has one, and a text for the Prometheus page's HELP.
///
/// The unit becomes part of the name in Prometheus: `_bytes_total`.
///
/// # Examples
///
/// ```
/// use lightship::{describe_counter, Unit};
///
/// describe_counter!("api.requests", "Requests that were answered.");
/// describe_counter!("upload.volume", Unit::Bytes, "Bytes that were uploaded.");
/// ```
#[macro_export]
macro_rules! describe_counter {
    ($name:expr, $help:expr $(,)?) => {
        $crate::__private::describe(&$name, ::core::option::Option::None, &$help)
    };
    ($name:expr, $unit:expr, $help:expr $(,)?) => {
        $crate::__private::describe(&$name, ::core::option::Option::Some($unit), &$help)
    };
}

/// Describes a gauge or a set, see [`describe_counter!`](crate::describe_counter).
///
/// # Examples
///
/// ```
/// lightship::describe_gauge!("queue.size", "Jobs that wait.");
/// ```
#[macro_export]
macro_rules! describe_gauge {
    ($($arguments:tt)+) => { $crate::describe_counter!($($arguments)+) };
}

/// Describes a histogram, distribution or timer, see [`describe_counter!`](crate::describe_counter).
///
/// # Examples
///
/// ```
/// use lightship::{describe_histogram, Unit};
///
/// describe_histogram!("request.size", Unit::Bytes, "Sizes of request bodies.");
/// ```
#[macro_export]
macro_rules! describe_histogram {
    ($($arguments:tt)+) => { $crate::describe_counter!($($arguments)+) };
}
