//! Answers and streams in the shapes that providers document.

mod answers;
mod hostile;
mod streams;
