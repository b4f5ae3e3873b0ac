//! Two services, some uploads, and their traces: `cargo run --example seed_trace`.

fn main() -> std::process::ExitCode {
    lightship_launch::run("seed_trace")
}
