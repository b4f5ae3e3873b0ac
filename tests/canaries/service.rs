//! The child: a service that plants what the table says, sends all of it, and shows what it can show.

use crate::places::constants::variables;
use crate::places::http::serve;
use crate::places::{Backend, World, play};
use crate::support::backends::get;
use crate::support::child;
use lightship::{
    Builder, DogStatsd, Logs, Otlp, Prometheus, Protocol, Redaction, Spans, Telemetry,
};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// Far longer than anything takes.
const PATIENCE: Duration = Duration::from_secs(30);
/// The files that pages are kept in.
pub(crate) const PAGES: [(&str, Backend); 4] = [
    ("page", Backend::Page),
    ("openmetrics", Backend::OpenMetrics),
    ("status", Backend::StatusPage),
    ("shown", Backend::Shown),
];

/// What the parent tells its child.
#[derive(Debug, Clone)]
pub(crate) struct Setup {
    pub(crate) dogstatsd: String,
    pub(crate) otlp: String,
    pub(crate) grpc: bool,
    pub(crate) gzip: bool,
    pub(crate) json: bool,
    pub(crate) peer: SocketAddr,
    /// Where pages go.
    pub(crate) folder: PathBuf,
    /// What else is different.
    pub(crate) twist: Twist,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Twist {
    None,
    /// Everything under `detail` may pass: a leak made on purpose.
    Allowed,
    /// A detector of the user's panics.
    Panics,
    /// A detector of the user's never comes back.
    Hangs,
    /// What can't be sent is not waited for.
    Backends,
}

const TWISTS: [Twist; 5] =
    [Twist::None, Twist::Allowed, Twist::Panics, Twist::Hangs, Twist::Backends];

impl Setup {
    fn to_argument(&self) -> String {
        let twist = TWISTS.iter().position(|it| *it == self.twist).unwrap();
        json!([
            self.dogstatsd,
            self.otlp,
            self.grpc,
            self.gzip,
            self.json,
            self.peer.to_string(),
            self.folder,
            twist
        ])
        .to_string()
    }

    /// A child that plays the service in this test.
    pub(crate) fn command(&self, test: &str) -> Command {
        let mut command = child::command(test, &self.to_argument());
        command.envs(variables());
        command
    }

    fn from_argument(argument: &str) -> Self {
        let all: Vec<Value> = serde_json::from_str(argument).unwrap();
        let text = |at: usize| all[at].as_str().unwrap().to_owned();
        let truth = |at: usize| all[at].as_bool().unwrap();
        Setup {
            dogstatsd: text(0),
            otlp: text(1),
            grpc: truth(2),
            gzip: truth(3),
            json: truth(4),
            peer: text(5).parse().unwrap(),
            folder: text(6).into(),
            twist: TWISTS[usize::try_from(all[7].as_u64().unwrap()).unwrap()],
        }
    }

    fn builder(&self) -> Builder {
        // Sent at the end and not before, so that one payload is not ten.
        let never = Duration::from_secs(60);
        let waits = self.twist != Twist::Backends;
        let delay = if waits { never } else { Duration::from_millis(100) };
        let otlp = Otlp::default()
            .endpoint(&self.otlp)
            .protocol(if self.grpc { Protocol::Grpc } else { Protocol::HttpProtobuf })
            .compression(self.gzip)
            .metrics(true)
            .metrics_interval(delay);
        let logs = if self.json { Logs::default().json() } else { Logs::default().text() };
        lightship::builder("canaries")
            .redaction(self.redaction())
            .otlp(otlp)
            .dogstatsd(DogStatsd::default().address(&self.dogstatsd).flush_interval(delay))
            .prometheus(Prometheus::default().listen("127.0.0.1:0"))
            .logs(logs)
            .spans(Spans::default().queue(100_000).delay(delay))
            .flush_on_panic(self.twist == Twist::None)
            .process_metrics(false)
    }

    fn redaction(&self) -> Redaction {
        let rules = Redaction::default();
        match self.twist {
            Twist::None | Twist::Backends => rules,
            Twist::Allowed => rules.allow("detail"),
            Twist::Panics => rules.detector(lightship::Detector::new("panics", |text| match text
                .contains("kept")
            {
                true => std::panic::resume_unwind(Box::new("of a detector")),
                false => Vec::new(),
            })),
            Twist::Hangs => rules.detector(lightship::Detector::new("hangs", |_| {
                loop {
                    std::thread::park();
                }
            })),
        }
    }
}

/// What the child does.
pub(crate) fn run(argument: &str) {
    quiet_panics();
    let setup = Setup::from_argument(argument);
    let telemetry = setup.builder().install().unwrap();
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.worker_threads(2).enable_all().build().unwrap();
    let service = serve(&runtime);
    let world = World { telemetry: Some(telemetry), runtime, peer: Some(setup.peer), service };
    play(&world, |_| true);
    let World { telemetry, runtime, .. } = world;
    // What is still underway ends.
    runtime.shutdown_timeout(Duration::from_secs(1));
    let telemetry = telemetry.unwrap();
    show(&telemetry, &setup.folder);
    if setup.twist == Twist::Backends {
        telemetry.shutdown(Duration::from_secs(3));
        return;
    }
    let report = telemetry.shutdown(PATIENCE);
    assert!(report.is_complete(), "{report}");
}

/// The program's own hook shows a panic's message, which is not for us to scrub: it has to be silent about
/// those that are planted.
pub(crate) fn quiet_panics() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let earlier = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let text = info.payload().downcast_ref::<String>();
            let planted = text.is_some_and(|text| text.starts_with("kept"));
            if !planted {
                earlier(info);
            }
        }));
    });
}

/// Everything that the instance shows, over its listener and to the program.
fn show(telemetry: &Telemetry, folder: &Path) {
    let address = address(telemetry);
    let accept = ("Accept", "application/openmetrics-text; version=1.0.0");
    let page = get(address, "/metrics", &[]).unwrap();
    let openmetrics = get(address, "/metrics", &[accept]).unwrap();
    let status = get(address, "/status", &[]).unwrap();
    let shown = [
        telemetry.prometheus_text(),
        telemetry.dogstatsd_text(),
        telemetry.trace_text(usize::MAX),
        telemetry.status().to_string(),
        format!("{:?}", telemetry.status()),
        telemetry.explain().to_string(),
    ];
    let texts = [
        format!("{:?}\n{}", page.headers, page.body),
        format!("{:?}\n{}", openmetrics.headers, openmetrics.body),
        format!("{:?}\n{}", status.headers, status.body),
        shown.join("\n"),
    ];
    for ((name, _), text) in PAGES.iter().zip(texts) {
        std::fs::write(folder.join(name), text).unwrap();
    }
}

pub(crate) fn address(telemetry: &Telemetry) -> SocketAddr {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match telemetry.admin_addr() {
            Some(address) => return address,
            None => assert!(Instant::now() < deadline, "{}", telemetry.status()),
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}
