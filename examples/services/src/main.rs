//! The two services, and what shows them at work; which one says the first argument.

use lightship::Telemetry;
use lightship_services::command_line::Command;
use lightship_services::{classification, seed, upload};
use std::error::Error;
use std::future::Future;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// For what is not sent yet when a service has ended.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);

#[tokio::main]
async fn main() -> ExitCode {
    let run = async {
        match Command::parse(std::env::args().skip(1))? {
            Command::Upload { listen, classification, directory, timeout, until_stdin_ends } => {
                let mut config = upload::Config::new(directory, classification);
                if let Some(timeout) = timeout {
                    config.turn_timeout = timeout;
                    config.classification_timeout = timeout;
                }
                let telemetry = lightship::init("upload-service")?;
                let listener = listen_at(listen, &telemetry).await?;
                let served = upload::serve(config, listener, told_to_stop(until_stdin_ends)).await;
                telemetry.shutdown_async(SHUTDOWN_TIMEOUT).await;
                Ok(served?)
            }
            Command::Classification { listen, until_stdin_ends } => {
                let telemetry = lightship::init("classification-service")?;
                let listener = listen_at(listen, &telemetry).await?;
                let config = classification::Config::default();
                let stop = told_to_stop(until_stdin_ends);
                let served = classification::serve(config, listener, stop).await;
                telemetry.shutdown_async(SHUTDOWN_TIMEOUT).await;
                Ok(served?)
            }
            Command::SeedTrace { rounds, print } => seed::run(rounds, print).await,
        }
    };
    let ended: Result<(), Box<dyn Error>> = run.await;
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            let mut cause = error.source();
            while let Some(error) = cause {
                eprintln!("because {error}");
                cause = error.source();
            }
            ExitCode::FAILURE
        }
    }
}

/// Says where on standard output, which whoever started this may wait for.
async fn listen_at(
    address: SocketAddr,
    telemetry: &Telemetry,
) -> Result<TcpListener, Box<dyn Error>> {
    let listener = TcpListener::bind(address).await?;
    if let Some(page) = telemetry.admin_addr() {
        println!("{}http://{page}/metrics", seed::METRICS_AT);
    }
    println!("{}http://{}", seed::LISTENING_AT, listener.local_addr()?);
    Ok(listener)
}

/// Ends at a signal that asks for an end, or with the standard input of whoever started this.
fn told_to_stop(until_stdin_ends: bool) -> impl Future<Output = ()> + Send + 'static {
    let input = until_stdin_ends.then(|| {
        let (ended, end) = oneshot::channel();
        // A thread of its own: the runtime would wait for one of its threads that reads.
        std::thread::spawn(move || {
            // It ends either way.
            let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
            let _ = ended.send(());
        });
        end
    });
    let input_ended = async {
        match input {
            Some(end) => drop(end.await),
            None => std::future::pending().await,
        }
    };
    async move {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            () = terminated() => {}
            () = input_ended => {}
        }
    }
}

#[cfg(unix)]
async fn terminated() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut signal) => drop(signal.recv().await),
        Err(_) => std::future::pending().await,
    }
}

#[cfg(not(unix))]
async fn terminated() {
    std::future::pending().await
}
