//! Runs that go wrong.
