//! What was kept out of telemetry, and what had to be folded to keep it small.

/// How often the rules of [`Redaction`](crate::Redaction) replaced or dropped something of one kind on
/// its way to one place; part of a [`Status`](crate::Status). Never says what it was.
///
/// # Examples
///
/// ```
/// let telemetry = lightship::builder("api").build()?;
/// telemetry.scope(|| lightship::counter!("logins", "password" => "x").increment(1));
/// let status = telemetry.status();
/// let [kept_out] = &status.redactions[..] else { panic!("{:?}", status.redactions) };
/// assert_eq!((kept_out.kind, kept_out.sink, kept_out.count), ("denied_key", "metrics", 1));
/// # Ok::<(), lightship::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RedactionCount {
    /// What was found: a [`Sensitive`](crate::Sensitive)'s name, that of a detector of your own, or
    /// `denied_key`, `pseudonym_key`, `ip_key`, `unlisted_key`, `unjudged`.
    pub kind: &'static str,
    /// Where it was going: `metrics`, `spans`, `logs`, `baggage` or `texts`.
    pub sink: &'static str,
    /// How often the rules acted. A tag is judged once for each series and thread, not with every point.
    pub count: u64,
}

/// How often values of a metric's tag, or series of a metric, were past their limit; part of a
/// [`Status`](crate::Status). Never says which values.
///
/// # Examples
///
/// ```
/// let telemetry = lightship::builder("api").cardinality("logins", "user", 1).build()?;
/// telemetry.scope(|| {
///     for user in ["ada", "bob", "cyd"] {
///         lightship::counter!("logins", "user" => user).increment(1);
///     }
/// });
/// assert_eq!(telemetry.status().overflowed("logins", "user"), 2);
/// # Ok::<(), lightship::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CardinalityOverflow {
    /// The metric's name, as backends see it; `_other` past the 200 metrics and keys that are told apart.
    pub metric: String,
    /// The tag's key; `*` where the metric, or the process, had all the series that it may have.
    pub key: String,
    /// How often a value or a series was folded: once for each that a thread does not remember.
    pub count: u64,
}
