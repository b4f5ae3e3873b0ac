//! A collector written in Rust, whose decoder is strict and which prints every field it read.

use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::process::Command;
use std::time::Duration;

use super::process::{Process, free_tcp_port, poll};

/// `rotel` on two free loopback ports, passing nothing on.
#[derive(Debug)]
pub struct Rotel {
    process: Process,
    http: SocketAddr,
    grpc: SocketAddr,
}

impl Rotel {
    pub fn start() -> Option<Self> {
        let binary = super::program("LIGHTSHIP_TEST_ROTEL")?;
        let (process, [http, grpc]) = Process::launch(
            "rotel",
            |_| {
                let addresses =
                    [(); 2].map(|()| SocketAddr::from((Ipv4Addr::LOCALHOST, free_tcp_port())));
                let [http, grpc] = addresses.map(|address| address.to_string());
                let mut command = Command::new(&binary);
                command
                    .env_clear()
                    .args(["start", "--exporter", "blackhole"])
                    .args(["--otlp-http-endpoint", &http, "--otlp-grpc-endpoint", &grpc])
                    .args(["--pid-file", "pid", "--log-file", "daemon.log"])
                    .args(["--debug-log", "traces", "--debug-log", "metrics"])
                    .args(["--debug-log-verbosity", "detailed", "--batch-timeout", "20ms"]);
                (command, addresses)
            },
            |addresses| addresses.iter().all(|address| TcpStream::connect(address).is_ok()),
        );
        Some(Self { process, http, grpc })
    }

    pub fn process_id(&self) -> u32 {
        self.process.id()
    }

    pub fn http(&self) -> SocketAddr {
        self.http
    }

    pub fn grpc(&self) -> SocketAddr {
        self.grpc
    }

    /// All it printed so far: requests field by field, and complaints.
    pub fn printed(&self) -> String {
        self.process.log()
    }

    /// Waits until it printed this; all it printed when it never does.
    pub fn wait_for(&self, text: &str, within: Duration) -> Result<String, String> {
        poll(within, || {
            let printed = self.printed();
            if printed.contains(text) {
                Ok(printed)
            } else {
                Err(format!("no {text:?} in {printed}"))
            }
        })
    }
}
