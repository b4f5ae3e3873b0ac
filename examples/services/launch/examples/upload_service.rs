//! Takes PDFs: `cargo run --example upload_service`, best with `classification_service` beside it, and
//!
//! ```text
//! curl -i http://127.0.0.1:8080/documents/upload -H 'Content-Type: application/pdf' \
//!      -H 'X-Filename: invoice.pdf' --data-binary @invoice.pdf
//! ```

fn main() -> std::process::ExitCode {
    lightship_launch::run("upload_service")
}
