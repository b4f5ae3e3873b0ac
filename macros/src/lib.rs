//! Attribute and derive macros of `lightship`.
