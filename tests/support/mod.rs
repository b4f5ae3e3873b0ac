//! What the tests of this crate lean on.

// Each test binary compiles all of this and uses a part.
#![allow(dead_code, unused_imports, unused_macros, unreachable_pub)]

pub mod backends;
pub mod child;
pub mod dogstatsd;
pub mod otlp;
