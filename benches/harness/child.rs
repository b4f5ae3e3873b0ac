//! Parts of a bench that are processes of their own: this program, started anew.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

/// This program, as a child with a part of its own.
pub(crate) fn child(part: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this program has a path"));
    command.arg(part);
    command
}

/// A child that serves at an address which it says first, until its standard input is closed: when
/// this is dropped, or this process ends.
pub(crate) struct Server {
    pub(crate) child: Child,
    pub(crate) output: BufReader<ChildStdout>,
    address: String,
}

impl Server {
    pub(crate) fn start(part: &str) -> Self {
        let mut child = child(part)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("this program can start itself");
        let mut output = BufReader::new(child.stdout.take().expect("it was piped"));
        let mut address = String::new();
        output.read_line(&mut address).expect("the child says its address");
        Server { child, output, address: address.trim().to_owned() }
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        // It may have ended already; there is nobody to tell.
        let _ = self.child.wait();
    }
}
