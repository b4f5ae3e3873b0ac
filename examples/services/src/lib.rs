//! Two small services that lightship's users will recognise: [`upload`] takes PDFs, stores them, has
//! them named by [`classification`] over HTTP, and writes them down in SQLite. [`seed`] starts both,
//! uploads something, and shows the trace as it arrived at [`receiver`] or at Jaeger:
//!
//! ```text
//! upload-service: POST /documents/upload
//! ├── upload-service: storage.put
//! ├── upload-service: HTTP POST /classify
//! │   └── classification-service: POST /classify
//! │       └── classification-service: model.infer
//! └── upload-service: INSERT documents
//! ```
//!
//! From the repository's root: `cargo run --example seed_trace`.

pub mod answer;
pub mod body;
pub mod classification;
pub mod command_line;
pub mod encoding;
pub mod receiver;
pub mod seed;
pub mod server;
pub mod upload;
