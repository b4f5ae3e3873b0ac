//! OTLP over HTTP/1.1, with a connection that is kept.

use super::connect::Connector;
use super::exchange::{Broken, Reply, exchange};
use super::place::Place;
use super::socket::{Socket, Stream};
use super::{Patience, Wire, fault, status, tls};
use crate::config::settings::{OtlpEndpoint, OtlpTarget, Secret};
use crate::otlp::answer::{Verdict, Wait};
use crate::otlp::request::Request;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};
use std::io::{self, Read};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A connection that nobody used for this long is not used again: servers close them unannounced.
const MAX_IDLE: Duration = Duration::from_secs(20);
/// What belongs to the framing, and is not for a setting to say.
const FRAMING: [HeaderName; 6] = [
    header::CONTENT_TYPE,
    header::CONTENT_ENCODING,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::CONNECTION,
    header::EXPECT,
];

#[derive(Debug)]
pub(super) struct Http {
    target: OtlpTarget,
    place: Place,
    connector: Connector,
    /// Read once it is needed.
    tls: Option<Arc<ClientConfig>>,
    kept: Option<Connection>,
}

#[derive(Debug)]
struct Connection {
    link: Link,
    used: Instant,
}

#[derive(Debug)]
enum Link {
    Plain(Stream),
    Tls(Box<StreamOwned<ClientConnection, Stream>>),
}

impl Http {
    pub(super) fn new(target: &OtlpTarget) -> Self {
        Http {
            target: target.clone(),
            place: Place::new(target),
            connector: Connector::new(target.endpoint.clone()),
            tls: None,
            kept: None,
        }
    }

    /// The kept connection if it is still good, else a new one; the reason if there is none.
    fn connection(&mut self, patience: &Patience) -> Result<Connection, String> {
        let kept = self.kept.take().filter(|kept| kept.used.elapsed() < MAX_IDLE);
        if let Some(mut kept) = kept
            && kept.link.is_silent()
        {
            kept.link.stream().set_patience(patience.clone());
            return Ok(kept);
        }
        // Before dialling: without certificates there is no use in it.
        let tls = self.tls()?;
        let socket = self
            .connector
            .connect(patience)
            .map_err(|why| fault::unconnected(&why, &self.place, &self.target.endpoint))?;
        let link = match tls {
            Some((config, name)) => self.handshake(socket, config, name, patience)?,
            None => Link::Plain(Stream::new(socket, patience.clone())),
        };
        Ok(Connection { link, used: Instant::now() })
    }

    fn tls(&mut self) -> Result<Option<(Arc<ClientConfig>, ServerName<'static>)>, String> {
        let OtlpEndpoint::Tcp { tls: true, host, .. } = &self.target.endpoint else {
            return Ok(None);
        };
        let name = ServerName::try_from(host.clone()).map_err(|_| {
            format!("{} has no name that a certificate could have", self.place.name)
        })?;
        let config = match &self.tls {
            Some(config) => Arc::clone(config),
            None => Arc::clone(self.tls.insert(tls::client(&self.target.tls)?)),
        };
        Ok(Some((config, name)))
    }

    fn handshake(
        &self,
        socket: Socket,
        config: Arc<ClientConfig>,
        name: ServerName<'static>,
        patience: &Patience,
    ) -> Result<Link, String> {
        let mut stream = Stream::new(socket, patience.clone());
        let mut session = ClientConnection::new(config, name)
            .map_err(|error| format!("TLS with {} is not possible ({error})", self.place.name))?;
        while session.is_handshaking() {
            session
                .complete_io(&mut stream)
                .map_err(|error| fault::handshake(&error, &self.place))?;
        }
        Ok(Link::Tls(Box::new(StreamOwned::new(session, stream))))
    }

    fn head(&self, request: &Request, path: &str) -> Result<http::Request<()>, String> {
        let uri = match &self.target.endpoint {
            OtlpEndpoint::Tcp { tls, .. } => {
                let scheme = if *tls { "https" } else { "http" };
                format!("{scheme}://{}{path}", self.place.name)
            }
            OtlpEndpoint::Unix { .. } => format!("http://localhost{path}"),
        };
        let mut head = http::Request::post(uri).body(()).map_err(|error| {
            format!("{} is no address for a request ({error})", self.place.name)
        })?;
        *head.headers_mut() = headers(&self.target.headers, request);
        Ok(head)
    }

