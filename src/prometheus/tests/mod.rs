//! The page as a whole.

mod check;
mod collisions;
mod hostile;
mod others;
mod pages;
mod source;
