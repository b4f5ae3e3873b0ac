//! Attribute and derive macros of `lightship`.

mod error_type;
mod function;
mod metric;
mod mistakes;
mod names;
mod observe;
mod tag;

use function::Function;
use proc_macro::TokenStream;
use syn::Result;

/// Gives every call of a function a span, a count and a duration.
///
/// ```
/// use lightship::observe;
///
/// #[observe(name = "storage.put", kind = "client", fields(key, bytes = body.len()), err)]
/// fn put(key: &str, body: &[u8]) -> Result<(), std::io::Error> {
///     if body.is_empty() {
///         return Err(std::io::ErrorKind::InvalidInput.into());
///     }
///     Ok(())
/// }
///
/// put("a.pdf", b"%PDF").unwrap();
/// put("b.pdf", b"").unwrap_err(); // the span has failed, and a line of the log says why
/// ```
///
/// It stands on a `fn`, `async fn` or `unsafe fn`, on methods, also those of `async_trait`, and on
/// functions that end with `async move { .. }` or a box of it. `?` and `return` are seen, a panic goes
/// on unwinding, and a future that is dropped half-way is cancelled. One that is never polled was
/// never called.
///
/// **Arguments are not captured** unless `fields` or `tags` name them. Nor are errors and values,
/// unless `err` and `ret` do.
///
/// # Metrics
///
/// The counter `function.calls` and the timer `function.calls.duration`, which Prometheus shows as
/// `function_calls_total` and `function_calls_duration_seconds`, with the names and the tags that
/// autometrics' dashboards ask for:
///
/// | tag | value |
/// |---|---|
/// | `function`, `module` | where the code is; these don't count against the limits on tags |
/// | `outcome` | `ok`, `error`, `cancelled` or `panic` |
/// | `result` | `ok`, or `error` for errors and panics; a cancelled call has none |
/// | `error_type` | for errors alone: what `lightship::ErrorType` says, or the last part of the name of the error's type |
///
/// What a function returns is an error if it is the `Err` of a `Result`, whatever the signature calls
/// that; of a type parameter it can't be known, and counts as `ok`. What is called before `init`
/// counts as dropped.
///
/// # The span
///
/// It has the function's name, target and level `info`, unless options say otherwise. If the call
/// does not succeed it gets the attribute `outcome`, and with an error or a panic the status `error`
/// and the attribute `error.type`.
///
/// # Options
///
/// | option | meaning |
/// |---|---|
/// | `name = "storage.put"` | the span's name, also as a constant's path; metrics keep the function's |
/// | `level = "debug"` | the span's level, also as `tracing::Level::DEBUG` |
/// | `target = "storage"` | the span's target |
/// | `parent = &span` | the span's parent, which may be `None`, in place of the current span |
/// | `kind = "client"` | the span's kind: `internal`, `server`, `client`, `producer`, `consumer` |
/// | `fields(key, %id, size = body.len(), done = Empty)` | fields in the syntax of tracing's macros. Expressions see the arguments, and may be `short(id)`, `hashed(id)` and an enum with `derive(Tag)` as they are; a name alone is the variable of that name; an `Empty` one is recorded later |
/// | `tags(plan = user.plan)` | up to eight tags, on the metrics and the span; values are a `lightship::TagValue` of which there are few. `lightship::tag` adds more while the call runs |
/// | `err` | the error becomes the span's status and an event of level `error`, cut at 200 characters; also `err(Debug)`, `err(level = "warn")` |
/// | `ret` | what is returned becomes an event, by `Debug`; also `ret(Display)`, `ret(level = "trace")`. With `err`, what is in the `Ok` |
/// | `metrics = false` | no metrics |
/// | `skip(..)`, `skip_all` | nothing: arguments are skipped anyway. There for those who come from tracing's `instrument` |
/// | `crate = some::path` | where lightship is, if not at `::lightship` |
///
/// # Costs
///
/// Without a span that anybody wants, and without metrics, a comparison or two. Metrics take two
/// readings of the clock and some ten nanoseconds, and don't allocate. A span costs what spans do;
/// one of a trace that is not kept doesn't allocate. What an error costs, a success does not.
///
/// # Other attributes
///
/// They stay as they are. With `#[track_caller]` a call that leaves by `?` is an error of the type
/// `_OTHER`, because only a closure could look at it, which would take the caller's place.
///
/// # Examples
///
/// ```
/// use lightship::{ErrorType, Tag, observe};
///
/// #[derive(Clone, Copy, Tag)]
/// enum Plan { Free, Paid }
///
/// #[derive(ErrorType)]
/// enum Refused { TooMany { limit: u32 } } // "too_many"
///
/// struct Queue { waiting: u32 }
///
/// impl Queue {
///     #[observe(tags(plan = plan), fields(waiting = self.waiting as i64))]
///     async fn push(&mut self, plan: Plan) -> Result<(), Refused> {
///         if self.waiting == 3 {
///             return Err(Refused::TooMany { limit: 3 });
///         }
///         self.waiting += 1;
///         Ok(())
///     }
/// }
/// # let _ = |mut queue: Queue| async move { _ = queue.push(Plan::Free).await; Plan::Paid };
/// ```
#[proc_macro_attribute]
pub fn observe(arguments: TokenStream, item: TokenStream) -> TokenStream {
    attribute("observe", arguments, item, observe::expand)
}

