//! Nothing: this crate is there for its test, which must not share a build with the others.
