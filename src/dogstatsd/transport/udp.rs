//! UDP: connected, so that the kernel tells when nobody listens.
//!
//! On the loopback a refusal is there as soon as `send` returns, and it is for this datagram: what
//! is not refused has found a socket. From another host it may come later or never. Whether the
//! queue of that socket was full nobody tells, so datagrams go out in small bursts.

use super::background::{Background, Progress};
use super::fault::{Fault, is_too_long};
use super::{Delivery, Settled, Transport, uninterrupted, write_timeout};
use crate::dogstatsd::payload::Payload;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs, UdpSocket};
use std::thread;
use std::time::{Duration, Instant};

/// How often a name is resolved again, and the socket bound to a new port with it: a router may
/// have pinned the old port to an agent that is gone.
const RESOLVE_INTERVAL: Duration = Duration::from_secs(30);
/// What flushes wait for the first answer of DNS, all together.
const RESOLVE_PATIENCE: Duration = Duration::from_millis(250);
/// An empty line, which agents skip: it costs nothing to lose.
const PROBE: &[u8] = b"\n";
/// How long a probe waits for the refusal of another host.
const PROBE_WAIT: Duration = Duration::from_millis(20);

/// So many datagrams fit into the usual receive buffer more than twice.
const MAX_BURST: u32 = 32;
const BURST_PAUSE: Duration = Duration::from_millis(1);

#[derive(Debug)]
pub(super) struct Udp {
    host: String,
    port: u16,
    target: String,
    /// Where the host may be; `at` is the one in use.
    candidates: Vec<SocketAddr>,
    at: usize,
    is_literal: bool,
    resolver: Background<io::Result<Vec<SocketAddr>>>,
    resolved_at: Option<Instant>,
    unresolved: String,
    patience: Duration,
    socket: Option<UdpSocket>,
    /// The last datagram was refused: a probe goes first.
    suspect: bool,
    /// Points and bytes of the last payload, in case its refusal comes late.
    last: (u64, u64),
    settled: Settled,
    /// Datagrams since the last pause.
    burst: u32,
}

impl Udp {
    pub(super) fn new(host: &str, port: u16) -> Self {
        let literal = host.trim_matches(['[', ']']).parse::<IpAddr>().ok();
        let mut udp = Udp {
            host: host.to_owned(),
            port,
            target: format!("{host}:{port}"),
            candidates: literal.map(|ip| SocketAddr::new(ip, port)).into_iter().collect(),
            at: 0,
            is_literal: literal.is_some(),
            resolver: Background::new("lightship-dns"),
            resolved_at: None,
            unresolved: "no answer yet".to_owned(),
            patience: RESOLVE_PATIENCE,
            socket: None,
            suspect: false,
            last: (0, 0),
            settled: Settled::default(),
            burst: 0,
        };
        if let Some(ip) = literal {
            udp.target = SocketAddr::new(ip, port).to_string();
        } else {
            udp.look_up();
        }
        udp
    }

    fn look_up(&mut self) {
        let (host, port) = (self.host.clone(), self.port);
        let call = move || Ok((host.as_str(), port).to_socket_addrs()?.collect());
        if let Err(error) = self.resolver.start(call) {
            self.unresolved = error.to_string();
        }
    }

    /// Makes sure that there is an address; never waits for DNS once there is one.
    fn resolve(&mut self, deadline: Instant) -> Result<(), Fault> {
        if self.is_literal {
            return Ok(());
        }
        if self.resolved_at.is_none_or(|at| at.elapsed() >= RESOLVE_INTERVAL) {
            self.look_up();
        }
        let before = Instant::now();
        let left = deadline.saturating_duration_since(before);
        let wait =
            if self.candidates.is_empty() { self.patience.min(left) } else { Duration::ZERO };
        let progress = self.resolver.poll(wait);
        self.patience = self.patience.saturating_sub(before.elapsed());
        match progress {
            Progress::Done(Ok(addresses)) if !addresses.is_empty() => self.move_to(addresses),
            Progress::Done(Ok(_)) => "it has no address".clone_into(&mut self.unresolved),
            Progress::Done(Err(error)) => self.unresolved = error.to_string(),
            Progress::Idle | Progress::Running => {}
        }
        if self.candidates.is_empty() {
            return Err(Fault::down(format!(
                "can't resolve {}: {}; check DD_AGENT_HOST and DNS",
                self.host, self.unresolved
            )));
        }
        Ok(())
    }

    fn move_to(&mut self, addresses: Vec<SocketAddr>) {
        let current = self.candidates.get(self.at);
        let at = addresses.iter().position(|address| Some(address) == current);
        self.at = at.unwrap_or(0);
        self.candidates = addresses;
        self.resolved_at = Some(Instant::now());
        self.socket = None;
    }