    fn broken(&self, broken: Broken) -> Verdict {
        let name = &self.place.name;
        match broken {
            Broken::Unsent(error) | Broken::Unanswered(error) if fault::is_alert(&error) => {
                not_taken(fault::handshake(&error, &self.place), Wait::Nobody)
            }
            Broken::Unsent(error) if fault::is_timeout(&error) => {
                not_taken(format!("{name} does not read what it is sent"), Wait::Later)
            }
            Broken::Unsent(error) => {
                not_taken(format!("{name} closed the connection ({error})"), Wait::Later)
            }
            Broken::Unanswered(error) if fault::is_timeout(&error) => {
                Verdict::Unknown { reason: format!("{name} did not answer in time") }
            }
            Broken::Unanswered(error) => Verdict::Unknown {
                reason: format!("{name} closed the connection without an answer ({error})"),
            },
            Broken::Garbage => not_taken(
                format!(
                    "{name} does not answer in HTTP/1.1; is it a port for gRPC or TLS? Set {} or \
                     OTEL_EXPORTER_OTLP_PROTOCOL",
                    fault::ENDPOINT
                ),
                Wait::Nobody,
            ),
            Broken::Malformed(why) => Verdict::Refused {
                reason: format!("a request to {name} could not be made ({why})"),
            },
        }
    }
}

impl Wire for Http {
    fn send(&mut self, request: &Request, path: &str, patience: &Patience) -> Verdict {
        let head = match self.head(request, path) {
            Ok(head) => head,
            Err(reason) => return not_taken(reason, Wait::Nobody),
        };
        let mut connection = match self.connection(patience) {
            Ok(connection) => connection,
            Err(reason) => return not_taken(reason, Wait::Nobody),
        };
        let reply = match &mut connection.link {
            Link::Plain(stream) => exchange(stream, head, &request.body),
            Link::Tls(stream) => exchange(stream, head, &request.body),
        };
        match reply {
            Ok(reply) => {
                self.keep(connection, &reply);
                status::judge(&reply, request, &self.place, path)
            }
            Err(broken) => self.broken(broken),
        }
    }
}

impl Http {
    fn keep(&mut self, connection: Connection, reply: &Reply) {
        let used = Instant::now();
        self.kept = reply.is_reusable.then_some(Connection { used, ..connection });
    }
}

impl Link {
    fn stream(&mut self) -> &mut Stream {
        match self {
            Link::Plain(stream) => stream,
            Link::Tls(stream) => &mut stream.sock,
        }
    }

    /// Whether the other side neither closed it nor sent what nobody asked for.
    fn is_silent(&mut self) -> bool {
        let mut byte = [0];
        let probed = self.stream().set_probing(true).and_then(|()| match self {
            Link::Plain(stream) => stream.read(&mut byte),
            Link::Tls(stream) => stream.read(&mut byte),
        });
        let is_silent = matches!(probed, Err(error) if error.kind() == io::ErrorKind::WouldBlock);
        self.stream().set_probing(false).is_ok() && is_silent
    }
}

/// The settings' headers, between those of ours that they may replace and those that they may not.
fn headers(settings: &[(String, Secret)], request: &Request) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in settings {
        let name = HeaderName::from_bytes(name.as_bytes());
        let value = HeaderValue::from_str(value.expose());
        if let (Ok(name), Ok(mut value)) = (name, value)
            && !FRAMING.contains(&name)
        {
            value.set_sensitive(true);
            headers.append(name, value);
        }
    }
    let agent = concat!("lightship/", env!("CARGO_PKG_VERSION"));
    headers.entry(header::USER_AGENT).or_insert(HeaderValue::from_static(agent));
    let protobuf = HeaderValue::from_static("application/x-protobuf");
    headers.insert(header::CONTENT_TYPE, protobuf);
    if request.gzipped {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    headers.insert(header::CONTENT_LENGTH, request.body.len().into());
    headers
}

fn not_taken(reason: String, wait: Wait) -> Verdict {
    Verdict::NotTaken { reason, wait }
}
