//! Takes PDFs: `cargo run --example upload_service`, and `curl` as the page of the services shows.

fn main() -> std::process::ExitCode {
    lightship_launch::run("upload_service")
}
