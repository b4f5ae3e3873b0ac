//! A real DogStatsD server: what it received can be read back as a Prometheus page.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use super::http::get;
use super::process::{Process, free_tcp_port, free_udp_port, poll};

const SOCKET: &str = "dsd.sock";

/// `statsd_exporter` on UDP and on a Unix datagram socket, reading DogStatsD's dialect alone.
#[derive(Debug)]
pub struct StatsdExporter {
    process: Process,
    web: SocketAddr,
    udp: SocketAddr,
}

impl StatsdExporter {
    pub fn start() -> Option<Self> {
        let binary = super::program("LIGHTSHIP_TEST_STATSD_EXPORTER")?;
        let (process, (web, udp)) = Process::launch(
            "statsd-exporter",
            |directory| {
                let web = SocketAddr::from((Ipv4Addr::LOCALHOST, free_tcp_port()));
                let udp = SocketAddr::from((Ipv4Addr::LOCALHOST, free_udp_port()));
                let socket = directory.join(SOCKET);
                let mut command = Command::new(&binary);
                command
                    .arg(format!("--web.listen-address={web}"))
                    .arg(format!("--statsd.listen-udp={udp}"))
                    .arg(format!("--statsd.listen-unixgram={}", socket.display()))
                    .arg("--statsd.listen-tcp=")
                    .arg("--statsd.event-flush-interval=10ms")
                    .arg("--no-statsd.parse-influxdb-tags")
                    .arg("--no-statsd.parse-librato-tags")
                    .arg("--no-statsd.parse-signalfx-tags");
                (command, (web, udp))
            },
            // It serves pages last, after its sockets are bound.
            |(web, _)| get(*web, "/metrics", &[]).is_ok_and(|answer| answer.status == 200),
        );
        Some(Self { process, web, udp })
    }

    pub fn process_id(&self) -> u32 {
        self.process.id()
    }

    pub fn udp(&self) -> SocketAddr {
        self.udp
    }

    pub fn unixgram(&self) -> PathBuf {
        self.process.directory().join(SOCKET)
    }

    /// What it received so far, as Prometheus text, with its own metrics among it.
    pub fn scrape(&self) -> String {
        match get(self.web, "/metrics", &[]) {
            Ok(answer) if answer.status == 200 => answer.body,
            other => panic!("scraping statsd_exporter: {other:?}\n{}", self.process.log_tail()),
        }
    }

    /// Its error counters that are not zero: empty when it took every line and every tag. It
    /// refuses some of what Datadog's agent takes: sets, events, service checks, packed values of
    /// counters and gauges, and the sections `e:`, `T` and `card:`.
    pub fn refused(&self) -> Vec<String> {
        let counters = ["statsd_exporter_sample_errors_total", "statsd_exporter_tag_errors_total"];
        let page = self.scrape();
        let errors = page.lines().filter(|line| counters.iter().any(|name| line.starts_with(name)));
        errors.filter(|line| !line.ends_with(" 0")).map(str::to_owned).collect()
    }

    /// Scrapes until the page has `line` as a whole line; the page without its own metrics when
    /// it never has.
    pub fn scrape_until(&self, line: &str, within: Duration) -> Result<String, String> {
        poll(within, || {
            let page = self.scrape();
            if page.lines().any(|found| found == line) {
                return Ok(page);
            }
            let received: Vec<&str> = page.lines().filter(|line| !is_its_own(line)).collect();
            Err(format!("no line {line:?} in\n{}", received.join("\n")))
        })
    }
}

fn is_its_own(line: &str) -> bool {
    ["#", "go_", "process_", "promhttp_", "statsd_exporter_"]
        .iter()
        .any(|prefix| line.starts_with(prefix))
}
