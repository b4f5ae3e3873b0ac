//! Frames on a stream: a length of four bytes, little end first, then the payload.

use super::Settled;
use crate::dogstatsd::payload::Payload;
use std::io::{self, ErrorKind, Write};

/// A stream on which a frame may have been begun. While the stream lives, its rest goes out before
/// anything else, so a slow reader loses nothing; if the stream dies, nobody knows.
#[derive(Debug)]
pub(super) struct Framed<W> {
    pub(super) stream: W,
    unfinished: Option<Unfinished>,
}

#[derive(Debug)]
struct Unfinished {
    rest: Vec<u8>,
    lines: u64,
    points: u64,
    bytes: u64,
}

/// How far a frame came.
#[derive(Debug)]
pub(super) enum Written {
    All,
    Some,
    Nothing(io::Error),
}

impl<W: Write> Framed<W> {
    pub(super) fn new(stream: W) -> Self {
        Framed { stream, unfinished: None }
    }

    /// Writes a frame; to be called when nothing is unfinished.
    pub(super) fn write(&mut self, payload: &Payload) -> Written {
        let mut frame = Vec::with_capacity(4 + payload.bytes.len());
        frame.extend_from_slice(&(payload.bytes.len() as u32).to_le_bytes());
        frame.extend_from_slice(&payload.bytes);
        match write_some(&mut self.stream, &frame) {
            (_, None) => Written::All,
            (0, Some(error)) => Written::Nothing(error),
            (written, Some(_)) => {
                self.unfinished = Some(Unfinished {
                    rest: frame.split_off(written),
                    lines: payload.lines,
                    points: payload.points,
                    bytes: payload.bytes.len() as u64,
                });
                Written::Some
            }
        }
    }

    /// Writes what is left of a frame.
    pub(super) fn finish(&mut self, settled: &mut Settled) -> io::Result<()> {
        let Some(unfinished) = &mut self.unfinished else { return Ok(()) };
        let (written, error) = write_some(&mut self.stream, &unfinished.rest);
        unfinished.rest.drain(..written);
        if let Some(error) = error {
            return Err(error);
        }
        settled.delivered += unfinished.lines;
        self.unfinished = None;
        Ok(())
    }

    /// Ends the stream: a frame that was cut may or may not have been of use.
    pub(super) fn abandon(self, settled: &mut Settled) {
        if let Some(unfinished) = self.unfinished {
            settled.unknown += unfinished.points;
            settled.unknown_bytes += unfinished.bytes;
        }
    }
}

/// Writes until all is written or something fails; returns how much was.
fn write_some(stream: &mut impl Write, bytes: &[u8]) -> (usize, Option<io::Error>) {
    let mut written = 0;
    while written < bytes.len() {
        match stream.write(&bytes[written..]) {
            Ok(0) => return (written, Some(ErrorKind::WriteZero.into())),
            Ok(more) => written += more,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return (written, Some(error)),
        }
    }
    (written, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes so many bytes, then fails once in this way, then takes the next so many.
    struct Reluctant {
        rooms: Vec<(usize, ErrorKind)>,
        taken: Vec<u8>,
    }

    impl Write for Reluctant {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let (room, kind) = self.rooms.first_mut().expect("room");
            if *room == 0 {
                let kind = *kind;
                self.rooms.remove(0);
                return Err(kind.into());
            }
            let taken = bytes.len().min(*room);
            *room -= taken;
            self.taken.extend_from_slice(&bytes[..taken]);
            Ok(taken)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn payload() -> Payload {
        let mut payload = Payload::default();
        payload.push_queued("a:1|c");
        payload.push_queued("b:2:3|h");
        payload
    }

    fn framed(rooms: &[(usize, ErrorKind)]) -> Framed<Reluctant> {
        Framed::new(Reluctant { rooms: rooms.to_vec(), taken: Vec::new() })
    }

    #[test]
    fn a_cut_frame_goes_on_where_it_was_cut() {
        for cut in 1..17 {
            let mut framed = framed(&[
                (cut, ErrorKind::WouldBlock),
                (1, ErrorKind::TimedOut),
                (2, ErrorKind::Interrupted),
                (100, ErrorKind::Other),
            ]);
            let mut settled = Settled::default();
            assert!(matches!(framed.write(&payload()), Written::Some), "cut after {cut}");
            assert!(framed.finish(&mut settled).is_err());
            framed.finish(&mut settled).unwrap();
            assert_eq!(framed.stream.taken, b"\x0e\0\0\0a:1|c\nb:2:3|h\n");
            assert_eq!((settled.delivered, settled.unknown), (2, 0));
            framed.abandon(&mut settled);
            assert_eq!((settled.delivered, settled.unknown), (2, 0));
        }
    }

    #[test]
    fn a_stream_that_dies_within_a_frame_leaves_its_points_unknown() {
        let mut framed = framed(&[(5, ErrorKind::BrokenPipe), (0, ErrorKind::BrokenPipe)]);
        let mut settled = Settled::default();
        assert!(matches!(framed.write(&payload()), Written::Some));
        assert!(framed.finish(&mut settled).is_err());
        framed.abandon(&mut settled);
        assert_eq!((settled.delivered, settled.unknown, settled.unknown_bytes), (0, 2, 14));
    }

    #[test]
    fn a_frame_that_was_not_begun_is_nobodys_loss() {
        let mut framed = framed(&[(0, ErrorKind::BrokenPipe)]);
        assert!(matches!(framed.write(&payload()), Written::Nothing(_)));
        let mut settled = Settled::default();
        framed.abandon(&mut settled);
        assert_eq!(settled.unknown, 0);
    }
}
