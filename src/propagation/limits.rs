//! The bounds of this module; `crate::limits` shows them with all others.

/// The longest `traceparent` that is read, in bytes; those of future versions may be longer than ours.
pub const MAX_TRACEPARENT_BYTES: usize = 512;
/// The longest `tracestate` that is kept and sent, in bytes. Of a longer one, members that are longer
/// than [`MAX_TRACESTATE_SPARED_BYTES`] are left out first, then those at the end.
pub const MAX_TRACESTATE_BYTES: usize = 512;
/// The most members of a `tracestate`; one with more is ignored as a whole.
pub const MAX_TRACESTATE_MEMBERS: usize = 32;
/// The longest key of a member of `tracestate`, and the longest value, in bytes.
pub const MAX_TRACESTATE_PART_BYTES: usize = 256;
/// Members of `tracestate` up to this length, in bytes, go last where it is too long.
pub const MAX_TRACESTATE_SPARED_BYTES: usize = 128;
/// The longest `baggage`, in bytes; what comes after is left out.
pub const MAX_BAGGAGE_BYTES: usize = 8_192;
/// The most members of a `baggage`; what comes after is left out.
pub const MAX_BAGGAGE_MEMBERS: usize = 64;
/// The longest member of a `baggage` with its properties, in bytes; a longer one is left out.
pub const MAX_BAGGAGE_MEMBER_BYTES: usize = 4_096;
/// The longest `x-datadog-tags`, in bytes; a longer one is ignored, and tags that do not fit are not sent.
pub const MAX_DATADOG_TAGS_BYTES: usize = 512;
/// The longest `x-datadog-origin`, in bytes; a longer one is ignored.
pub const MAX_DATADOG_ORIGIN_BYTES: usize = 128;
/// The longest `b3`, in bytes: 128 bits of trace id, span id, decision and parent.
pub const MAX_B3_BYTES: usize = 32 + 1 + 16 + 1 + 5 + 1 + 16;