/// Makes every call of a function a workflow: a piece of work with a name, of several calls to language
/// models and what is between them. For the feature `llm`; see the module `lightship::workflow`.
///
/// It stands wherever [`macro@observe`] can, and sees what that sees: what the function returns is an error if
/// it is the `Err` of a `Result`, of the type that `lightship::ErrorType` says; a panic is one, and a future that
/// is dropped half-way is cancelled. What the calls within it cost is summed up, on whatever thread they are
/// made; how many sections or items there were is said to `workflow::current()`.
///
/// # Options
///
/// | option | meaning |
/// |---|---|
/// | `name = "medical_report"` | the workflow's name, also as a constant's path, or as a string alone; the function's unless set |
/// | `err`, `ret` | as `observe` has them |
/// | `crate = some::path` | where lightship is, if not at `::lightship` |
///
/// # Examples
///
/// ```
/// use lightship::workflow;
///
/// #[workflow("medical_report")]
/// async fn make_report(patient: u32) -> Result<Vec<String>, std::io::Error> {
///     let sections = write_sections(patient).await?;
///     if let Some(workflow) = workflow::current() {
///         workflow.add_sections(sections.len() as u64);
///     }
///     Ok(sections)
/// }
/// # async fn write_sections(_: u32) -> Result<Vec<String>, std::io::Error> { Ok(Vec::new()) }
/// # let _ = || async { make_report(1).await };
/// ```
#[proc_macro_attribute]
pub fn workflow(arguments: TokenStream, item: TokenStream) -> TokenStream {
    attribute("workflow", arguments, item, observe::workflow)
}

/// Times every call of a function: a timer of this name, with tags as `timer!` has them.
///
/// The time is recorded however the call ends, also by a panic or, for a future, by being dropped.
/// There is no span. For counts and outcomes beside it, see [`macro@observe`].
///
/// # Examples
///
/// ```
/// use lightship::timed;
///
/// #[timed("db.query", "table" => table)]
/// async fn rows(table: &str) -> u64 {
///     12
/// }
///
/// #[timed("parse")]
/// fn parse(text: &str) -> Result<u32, std::num::ParseIntError> {
///     text.parse()
/// }
/// # let _ = || async { rows("documents").await };
/// # assert_eq!(parse("7"), Ok(7));
/// ```
#[proc_macro_attribute]
pub fn timed(arguments: TokenStream, item: TokenStream) -> TokenStream {
    attribute("timed", arguments, item, metric::timed)
}

/// Counts every call of a function when it begins: a counter of this name, with tags as `counter!` has
/// them. There is no span.
///
/// # Examples
///
/// ```
/// #[lightship::counted("mails.sent", "kind" => "invoice")]
/// fn send_invoice() {}
///
/// send_invoice();
/// ```
#[proc_macro_attribute]
pub fn counted(arguments: TokenStream, item: TokenStream) -> TokenStream {
    attribute("counted", arguments, item, metric::counted)
}

/// Makes an enum without fields a tag value: each variant is its name in `snake_case`, or what
/// `#[tag(rename = "...")]` says.
///
/// The values are bounded by the type, so they don't count against the limit on a key's values.
///
/// # Examples
///
/// ```
/// #[derive(lightship::Tag)]
/// enum Outcome {
///     Ok,
///     NotFound, // "not_found"
///     #[tag(rename = "5xx")]
///     ServerError,
/// }
///
/// lightship::counter!("lookups", "outcome" => Outcome::NotFound).increment(1);
/// ```
#[proc_macro_derive(Tag, attributes(tag))]
pub fn derive_tag(input: TokenStream) -> TokenStream {
    let expanded = syn::parse(input).and_then(|input| tag::expand(&input));
    expanded.unwrap_or_else(|error| error.to_compile_error()).into()
}

/// Gives each variant of an error its type for `ErrorType`: the variant's name in `snake_case`, or
/// what `#[error_type(rename = "...")]` says. Variants may have fields, which are not looked at.
///
/// # Examples
///
/// ```
/// use lightship::ErrorType;
///
/// #[derive(Debug, ErrorType)]
/// enum UploadError {
///     NotAPdf,                        // "not_a_pdf"
///     TooLarge { bytes: u64 },        // "too_large"
///     #[error_type(rename = "storage")]
///     Io(std::io::Error),
/// }
///
/// assert_eq!(UploadError::TooLarge { bytes: 1 << 30 }.error_type(), "too_large");
/// ```
#[proc_macro_derive(ErrorType, attributes(error_type))]
pub fn derive_error_type(input: TokenStream) -> TokenStream {
    let expanded = syn::parse(input).and_then(|input| error_type::expand(&input));
    expanded.unwrap_or_else(|error| error.to_compile_error()).into()
}

/// What all attributes do. With a mistake the item stays as it was, so that there is nothing more to
/// complain of.
fn attribute(
    name: &str,
    arguments: TokenStream,
    item: TokenStream,
    expand: fn(proc_macro2::TokenStream, &Function) -> Result<proc_macro2::TokenStream>,
) -> TokenStream {
    let function = Function::parse(name, item.clone().into());
    match function.and_then(|function| expand(arguments.into(), &function)) {
        Ok(expanded) => expanded.into(),
        Err(error) => {
            let mut told = TokenStream::from(error.to_compile_error());
            told.extend(item);
            told
        }
    }
}
