//! The listener, over real sockets.

mod clients;
mod hostile;
mod pages;
mod port;
