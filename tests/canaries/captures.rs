//! What tests of a service see has passed the same policy.

use crate::backends::{Received, check};
use crate::places::http::serve;
use crate::places::{Backend, World, play};
use crate::service::quiet_panics;
use lightship::testing::capture;

#[test]
fn captures_show_no_secret() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let service = serve(&runtime);
    let world = World { telemetry: None, runtime, peer: None, service };
    quiet_panics();
    let ((), seen) = capture(|| play(&world, |backend| backend == Backend::Capture));
    let text = format!("{seen}\n{:?}\n{:?}\n{}", seen, seen.spans(), seen.logs().join("\n"));
    check(&Received::from([(Backend::Capture, text.into_bytes())]), &[Backend::Capture]);
}
