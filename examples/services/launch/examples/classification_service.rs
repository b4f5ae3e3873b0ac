//! Says what kind of document something is: `cargo run --example classification_service`.

fn main() -> std::process::ExitCode {
    lightship_launch::run("classification_service")
}
