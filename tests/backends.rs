//! The real backends start, judge and go away: what other tests take for granted.

#![cfg(target_os = "linux")]

#[path = "backends/otlp.rs"]
mod otlp;
mod support;
#[path = "backends/tracers.rs"]
mod tracers;

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::time::Duration;

use support::backends::{OpenMetrics, Prometheus, Promtool, StatsdExporter, python_datadog};

const PATIENCE: Duration = Duration::from_secs(30);

/// Serves one page to everybody with the token, until the test's process ends.
fn serve(page: &'static str, token: &'static str) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    std::thread::spawn(move || {
        // A scraper that hangs up in the middle is none of the page's business.
        listener.incoming().for_each(|stream| drop(stream.map(|it| answer(it, page, token))));
    });
    Ok(address)
}

fn answer(mut stream: TcpStream, page: &str, token: &str) -> io::Result<()> {
    let mut request = [0; 4096];
    let length = stream.read(&mut request)?;
    let request = String::from_utf8_lossy(&request[..length]);
    let allowed = request.contains(&format!("Authorization: Bearer {token}\r\n"));
    let status = if allowed { "200 OK" } else { "401 Unauthorized" };
    let head = "Content-Type: text/plain; version=0.0.4\r\nConnection: close";
    write!(stream, "HTTP/1.1 {status}\r\n{head}\r\n\r\n{page}")
}

fn is_alive(process_id: u32) -> bool {
    Path::new(&format!("/proc/{process_id}")).exists()
}

#[test]
fn prometheus_scrapes_with_a_token_and_answers_queries() {
    let target = serve("berths{pier=\"nördlich \\\"2\\\"\"} 3\n", "harbour'\"1").unwrap();
    let Some(prometheus) = Prometheus::start(&[target.to_string()], Some("harbour'\"1")) else {
        return;
    };
    prometheus.wait_up(PATIENCE).unwrap();
    let series = prometheus.query_until("berths", PATIENCE, |series| !series.is_empty()).unwrap();
    assert_eq!(series[0].value, 3.0);
    assert_eq!(series[0].label("pier"), Some("nördlich \"2\""));
    assert_eq!(series[0].label("job"), Some("lightship"));
    assert!(prometheus.query("1/0").unwrap()[0].value.is_infinite());
    assert!(prometheus.query("absent(berths)").unwrap().is_empty());
    assert!(prometheus.query("berths{").unwrap_err().contains("parse error"));

    let process_id = prometheus.process_id();
    drop(prometheus);
    assert!(!is_alive(process_id));
}

#[test]
fn prometheus_says_why_a_target_is_down() {
    let target = serve("berths 3\n", "right").unwrap();
    let Some(prometheus) = Prometheus::start(&[target.to_string()], Some("wrong")) else {
        return;
    };
    let reason = prometheus.wait_up(Duration::from_secs(8)).unwrap_err();
    assert!(reason.contains("401"), "{reason}");
}

#[test]
fn promtool_tells_good_pages_from_bad_ones() {
    let Some(promtool) = Promtool::find() else { return };
    let good = "# HELP berths_total Berths.\n# TYPE berths_total counter\nberths_total 3\n";
    promtool.check_metrics(good).unwrap();
    let lint = promtool.check_metrics(&good.replace("_total", "")).unwrap_err();
    assert!(lint.contains("_total"), "{lint}");
    promtool.check_metrics("berths{ 3\n").unwrap_err();
}

#[test]
fn promtool_reads_a_page_larger_than_a_pipe() {
    let Some(promtool) = Promtool::find() else { return };
    let mut page = String::from("# HELP berths Berths.\n# TYPE berths gauge\n");
    for number in 0..20_000 {
        page.push_str(&format!("berths{{number=\"{number}\"}} {number}\n"));
    }
    promtool.check_metrics(&page).unwrap();
}

#[test]
fn openmetrics_is_parsed_strictly() {
    let Some(parser) = OpenMetrics::find() else { return };
    let page = "# HELP berths Berths.\n# TYPE berths counter\n\
                berths_total{pier=\"ö\"} 3 # {trace_id=\"ab\"} 1 5\n# EOF\n";
    let families = parser.parse(page).unwrap();
    assert_eq!(families[0]["name"], "berths");
    assert_eq!(families[0]["type"], "counter");
    let sample = &families[0]["samples"][0];
    assert_eq!(sample["name"], "berths_total");
    assert_eq!(sample["labels"]["pier"], "ö");
    assert_eq!(sample["value"], 3.0);
    assert_eq!(sample["exemplar"]["labels"]["trace_id"], "ab");

    let infinite = parser.parse("# TYPE depth gauge\ndepth +Inf\n# EOF\n").unwrap();
    assert_eq!(infinite[0]["samples"][0]["value"], "+Inf");

    let reason = parser.parse(page.trim_end_matches("# EOF\n")).unwrap_err();
    assert!(reason.contains("EOF"), "{reason}");
    parser.parse(&page.replace('\n', "\r\n")).unwrap_err();
    parser.parse(&page.replace("berths_total", "berths")).unwrap_err();
}

#[test]
fn statsd_exporter_receives_over_udp_and_unix_datagrams() {
    let Some(exporter) = StatsdExporter::start() else { return };
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.send_to(b"berths:3|c|#pier:north\nberths:2|c|@0.5|#pier:north", exporter.udp()).unwrap();
    exporter.scrape_until("berths{pier=\"north\"} 7", PATIENCE).unwrap();

    let socket = UnixDatagram::unbound().unwrap();
    socket.send_to(b"depth:1:2:3|d|@0.5|#pier:south", exporter.unixgram()).unwrap();
    exporter.scrape_until("depth_count{pier=\"south\"} 6", PATIENCE).unwrap();
    exporter.scrape_until("depth_sum{pier=\"south\"} 12", PATIENCE).unwrap();
    assert!(exporter.scrape_until("depth_count 1", Duration::from_millis(50)).is_err());

    assert!(exporter.refused().is_empty());
    socket.send_to(b"sailor:anna|s", exporter.unixgram()).unwrap();
    exporter
        .scrape_until("statsd_exporter_sample_errors_total{reason=\"malformed_value\"} 1", PATIENCE)
        .unwrap();
    assert_eq!(exporter.refused().len(), 1);

    let (process_id, unixgram) = (exporter.process_id(), exporter.unixgram());
    drop(exporter);
    assert!(!is_alive(process_id));
    assert!(!unixgram.exists());
}

#[test]
fn the_reference_sender_reaches_statsd_exporter() {
    let Some(exporter) = StatsdExporter::start() else { return };
    let script = "
import sys
from datadog.dogstatsd import DogStatsd
client = DogStatsd(host='127.0.0.1', port=int(sys.argv[1]), disable_telemetry=True)
client.increment('berths', 3, tags=['pier:north'])
client.flush()
client.stop()
";
    let port = exporter.udp().port().to_string();
    let Some(output) = python_datadog(script, &[&port]) else { return };
    assert!(output.status.success(), "{output:?}");
    exporter.scrape_until("berths{pier=\"north\"} 3", PATIENCE).unwrap();
}
