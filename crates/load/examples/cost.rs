//! What the generator itself takes: `cost [SESSIONS] [SECONDS] [json|binary]`, against a server that only takes.

#![allow(clippy::print_stdout, reason = "its result is a line")]

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use bedside_load::figures::FigureName;
use bedside_load::{Clip, LoadError, Material, Plan, Scenario, Target};
use futures::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio_tungstenite::accept_async;
use tokio_tungstenite::tungstenite::{Error, Message};

fn main() -> Result<(), LoadError> {
    let mut words = std::env::args().skip(1);
    let sessions: u32 = words.next().and_then(|word| word.parse().ok()).unwrap_or(1_000);
    let seconds: f64 = words.next().and_then(|word| word.parse().ok()).unwrap_or(20.0);
    let media = words.next().unwrap_or_else(|| "json".to_owned());
    let text = format!(
        "name='cost'\nsessions={sessions}\nduration_s={seconds}\nwarm_up_s={}\narrival={{kind='ramp',over_s={}}}\n\
         kinds={{voice=1}}\nvoice={{media='{media}'}}",
        seconds / 3.0,
        seconds / 4.0,
    );
    let scenario = Scenario::parse(&text)?;
    let words = Clip {
        samples: vec![8_000; 48_000],
        rate_hz: 24_000,
    };
    let plan = Plan {
        material: Arc::new(Material::prepare(&scenario, &[words])?),
        scenario,
        text,
        threads: 1,
    };
    let target = Target {
        url: format!("ws://{}", sink()?),
        ..Target::default()
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let run = runtime.block_on(bedside_load::run(&plan, &target, |_| {}))?;
    let counted = run.seconds - seconds / 3.0;
    if let Some(lag) = run.figures.get(&FigureName::OwnLag) {
        let cpu_us = run.generator.cpu_share * counted * 1e6;
        println!(
            "{} sessions: {:.1} µs a frame, {:.0} % of a core, own lag p50 {:.2} p99 {:.2} ms, {} frames, {:?}",
            run.sessions.most_at_once,
            cpu_us / lag.count as f64,
            run.generator.cpu_share * 100.0,
            lag.p50,
            lag.p99,
            lag.count,
            run.generator.invalid,
        );
    }
    Ok(())
}

/// A server on a thread of its own that sets sessions up and takes what comes.
fn sink() -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    std::thread::spawn(move || {
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener)?;
            loop {
                let (stream, _) = listener.accept().await?;
                tokio::spawn(take(stream));
            }
            #[allow(unreachable_code, reason = "says what may go wrong")]
            std::io::Result::Ok(())
        })
    });
    Ok(address)
}

async fn take(stream: TcpStream) -> Result<(), Error> {
    let mut socket = accept_async(stream).await?;
    socket
        .send(Message::text(r#"{"type":"session.created"}"#))
        .await?;
    while let Some(message) = socket.next().await {
        if message?
            .to_text()
            .is_ok_and(|text| text.contains("session.update"))
        {
            socket
                .send(Message::text(r#"{"type":"session.updated"}"#))
                .await?;
        }
    }
    Ok(())
}
