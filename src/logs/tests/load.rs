//! What many lines cost and what becomes of them.