    /// Finds out at the price of an empty line whether somebody listens again.
    fn probe(&mut self, deadline: Instant) -> Result<(), Fault> {
        self.try_candidates(PROBE, deadline).map_err(|error| self.fault(&error))?;
        if !self.is_verified() {
            thread::sleep(PROBE_WAIT.min(deadline.saturating_duration_since(Instant::now())));
            if let Some(error) = self.pending_error() {
                self.give_up_candidate();
                return Err(self.fault(&error));
            }
        }
        self.suspect = false;
        Ok(())
    }

    /// Sends to the current candidate, or to the next ones if that refuses.
    fn try_candidates(&mut self, bytes: &[u8], deadline: Instant) -> io::Result<()> {
        let mut result = Ok(());
        for _ in 0..self.candidates.len() {
            result = self.send(bytes, deadline);
            match &result {
                Err(error) if !is_passing(error) && !is_too_long(error) => self.give_up_candidate(),
                _ => break,
            }
        }
        result
    }

    fn send(&mut self, bytes: &[u8], deadline: Instant) -> io::Result<()> {
        let socket = match self.socket.take() {
            Some(socket) => socket,
            None => open(self.candidates[self.at])?,
        };
        socket.set_write_timeout(Some(write_timeout(deadline)))?;
        let sent = uninterrupted(|| socket.send(bytes));
        let refused = socket.take_error()?;
        self.socket = Some(socket);
        sent?;
        refused.map_or(Ok(()), Err)
    }

    fn give_up_candidate(&mut self) {
        self.socket = None;
        self.at = (self.at + 1) % self.candidates.len().max(1);
        self.suspect = true;
    }

    fn pending_error(&self) -> Option<io::Error> {
        self.socket.as_ref().and_then(|socket| socket.take_error().ok().flatten())
    }

    /// Gives the agent time to read: UDP tells nobody when a queue overflows.
    fn pace(&mut self, deadline: Instant) {
        self.burst += 1;
        if self.burst == MAX_BURST {
            self.burst = 0;
            thread::sleep(BURST_PAUSE.min(deadline.saturating_duration_since(Instant::now())));
        }
    }

    fn fault(&self, error: &io::Error) -> Fault {
        Fault::from_io(error, &self.target)
    }
}

impl Transport for Udp {
    fn prepare(&mut self, deadline: Instant) -> Result<(), Fault> {
        self.resolve(deadline)?;
        if let Some(error) = self.pending_error() {
            // It is about the last datagram, which was taken for accepted.
            let (points, bytes) = std::mem::take(&mut self.last);
            self.settled.unknown += points;
            self.settled.unknown_bytes += bytes;
            self.settled.fault = Some(self.fault(&error).text);
            self.suspect = true;
        }
        if self.suspect { self.probe(deadline) } else { Ok(()) }
    }

    fn deliver(&mut self, payload: &Payload, deadline: Instant) -> Delivery {
        if let Err(fault) = self.prepare(deadline) {
            return Delivery::Refused(fault);
        }
        match self.try_candidates(&payload.bytes, deadline) {
            Ok(()) => {
                self.last = (payload.points, payload.bytes.len() as u64);
                self.suspect = false;
                self.pace(deadline);
                Delivery::Accepted
            }
            Err(error) if is_too_long(&error) => Delivery::TooLong,
            Err(error) => Delivery::Refused(self.fault(&error)),
        }
    }

    fn settled(&mut self) -> Settled {
        std::mem::take(&mut self.settled)
    }

    /// On the loopback the kernel would have told if nobody listened.
    fn is_verified(&self) -> bool {
        self.candidates
            .get(self.at)
            .is_some_and(|address| address.ip().to_canonical().is_loopback())
    }

    fn name(&self) -> &'static str {
        "udp"
    }
}

fn open(address: SocketAddr) -> io::Result<UdpSocket> {
    let any: IpAddr = match address {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind((any, 0))?;
    socket.connect(address)?;
    Ok(socket)
}

fn is_passing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(1)
    }

    fn payload() -> Payload {
        let mut payload = Payload::default();
        payload.push_queued("a:1|c");
        payload
    }

    /// A port that refuses, kept from others for as long as the socket lives: it is connected to
    /// somebody else.
    fn nobody(ip: &str) -> UdpSocket {
        let socket = UdpSocket::bind((ip, 0)).unwrap();
        socket.connect((ip, 9)).unwrap();
        socket
    }

    #[test]
    fn a_refusal_is_of_the_datagram_that_was_just_sent() {
        for (host, ip) in [("127.0.0.1", "127.0.0.1"), ("::1", "::1"), ("[::1]", "::1")] {
            let nobody = nobody(ip);
            let mut udp = Udp::new(host, nobody.local_addr().unwrap().port());
            for _ in 0..10 {
                let delivery = udp.deliver(&payload(), soon());
                assert!(matches!(delivery, Delivery::Refused(_)), "{host}: {delivery:?}");
            }
            assert_eq!(udp.settled().unknown, 0);
        }
    }

    #[test]
    fn a_refusal_that_comes_late_is_counted_and_a_probe_goes_first() {
        let agent = UdpSocket::bind("127.0.0.1:0").unwrap();
        let mut udp = Udp::new("127.0.0.1", agent.local_addr().unwrap().port());
        assert!(matches!(udp.deliver(&payload(), soon()), Delivery::Accepted));
        let address = agent.local_addr().unwrap();
        drop(agent);
        // As if the answer to the last payload came only now.
        udp.socket.as_ref().unwrap().send(b"late").unwrap();
        assert!(matches!(udp.deliver(&payload(), soon()), Delivery::Refused(_)));
        let settled = udp.settled();
        assert_eq!((settled.unknown, settled.unknown_bytes), (1, 6));
        assert!(settled.fault.unwrap().contains("nobody listens"));
        let agent = UdpSocket::bind(address).unwrap();
        assert!(matches!(udp.deliver(&payload(), soon()), Delivery::Accepted));
        let mut buffer = [0; 100];
        assert_eq!(agent.recv(&mut buffer).unwrap(), PROBE.len());
        assert_eq!(agent.recv(&mut buffer).unwrap(), payload().bytes.len());
        assert_eq!(udp.settled().unknown, 0);
    }

    #[test]
    fn a_name_is_resolved_again_and_the_socket_bound_anew() {
        let first = UdpSocket::bind("127.0.0.1:0").unwrap();
        let second = UdpSocket::bind("127.0.0.1:0").unwrap();
        let mut udp = Udp::new("127.0.0.1", 1);
        udp.move_to(vec![first.local_addr().unwrap()]);
        udp.deliver(&payload(), soon());
        let mut buffer = [0; 100];
        let (_, port) = first.recv_from(&mut buffer).unwrap();
        // What thirty seconds later DNS would answer.
        udp.move_to(vec![second.local_addr().unwrap()]);
        udp.deliver(&payload(), soon());
        second.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        let (_, new_port) = second.recv_from(&mut buffer).unwrap();
        assert_ne!(port, new_port);
        (udp.host, udp.is_literal) = ("localhost".to_owned(), false);
        udp.resolved_at = Instant::now().checked_sub(RESOLVE_INTERVAL);
        let before = udp.resolved_at;
        let start = Instant::now();
        while udp.resolved_at == before {
            udp.prepare(soon()).unwrap_or_default();
            assert!(start.elapsed() < Duration::from_secs(10), "never resolved again");
        }
    }

    #[test]
    fn the_next_address_is_tried_where_one_refuses() {
        let agent = UdpSocket::bind("127.0.0.1:0").unwrap();
        let vacant = nobody("127.0.0.1");
        let nobody = vacant.local_addr().unwrap();
        let mut udp = Udp::new("127.0.0.1", 1);
        udp.move_to(vec![nobody, nobody, agent.local_addr().unwrap()]);
        assert!(matches!(udp.deliver(&payload(), soon()), Delivery::Accepted));
        // The answer that DNS repeats does not lead back to the dead ones.
        udp.move_to(vec![agent.local_addr().unwrap(), nobody]);
        assert_eq!(udp.at, 0);
    }

    #[test]
    fn many_datagrams_go_out_in_bursts() {
        let agent = UdpSocket::bind("127.0.0.1:0").unwrap();
        let mut udp = Udp::new("127.0.0.1", agent.local_addr().unwrap().port());
        let start = Instant::now();
        (0..MAX_BURST * 10).for_each(|_| _ = udp.deliver(&payload(), soon()));
        assert!(start.elapsed() >= BURST_PAUSE * 10);
    }

    #[test]
    fn what_is_too_long_is_told_apart() {
        let agent = UdpSocket::bind("127.0.0.1:0").unwrap();
        let mut udp = Udp::new("127.0.0.1", agent.local_addr().unwrap().port());
        let mut long = Payload::default();
        long.push_queued(&"x".repeat(70_000));
        assert!(matches!(udp.deliver(&long, soon()), Delivery::TooLong));
        assert!(matches!(udp.deliver(&payload(), soon()), Delivery::Accepted));
    }
}
